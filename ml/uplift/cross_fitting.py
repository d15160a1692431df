"""Cross-fitting: folds, and predictions of rows by models that were not trained on them."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.base import BaseEstimator


def arm_folds(treatment: np.ndarray, folds: int) -> np.ndarray:
    """Assign rows to folds round-robin within each arm, shape (rows,); each fold gets the same share of an arm."""
    fold = np.empty(len(treatment), dtype=np.int64)
    for arm in (0, 1):
        rows = np.flatnonzero(treatment == arm)
        fold[rows] = np.arange(len(rows)) % folds
    return fold


def group_folds(group_id: np.ndarray, treatment: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Assign rows to folds, shape (rows,), keeping randomised groups whole and the arms balanced."""
    groups, group = np.unique(group_id, return_inverse=True)
    order = rng.permutation(len(groups))
    arm = np.zeros(len(groups), dtype=np.int64)
    arm[group] = treatment
    fold = np.empty(len(groups), dtype=np.int64)
    fold[order] = arm_folds(arm[order], folds)
    return fold[group]


def cross_fit(
    X: np.ndarray,
    y: np.ndarray,
    fold: np.ndarray,
    subsets: Sequence[np.ndarray],
    train: Callable[[np.ndarray, np.ndarray], BaseEstimator],
) -> np.ndarray:
    """Predict each row with models trained on the other folds.

    Parameters
    ----------
    X : ndarray of shape (rows, columns)
    y, fold : ndarrays of shape (rows,)
    subsets : sequence of ndarray of bool, shape (rows,)
        Rows that each model may be trained on, one mask per model.
    train : callable
        ``train(X, y)`` returns a fitted regressor.

    Returns
    -------
    ndarray of shape (models, rows)
        0 where there were no rows to train on.
    """
    predicted = np.zeros((len(subsets), len(y)))
    for part in np.unique(fold):
        held_out = fold == part
        for model, subset in enumerate(subsets):
            rows = subset & ~held_out
            if rows.any():
                predicted[model, held_out] = train(X[rows], y[rows]).predict(X[held_out])
    return predicted
