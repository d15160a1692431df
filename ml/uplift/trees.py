"""Boosted trees with the settings that all learners of effects share."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor


def boosted_trees(
    X: np.ndarray, y: np.ndarray, *, rounds: int, leaves: int, rows_per_leaf: int, l2: float = 0.0
) -> HistGradientBoostingRegressor:
    """Fit `rounds` shallow trees of at most `leaves` leaves; NaN in X is a missing value.

    Parameters
    ----------
    X : ndarray of shape (rows, columns)
    y : ndarray of shape (rows,)
    rounds, leaves, rows_per_leaf : int
    l2 : float
        Penalty of the leaves' values.
    """
    # Columns without any value cannot be binned; as constants they are never split.
    X = np.where(np.isnan(X).all(axis=0), 0.0, X)
    return HistGradientBoostingRegressor(
        learning_rate=0.15,
        max_iter=rounds,
        max_leaf_nodes=leaves,
        min_samples_leaf=rows_per_leaf,
        l2_regularization=l2,
        max_bins=63,
        early_stopping=False,
    ).fit(X, y)
