"""What a treatment does to each client: learners of conditional effects for randomised trials.

Three textbook constructions around any scikit-learn regressor, `base`, which all their stages use. Without one it is
`ml.shrunk.ShrunkRegressor`, which says "the mean" until the rows show more: effects are small beside the noise, and
what wins is honest shrinkage towards the average effect. docs/uplift.md compares them; `DRLearner` is the project's.

Written here rather than taken from EconML or causalml; tests hold them against EconML's numbers
(docs/adr/0011-uplift-learner.md).
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from ml.errors import InvalidValueError
from ml.qini import qini_auc, qini_curve, qini_interval
from ml.shrunk import ShrunkRegressor
from ml.uplift_input import (
    check_arms,
    check_columns,
    check_lengths,
    check_numbers,
    check_propensity,
    check_same_columns,
    check_treatment,
)

__all__ = ["DRLearner", "TLearner", "XLearner", "qini_auc", "qini_curve", "qini_interval"]

FOLDS = 3

MIN_ROWS_PER_ARM = 2


class _Learner(BaseEstimator, metaclass=ABCMeta):
    """What the learners share: checks, the order of rows, seeds, one thread."""

    def __init__(self, base=None, *, random_state: int | None = 0):
        self.base = base
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = self._base().__sklearn_tags__().input_tags.allow_nan
        return tags

    def fit(self, X, y, treatment, propensity=None):
        """Learn the effect of treatment on y.

        Parameters
        ----------
        X : DataFrame or array-like of shape (rows, columns)
            What was known of the clients before the trial: numbers or booleans; missing where `base` can take it (the
            default can). Column names, where there are any, are held against those at `predict`.
        y : array-like of shape (rows,)
            Outcome: numbers, or 0 and 1.
        treatment : array-like of shape (rows,)
            1 treated, 0 control.
        propensity : float or array-like of shape (rows,), optional
            Probability of treatment; by row where strata were randomised differently. The share treated by default.

        Returns
        -------
        self

        Raises
        ------
        InvalidValueError
            Lengths differ, an arm has too few rows, or a value is not allowed.
        ColumnTypeError
            A column of X holds text, dates or categories.
        """
        values, names = check_columns(X, self._base())
        y, treatment = check_numbers(y, "y"), check_treatment(treatment)
        check_lengths(X=values, y=y, treatment=treatment)
        check_arms(treatment, self._rows_needed())
        propensity = check_propensity(propensity, treatment)
        rng = check_random_state(self.random_state)
        # Rows in an order that their values decide, then shuffled: how a table was sorted changes nothing.
        order = np.lexsort((*values.T, propensity, y, treatment))[rng.permutation(len(y))]
        with threadpool_limits(limits=1):
            self._fit(values[order], y[order], treatment[order], propensity[order], rng)
        self._remember(order)
        self.n_features_in_ = values.shape[1]
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self.average_propensity_ = float(propensity.mean())
        return self

    def predict(self, X) -> np.ndarray:
        """Expected effect of treatment on y for each row.

        Parameters
        ----------
        X : DataFrame or array-like of shape (rows, columns)
            The columns of the fit, in its order.

        Returns
        -------
        ndarray of shape (rows,)

        Raises
        ------
        sklearn.exceptions.NotFittedError
        MissingColumnError, InvalidValueError, ColumnTypeError
            The columns are not those of the fit, or a value is not allowed.
        """
        check_is_fitted(self)
        values, names = check_columns(X, self._base())
        check_same_columns(names, values.shape[1], getattr(self, "feature_names_in_", None), self.n_features_in_)
        with threadpool_limits(limits=1):
            return self._effect(values)

    def _rows_needed(self) -> int:
        return MIN_ROWS_PER_ARM

    def _base(self) -> BaseEstimator:
        return ShrunkRegressor() if self.base is None else self.base

    def _trained(self, X: np.ndarray, y: np.ndarray, rng: np.random.RandomState) -> BaseEstimator:
        """Fit a clone of the base, with a seed of its own where it has none."""
        model = clone(self._base())
        seeds = [name for name, value in model.get_params().items() if _is_seed(name) and value is None]
        model.set_params(**{name: int(rng.randint(np.iinfo(np.int32).max)) for name in sorted(seeds)})
        return model.fit(X, y)

    def _remember(self, order: np.ndarray) -> None:
        """Put what was learned of rows back into the order they came in."""

    @abstractmethod
    def _fit(self, X, y, treatment, propensity, rng) -> None: ...

    @abstractmethod
    def _effect(self, X: np.ndarray) -> np.ndarray: ...


class TLearner(_Learner):
    """Difference of two regressions, one per arm.

    Each arm is shrunk by itself, towards its own mean, so the difference is not shrunk towards the average effect: a
    yardstick, and the choice only for large effects.

    Parameters
    ----------
    base : scikit-learn regressor, optional
    random_state : int, RandomState or None
        None: another order of rows, and so other folds, at each fit.

    Attributes
    ----------
    control_, treated_ : fitted regressors of y in each arm
    average_propensity_ : float
        Not used by this learner.
    """

    def _fit(self, X, y, treatment, propensity, rng) -> None:
        self.control_, self.treated_ = (self._trained(X[treatment == k], y[treatment == k], rng) for k in (0, 1))

    def _effect(self, X: np.ndarray) -> np.ndarray:
        return self.treated_.predict(X) - self.control_.predict(X)


class XLearner(_Learner):
    """Künzel, Sekhon, Bickel and Yu (2019): effects imputed from the other arm, regressed, and weighted.

    A treated client's effect is its outcome less what the control clients' regression expects of it; a control
    client's is what the treated clients' regression expects less its outcome. Neither regression has seen the client it
    is applied to: the arms are each other's other fold, and no further folds are needed. The two regressions of these
    effects are weighted by the probability of treatment, that of the control clients by p and that of the treated by
    1 - p; where it differs between rows, by its mean.

    Parameters
    ----------
    base, random_state
        As for `TLearner`.

    Attributes
    ----------
    control_, treated_ : fitted regressors of y in each arm
    control_effect_, treated_effect_ : fitted regressors of the imputed effects in each arm
    average_propensity_ : float
    """

    def _fit(self, X, y, treatment, propensity, rng) -> None:
        control, treated = treatment == 0, treatment == 1
        self.control_ = self._trained(X[control], y[control], rng)
        self.treated_ = self._trained(X[treated], y[treated], rng)
        in_control = self.treated_.predict(X[control]) - y[control]
        in_treated = y[treated] - self.control_.predict(X[treated])
        self.control_effect_ = self._trained(X[control], in_control, rng)
        self.treated_effect_ = self._trained(X[treated], in_treated, rng)

    def _effect(self, X: np.ndarray) -> np.ndarray:
        share = self.average_propensity_
        return share * self.control_effect_.predict(X) + (1 - share) * self.treated_effect_.predict(X)


class DRLearner(_Learner):
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
        Its standard error.
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
        self.average_effect_error_ = float(score.std(ddof=1) / np.sqrt(len(score)))

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


def _is_seed(name: str) -> bool:
    return name == "random_state" or name.endswith("__random_state")
