"""The doubly robust learner of effects, and the scores that it regresses (see `ml.uplift`)."""

from collections.abc import Callable
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator

from ml.tables.errors import InvalidValueError
from ml.uplift.base import MIN_ROWS_PER_ARM, Learner

FOLDS = 3


class DRLearner(Learner):
    """Kennedy (2023): a regression of the doubly robust (AIPW) score of each client, cross-fitted.

    The score is ``m1 - m0 + t (y - m1) / p - (1 - t) (y - m0) / (1 - p)`` with the arms' regressions m0 and m1 of rows
    in other folds. Where p is known, as in a trial, its expectation is the effect whatever m0 and m1 are; they only
    take noise away.

    Parameters
    ----------
    base, random_state
        As for `TLearner`.
    folds : int
        Parts of the rows, with the same share of each arm.

    Attributes
    ----------
    effect_ : fitted regressor of the score
    fold_ : ndarray of int, shape (rows,)
        Which part each row of the fit was in.
    average_effect_ : float
        Mean score: the average effect, adjusted for X.
    average_effect_error_ : float
        Its standard error; NaN where no score differs from another.
    average_propensity_ : float
    """

    def __init__(self, base=None, *, folds: int = FOLDS, random_state: int | None = 0):
        super().__init__(base, random_state=random_state)
        self.folds = folds

    def _rows_needed(self) -> int:
        if not isinstance(self.folds, int | np.integer) or self.folds < 2:
            raise InvalidValueError("folds", self.folds, type(self).__name__, "an integer from 2")
        # Each arm keeps at least two rows when a fold is taken out.
        return max(int(self.folds), MIN_ROWS_PER_ARM + 1)

    def _fit(self, X, y, treatment, propensity, rng) -> None:
        self.fold_ = arm_folds(treatment, self.folds)
        train = partial(self._trained, rng=rng)
        score = doubly_robust_scores(X, y, treatment, propensity, self.fold_, train)
        self.effect_ = self._trained(X, score, rng)
        self.average_effect_ = float(score.mean())
        error = float(score.std(ddof=1) / np.sqrt(len(score)))
        self.average_effect_error_ = error if error > 0 else np.nan

    def _remember(self, order: np.ndarray) -> None:
        shuffled, self.fold_ = self.fold_, np.empty_like(self.fold_)
        self.fold_[order] = shuffled

    def _effect(self, X: np.ndarray) -> np.ndarray:
        return self.effect_.predict(X)


def arm_folds(treatment: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each row, shape (rows,): the rows of an arm in turn, so that each fold holds its share of them."""
    fold = np.empty(len(treatment), dtype=np.int64)
    for arm in (0, 1):
        rows = np.flatnonzero(treatment == arm)
        fold[rows] = np.arange(len(rows)) % folds
    return fold


def doubly_robust_scores(
    X: np.ndarray,
    y: np.ndarray,
    treatment: np.ndarray,
    propensity: np.ndarray,
    fold: np.ndarray,
    train: Callable[[np.ndarray, np.ndarray], BaseEstimator],
) -> np.ndarray:
    """Doubly robust (AIPW) score of each row, its arms' regressions trained on the rows of other folds.

    Parameters
    ----------
    X : ndarray of shape (rows, columns)
    y, treatment, propensity, fold : ndarrays of shape (rows,)
    train : callable
        ``train(X, y)`` gives a fitted regressor.

    Returns
    -------
    ndarray of shape (rows,), in the unit of y
    """
    expected = np.empty((2, len(y)))
    for part in np.unique(fold):
        out = fold == part
        for arm in (0, 1):
            used = ~out & (treatment == arm)
            expected[arm, out] = train(X[used], y[used]).predict(X[out])
    weight = np.where(treatment == 1, 1 / propensity, -1 / (1 - propensity))
    own = np.where(treatment == 1, expected[1], expected[0])
    return expected[1] - expected[0] + weight * (y - own)
