"""How many visits a client may come to make."""

import numpy as np
from scipy import special

from ml.tables.intervals import LEVEL


def count_interval(
    alive: np.ndarray, leaving: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of the number of visits in a horizon.

    No visits if gone, any part of them if leaving meanwhile, else a count of this mean and variance.

    Parameters
    ----------
    alive, leaving : ndarray, shape (clients,)
        Probability to be a client, and of one who is to leave within the horizon.
    mean, variance : ndarray, shape (clients,)
        Of the visits of a client that stays throughout.

    Returns
    -------
    tuple of ndarray
        Quantiles at 2.5 % and 97.5 %, whole numbers.
    """

    def distribution(count: np.ndarray) -> np.ndarray:
        part = np.minimum((count + 1) / np.maximum(mean, 1e-300), 1)
        stays = (1 - leaving) * _count_distribution(count, mean, variance)
        return (1 - alive) + alive * (leaving * part + stays)

    found = []
    for level in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        low = np.full(len(mean), -1.0)
        high = np.ceil(mean + 12 * np.sqrt(variance + mean) + 10)
        while (is_open := high - low > 1).any():
            middle = np.floor((low + high) / 2)
            is_enough = distribution(middle) >= level
            low, high = np.where(is_open & ~is_enough, middle, low), np.where(is_open & is_enough, middle, high)
        found.append(high)
    return found[0], found[1]


def _count_distribution(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """P(visits ≤ count): negative binomial where counts vary more than by chance, else visits at gamma gaps."""
    mean = np.maximum(mean, 1e-12)
    excess = np.maximum(variance - mean, 1e-9 * mean)
    size = mean**2 / excess
    wide = special.betainc(size, count + 1, size / (size + mean))
    regular = np.maximum(mean / np.maximum(variance, 1e-12), 1)
    narrow = special.gammaincc(regular * (count + 1), regular * (mean + (1 - 1 / regular) / 2))
    return np.where(variance > mean * (1 + 1e-6), wide, narrow)
