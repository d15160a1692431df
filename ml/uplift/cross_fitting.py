"""Cross-fitting: folds, predictions of rows that a model has not seen, and the doubly robust score made of them."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.base import BaseEstimator


def arm_folds(treatment: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each row, shape (rows,): the rows of an arm in turn, so that each fold holds its share of them."""
    fold = np.empty(len(treatment), dtype=np.int64)
    for arm in (0, 1):
        rows = np.flatnonzero(treatment == arm)
        fold[rows] = np.arange(len(rows)) % folds
    return fold


def group_folds(group_id: np.ndarray, treatment: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Fold of each row, shape (rows,): groups that were randomised as a whole stay whole, and the arms balanced."""
    groups, place = np.unique(group_id, return_inverse=True)
    order = rng.permutation(len(groups))
    arm = np.zeros(len(groups), dtype=np.int64)
    arm[place] = treatment
    fold = np.empty(len(groups), dtype=np.int64)
    fold[order] = arm_folds(arm[order], folds)
    return fold[place]


def cross_fit(
    X: np.ndarray,
    y: np.ndarray,
    fold: np.ndarray,
    used: Sequence[np.ndarray],
    train: Callable[[np.ndarray, np.ndarray], BaseEstimator],
) -> np.ndarray:
    """Predict each row by models trained on rows of other folds.

    Parameters
    ----------
    X : ndarray of shape (rows, columns)
    y, fold : ndarrays of shape (rows,)
    used : sequence of ndarray of bool, shape (rows,)
        The rows that each model may learn from.
    train : callable
        ``train(X, y)`` gives a fitted regressor.

    Returns
    -------
    ndarray of shape (models, rows)
        0 where no row was left to learn from.
    """
    predicted = np.zeros((len(used), len(y)))
    for part in np.unique(fold):
        out = fold == part
        for model, rows in enumerate(used):
            inside = rows & ~out
            if inside.any():
                predicted[model, out] = train(X[inside], y[inside]).predict(X[out])
    return predicted


def doubly_robust(
    y: np.ndarray, treatment: np.ndarray, propensity: np.ndarray, control: np.ndarray, treated: np.ndarray
) -> np.ndarray:
    """Doubly robust (AIPW) score of each row: of any group of rows its mean is an unbiased estimate of the effect.

    ``m1 - m0 + t (y - m1) / p - (1 - t) (y - m0) / (1 - p)`` (Robins, Rotnitzky and Zhao 1994).

    Parameters
    ----------
    y, treatment, propensity : ndarrays of shape (rows,)
    control, treated : ndarrays of shape (rows,)
        Cross-fitted predictions m0 and m1 of y in each arm.

    Returns
    -------
    ndarray of shape (rows,), in the unit of y
    """
    is_treated = treatment == 1
    weight = np.where(is_treated, 1 / propensity, -1 / (1 - propensity))
    return treated - control + weight * (y - np.where(is_treated, treated, control))
