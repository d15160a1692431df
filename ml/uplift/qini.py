"""Ranking quality of predicted effects: area under the Qini curve (Radcliffe 2007), as in scikit-uplift.

The curve takes clients in descending order of predicted effect and accumulates the gain of the treated over the
control, the latter scaled to the size of the former; clients with equal predictions enter together. The area above the
diagonal is divided by that of the best possible ranking: 0 is a random order, 1 the best one, negative worse than
random.
"""

import numpy as np
from numpy.typing import ArrayLike

from ml.tables.errors import InvalidValueError
from ml.tables.intervals import LEVEL, Estimate
from ml.uplift.inputs import check_arms, check_lengths, check_numbers, check_treatment

RESAMPLES = 500


def qini_auc(y: ArrayLike, uplift: ArrayLike, treatment: ArrayLike) -> float:
    """Qini coefficient, equal to `sklift.metrics.qini_auc_score` (scikit-uplift 0.5.1, negative effects allowed).

    Parameters
    ----------
    y : array-like of shape (rows,)
        Outcome: binary or, unlike in scikit-uplift, any number. The best ranking follows its formula: by the outcome
        for treated clients, by its negative for control clients, so that those who add most to the curve come first.
    uplift : array-like of shape (rows,)
        Predicted effects; only their order matters.
    treatment : array-like of shape (rows,)
        0 or 1.

    Returns
    -------
    float
        NaN where no ranking is better than another (all outcomes are 0).

    Raises
    ------
    InvalidValueError
        If lengths differ, an arm is empty, or a value is missing, infinite or not allowed.
    """
    return _coefficient(*_checked(y, uplift, treatment))


def qini_interval(
    y: ArrayLike, uplift: ArrayLike, treatment: ArrayLike, *, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Estimate:
    """Qini coefficient with a 95 % percentile bootstrap interval over clients.

    The arms are resampled separately, as a trial fixes their sizes. The predictions are taken as given, so the learner
    must be fitted on other clients.

    Parameters
    ----------
    y, uplift, treatment : array-likes of shape (rows,)
        As for `qini_auc`.
    rng : numpy.random.Generator
    resamples : int

    Returns
    -------
    ml.tables.intervals.Estimate
        Without an interval (NaN) if all resamples are equal.

    Raises
    ------
    InvalidValueError
        As for `qini_auc`, or if `resamples` is less than 2.
    """
    if resamples < 2:
        raise InvalidValueError("resamples", resamples, "qini_interval", "an integer, 2 or more")
    y, uplift, treatment = _checked(y, uplift, treatment)
    arms = [np.flatnonzero(treatment == arm) for arm in (0, 1)]
    drawn = np.empty(resamples)
    for i in range(resamples):
        rows = np.concatenate([rng.choice(arm, len(arm)) for arm in arms])
        drawn[i] = _coefficient(y[rows], uplift[rows], treatment[rows])
    known = drawn[np.isfinite(drawn)]
    # Identical draws, as with one client per arm, do not estimate the spread.
    varies = len(known) > 0 and np.ptp(known) > 0
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if varies else (np.nan, np.nan)
    return Estimate(_coefficient(y, uplift, treatment), float(low), float(high))


def qini_curve(y: ArrayLike, uplift: ArrayLike, treatment: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Points of the Qini curve: number of clients taken, from 0 to all, and the gain of the treated among them.

    The origin and one point per distinct prediction. Parameters and errors as for `qini_auc`.
    """
    return _curve(*_checked(y, uplift, treatment))


def _curve(y: np.ndarray, uplift: np.ndarray, treatment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-uplift, kind="stable")
    y, uplift, treatment = y[order], uplift[order], treatment[order]
    last = np.append(np.flatnonzero(np.diff(uplift)), len(uplift) - 1)
    taken = last + 1
    treated = np.cumsum(treatment)[last]
    control = taken - treated
    gained = np.cumsum(y * treatment)[last]
    without = np.cumsum(y * (1 - treatment))[last]
    ratio = np.divide(treated, control, out=np.zeros(len(taken)), where=control > 0)
    return np.append(0, taken), np.append(0.0, gained - without * ratio)


def _area(y: np.ndarray, ranking: np.ndarray, treatment: np.ndarray) -> float:
    """Area between the curve and the diagonal to its end point."""
    taken, gain = _curve(y, ranking, treatment)
    return float(np.trapezoid(gain, taken) - taken[-1] * gain[-1] / 2)


def _coefficient(y: np.ndarray, uplift: np.ndarray, treatment: np.ndarray) -> float:
    best = _area(y, y * (2 * treatment - 1), treatment)
    return _area(y, uplift, treatment) / best if best != 0 else np.nan


def _checked(y: ArrayLike, uplift: ArrayLike, treatment: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, uplift = check_numbers(y, "y"), check_numbers(uplift, "uplift")
    treatment = check_treatment(treatment)
    check_lengths(y=y, uplift=uplift, treatment=treatment)
    check_arms(treatment, 1)
    return y, uplift, treatment
