"""Interval of the number of visits of a client."""

import numpy as np
from scipy import special

from ml.tables.intervals import LEVEL


def count_interval(
    alive: np.ndarray, leaving: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of the number of visits in a horizon.

    The count is 0 for a client who has left, spread evenly up to `mean` for one leaving within the horizon, and
    otherwise distributed with the given mean and variance.

    Parameters
    ----------
    alive, leaving : ndarray, shape (clients,)
        Probability of being active, and of an active client leaving within the horizon.
    mean, variance : ndarray, shape (clients,)
        Moments of the number of visits of a client that stays.

    Returns
    -------
    tuple of ndarray
        Quantiles at 2.5 % and 97.5 %, whole numbers.
    """

    def distribution(count: np.ndarray) -> np.ndarray:
        part = np.minimum((count + 1) / np.maximum(mean, 1e-300), 1)
        stays = (1 - leaving) * _count_distribution(count, mean, variance)
        return (1 - alive) + alive * (leaving * part + stays)

    quantiles = []
    for level in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        low = np.full(len(mean), -1.0)
        high = np.ceil(mean + 12 * np.sqrt(variance + mean) + 10)
        while (is_open := high - low > 1).any():
            middle = np.floor((low + high) / 2)
            is_enough = distribution(middle) >= level
            low, high = np.where(is_open & ~is_enough, middle, low), np.where(is_open & is_enough, middle, high)
        quantiles.append(high)
    return quantiles[0], quantiles[1]


def _count_distribution(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """P(visits ≤ count): negative binomial if overdispersed, otherwise a renewal process with gamma gaps."""
    mean = np.maximum(mean, 1e-12)
    excess = np.maximum(variance - mean, 1e-9 * mean)
    size = mean**2 / excess
    wide = special.betainc(size, count + 1, size / (size + mean))
    regular = np.maximum(mean / np.maximum(variance, 1e-12), 1)
    narrow = special.gammaincc(regular * (count + 1), regular * (mean + (1 - 1 / regular) / 2))
    return np.where(variance > mean * (1 + 1e-6), wide, narrow)
