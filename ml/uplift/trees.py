"""Boosted trees with the settings shared by all effect learners."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor


def boosted_trees(
    X: np.ndarray, y: np.ndarray, *, rounds: int, leaves: int, rows_per_leaf: int, l2: float = 0.0
) -> HistGradientBoostingRegressor:
    """Fit `rounds` boosted trees to X of shape (rows, columns), NaN for missing values, and y of shape (rows,).

    A tree has at most `leaves` leaves of at least `rows_per_leaf` rows; `l2` is the L2 penalty on leaf values.
    """
    # Columns without any value cannot be binned; as constants they are never split on.
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
