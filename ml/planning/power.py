"""Units that a two-sided test needs, and the effects it can detect: exact t power from statsmodels.

A unit is what is randomised: a client, or a station with its clients. Effects are in standard deviations of a unit.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from ml.tables.intervals import SIGNIFICANCE

MIN_UNITS_PER_ARM = 10
"""Smaller arms are compared without the covariate (`ml.trials.contrasts`), and few stations balance poorly."""


def normal_factor(power_prob: np.ndarray) -> np.ndarray:
    """``(z₁₋α⁄₂ + z_power)²``: 7.85 for a power of 0.8."""
    return (_critical() + stats.norm.ppf(power_prob)) ** 2


def units_needed(effect: np.ndarray, power_prob: np.ndarray, control_share: np.ndarray) -> np.ndarray:
    """Smallest number of units, both arms together, at which the t test has the power.

    Parameters
    ----------
    effect : ndarray of shape (rows,)
        Positive; in standard deviations of a unit.
    power_prob, control_share : ndarray of shape (rows,)

    Returns
    -------
    ndarray of shape (rows,)
        At least `MIN_UNITS_PER_ARM` in the smaller arm. The search starts from the normal approximation with Guenther's
        (1981) correction, ``normal_factor / (share · (1 − share) · effect²) + z² / 2``, which is within one unit of the
        result.
    """
    start = normal_factor(power_prob) / (control_share * (1 - control_share) * effect**2) + _critical() ** 2 / 2
    least = np.asarray(least_units(control_share))
    candidates = np.maximum(np.ceil(start)[:, None] + np.arange(-2, 3), least[:, None])
    reached = power(effect[:, None], candidates, control_share[:, None]) >= power_prob[:, None]
    # If no candidate reaches it, e.g. when the t distribution overflows, use the normal approximation.
    first = np.where(reached.any(axis=1), reached.argmax(axis=1), 2)
    return candidates[np.arange(len(first)), first]


def detectable(units: float, power_prob: float, control_share: float) -> float:
    """Smallest effect that this many units detect, in standard deviations of a unit; NaN below `least_units`."""
    if units < least_units(control_share):
        return np.nan
    control, ratio = units * control_share, (1 - control_share) / control_share
    effect = TTestIndPower().solve_power(None, control, SIGNIFICANCE, power_prob, ratio, "two-sided")
    return float(np.squeeze(effect))


def power(effect: np.ndarray, units: np.ndarray, control_share: np.ndarray) -> np.ndarray:
    """Probability that the two-sided t test detects an effect."""
    ratio = (1 - control_share) / control_share
    return TTestIndPower().power(effect, units * control_share, SIGNIFICANCE, ratio=ratio, alternative="two-sided")


def least_units(control_share: np.ndarray | float) -> np.ndarray | float:
    """Units at which the smaller arm has `MIN_UNITS_PER_ARM`."""
    return np.ceil(MIN_UNITS_PER_ARM / np.minimum(control_share, 1 - control_share) - 1e-9)


def _critical() -> float:
    return float(stats.norm.ppf(1 - SIGNIFICANCE / 2))
