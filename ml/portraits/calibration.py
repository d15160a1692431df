"""Making probabilities honest: a power of the posterior, chosen by how sure the posterior is of itself.

Portraits that overlap make the mixture surer than it is right, the more so the more they overlap. How much was measured
on synthetic twins (docs/portraits.md), where the truth is known; on a network's own clients nothing checks it.
"""

import numpy as np

MEAN_PROBABILITY = (0.872, 0.8965, 0.925, 0.9575)
POWER = (0.41, 0.54, 0.595, 0.68)
"""The power at which the mean top probability is the share that is right, by the mean top probability before it."""


def power_for(score: np.ndarray) -> float:
    """Return the power for a posterior.

    Parameters
    ----------
    score : ndarray, shape (clients, portraits)
        Rows add up to 1.
    """
    return float(np.interp(score.max(axis=1).mean(), MEAN_PROBABILITY, POWER))


def calibrated(score: np.ndarray, power: float) -> np.ndarray:
    """Raise probabilities to a power (0–1 makes them more doubtful), and normalise; the order stays.

    Parameters
    ----------
    score : ndarray, shape (clients, portraits)
        Rows add up to 1.
    power : float
        Above 0.
    """
    raised = np.power(score, power)
    return raised / raised.sum(axis=1, keepdims=True)
