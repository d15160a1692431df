"""Vectorised draws that numpy lacks: categories by group, and beta variables by mean and concentration."""

import numpy as np


def cumulative_table(weights: np.ndarray) -> np.ndarray:
    """Flatten rows of weights into one ascending array for `pick_by_group`.

    Parameters
    ----------
    weights : ndarray, shape (groups, categories)
        Non-negative; each row has a positive sum.

    Returns
    -------
    ndarray, shape (groups * categories,)
        Row g holds its cumulative shares + g, so that one ``searchsorted`` serves all groups.
    """
    shares = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    shares[:, -1] = 1.0
    return (shares + np.arange(len(weights))[:, None]).ravel()


def pick_by_group(table: np.ndarray, categories: int, group: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Draw a category for each row from the shares of its group.

    Parameters
    ----------
    table : ndarray
        From `cumulative_table`.
    categories : int
        Categories per group.
    group, uniform : ndarray, shape (n,)
        Group of each row, and a draw in [0, 1).

    Returns
    -------
    ndarray of int, shape (n,)
    """
    flat = np.searchsorted(table, group + uniform, side="right")
    return np.minimum(flat - group * categories, categories - 1)


def beta_by_mean(rng: np.random.Generator, mean: np.ndarray, concentration: np.ndarray) -> np.ndarray:
    """Draw beta variables with the given mean; higher concentration means less spread. Shapes (n,)."""
    return rng.beta(mean * concentration, (1 - mean) * concentration)


def row_numbers(counts: np.ndarray) -> np.ndarray:
    """Number the rows of each owner from 0: counts [2, 3] → [0, 1, 0, 1, 2]."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
