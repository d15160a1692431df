"""The doubly robust (AIPW) score of individual effects, and the learner that regresses it (see `ml.uplift`)."""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator

from ml.tables.errors import InvalidValueError
from ml.uplift.base import MIN_ROWS_PER_ARM, Learner
from ml.uplift.cross_fitting import arm_folds, cross_fit

FOLDS = 3


def doubly_robust(
    y: np.ndarray, treatment: np.ndarray, propensity: np.ndarray, control: np.ndarray, treated: np.ndarray
) -> np.ndarray:
    """Doubly robust (AIPW) score of each row; its mean over any group of rows is an unbiased estimate of the effect.

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


class DRLearner(Learner):
    """DR-learner (Kennedy 2023): regression of the cross-fitted doubly robust (AIPW) score on X.

    With a known propensity, as in a trial, the score is unbiased for the effect whatever the outcome regressions of the
    arms predict; they only reduce its variance (`doubly_robust`).

    Parameters
    ----------
    base, random_state
        As for `TLearner`.
    folds : int
        Folds of the cross-fitting, stratified by arm.

    Attributes
    ----------
    effect_ : fitted regressor of the score
    fold_ : ndarray of int, shape (rows,)
        Fold of each row of the fit.
    average_effect_ : float
        Mean score: the average effect, adjusted for X.
    average_effect_error_ : float
        Its standard error; NaN if all scores are equal.
    average_propensity_ : float
    """

    def __init__(self, base: BaseEstimator | None = None, *, folds: int = FOLDS, random_state: int | None = 0) -> None:
        super().__init__(base, random_state=random_state)
        self.folds = folds

    def _rows_needed(self) -> int:
        if not isinstance(self.folds, int | np.integer) or self.folds < 2:
            raise InvalidValueError("folds", self.folds, type(self).__name__, "an integer, 2 or more")
        # Each arm keeps at least two rows with one fold held out.
        return max(int(self.folds), MIN_ROWS_PER_ARM + 1)

    def _fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        treatment: np.ndarray,
        propensity: np.ndarray,
        rng: np.random.RandomState,
    ) -> None:
        self.fold_ = arm_folds(treatment, self.folds)
        arms = [treatment == arm for arm in (0, 1)]
        control, treated = cross_fit(X, y, self.fold_, arms, partial(self._trained, rng=rng))
        score = doubly_robust(y, treatment, propensity, control, treated)
        self.effect_ = self._trained(X, score, rng)
        self.average_effect_ = float(score.mean())
        error = float(score.std(ddof=1) / np.sqrt(len(score)))
        self.average_effect_error_ = error if error > 0 else np.nan

    def _restore_order(self, order: np.ndarray) -> None:
        shuffled, self.fold_ = self.fold_, np.empty_like(self.fold_)
        self.fold_[order] = shuffled

    def _effect(self, X: np.ndarray) -> np.ndarray:
        return self.effect_.predict(X)
