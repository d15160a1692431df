"""Expected visits of a client with gamma distributed gaps, given the time since its last visit.

With gaps of mean 1 and shape k (1: Poisson process; large: regular) the expected number of visits in the next h after a
silence of w is the delayed renewal function. It is solved once per shape on a grid and interpolated. Libraries offer
BG/NBD and its kin, whose visits are Poisson: its errors are larger, most of all for regular visits (docs/forecast.md).
"""

from functools import lru_cache

import numpy as np
from scipy import special

STEP = 1 / 32
"""Step of the grid, in mean gaps."""
HORIZON = 8.0
"""Mean gaps beyond which the asymptote is used: one visit per mean gap plus a constant."""
SILENCE = 4.0
"""Longest silence of the grid, in mean gaps; longer ones are treated as this long."""
_EVERY = 4
"""Grid steps per step of the silence."""

_SURVIVAL_STEPS = 8192
_LOG_MIN = -600.0


def survival(shape: float, value: np.ndarray) -> np.ndarray:
    """Regularised upper incomplete gamma function Q(shape, value), interpolated; relative error below 1e-4.

    Q is limited to about 1e-260 from below. Ten times as fast as scipy's function, which would dominate the run time of
    a forecast.
    """
    power, step, table = _log_survival(float(shape))
    position = np.minimum((np.sqrt(value) if power == 0.5 else value**power) / step, _SURVIVAL_STEPS - 1e-6)
    left = position.astype(np.int64)
    low = table[left]
    return np.exp(low + (table[left + 1] - low) * (position - left))


@lru_cache(maxsize=64)
def _log_survival(shape: float) -> tuple[float, float, np.ndarray]:
    """Log of Q on an even grid of a power of its argument, chosen so that it is smooth at 0: (power, step, log Q)."""
    power = min(shape, 0.5)
    low, high = 0.0, shape + 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if special.gammaincc(shape, middle) > np.exp(_LOG_MIN) else (low, middle)
    step = low**power / _SURVIVAL_STEPS
    grid = (np.arange(_SURVIVAL_STEPS + 1) * step) ** (1 / power)
    return power, step, np.log(special.gammaincc(shape, grid))


@lru_cache(maxsize=64)
def excess_table(shape: float) -> np.ndarray:
    """Expected visits in excess of one per mean gap, for gaps of gamma shape `shape`.

    Returns
    -------
    ndarray, shape (silences, horizons)
        E[visits in h | silent for w] − h; w from 0 to `SILENCE` in steps of 4 `STEP`, h from 0 to `HORIZON` in steps of
        `STEP`. 0 everywhere for shape 1.
    """
    horizons = np.arange(0, HORIZON + STEP / 2, STEP)
    edges = np.arange(0, HORIZON + SILENCE + STEP, STEP)
    survival = special.gammaincc(shape, shape * edges)
    mass = -np.diff(survival)[: len(horizons)]
    # Renewal equation from a visit on: the end of the first gap, and the visits after it. Within a grid step a gap ends
    # in the middle on average, so the count there is the mean of the two grid points.
    count = np.zeros(len(horizons))
    for i in range(1, len(horizons)):
        later = mass[:i] @ (count[i - 1 :: -1] + count[i:0:-1]) / 2
        implicit = mass[0] / 2 * count[i]
        count[i] = (mass[:i].sum() + later - implicit) / (1 - mass[0] / 2)
    middle = np.concatenate([[0.0], (count[1:] + count[:-1]) / 2])
    result: list[np.ndarray] = []
    for start in range(0, round(SILENCE / STEP) + 1, _EVERY):
        remaining = survival[start]
        if remaining < 1e-280:
            result.append(result[-1])
            continue
        ends = -np.diff(survival[start : start + len(horizons)]) / remaining
        first = np.concatenate([[0.0], np.cumsum(ends)])
        later = np.convolve(ends, middle[1:])[: len(ends)]
        result.append(first + np.concatenate([[0.0], later]) - horizons)
    return np.array(result)


def expected_count(shape: float, horizon: np.ndarray, silence: np.ndarray) -> np.ndarray:
    """Expected visits of a client that stays, shape of `horizon`; at least 0.

    Parameters
    ----------
    shape : float
        Gamma shape of the gaps.
    horizon, silence : ndarray
        In mean gaps, of equal shape.
    """
    table = excess_table(float(shape))
    row = np.minimum(silence, SILENCE) / (STEP * _EVERY)
    column = np.minimum(horizon, HORIZON) / STEP
    top, left = (
        np.minimum(row.astype(np.int64), len(table) - 2),
        np.minimum(column.astype(np.int64), table.shape[1] - 2),
    )
    down, right = row - top, column - left
    width = table.shape[1]
    flat, index = table.ravel(), top * width + left
    upper = flat[index] * (1 - right) + flat[index + 1] * right
    lower = flat[index + width] * (1 - right) + flat[index + width + 1] * right
    return np.maximum(horizon + upper * (1 - down) + lower * down, 0)
