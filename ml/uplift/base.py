"""Base class of the effect learners (see `ml.uplift`)."""

from abc import ABCMeta, abstractmethod
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from ml.tables.threads import one_thread
from ml.uplift.inputs import (
    check_arms,
    check_columns,
    check_lengths,
    check_numbers,
    check_propensity,
    check_same_columns,
    check_treatment,
)
from ml.uplift.shrunk import ShrunkRegressor

MIN_ROWS_PER_ARM = 2


class Learner(BaseEstimator, metaclass=ABCMeta):
    """Common part of the learners: input checks, row order, seeds, single-threaded fit.

    Parameters
    ----------
    base : scikit-learn regressor, optional
        `ml.uplift.shrunk.ShrunkRegressor` by default.
    random_state : int, RandomState or None
        With None, each fit uses another row order and thus other folds.
    """

    def __init__(self, base: BaseEstimator | None = None, *, random_state: int | None = 0) -> None:
        self.base = base
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = self._base().__sklearn_tags__().input_tags.allow_nan
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, treatment: ArrayLike, propensity: ArrayLike | None = None) -> Self:
        """Fit the effect of treatment on y.

        Parameters
        ----------
        X : DataFrame or array-like of shape (rows, columns)
            Pre-trial covariates: numbers or booleans; missing values if `base` supports them (the default does).
            Column names, if any, must match at `predict`.
        y : array-like of shape (rows,)
            Outcome: numeric or binary.
        treatment : array-like of shape (rows,)
            1 treated, 0 control.
        propensity : float or array-like of shape (rows,), optional
            Probability of treatment, by row if it differs between strata. Defaults to the share treated.

        Raises
        ------
        InvalidValueError
            If lengths differ, an arm has too few rows, or a value is not allowed.
        ColumnTypeError
            If a column of X holds text, dates or categories.
        """
        values, names = check_columns(X, self._base())
        y, treatment = check_numbers(y, "y"), check_treatment(treatment)
        check_lengths(X=values, y=y, treatment=treatment)
        check_arms(treatment, self._rows_needed())
        propensity = check_propensity(propensity, treatment)
        rng = check_random_state(self.random_state)
        # Sorted by value before the shuffle, so that the row order of the input does not matter.
        order = np.lexsort((*values.T, propensity, y, treatment))[rng.permutation(len(y))]
        with one_thread():
            self._fit(values[order], y[order], treatment[order], propensity[order], rng)
        self._restore_order(order)
        self.n_features_in_ = values.shape[1]
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self.average_propensity_ = float(propensity.mean())
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Expected effect of treatment on y, shape (rows,).

        Parameters
        ----------
        X : DataFrame or array-like of shape (rows, columns)
            The columns of the fit, in the same order.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If called before `fit`.
        MissingColumnError, InvalidValueError, ColumnTypeError
            If the columns are not those of the fit, or a value is not allowed.
        """
        check_is_fitted(self)
        values, names = check_columns(X, self._base())
        check_same_columns(names, values.shape[1], getattr(self, "feature_names_in_", None), self.n_features_in_)
        with one_thread():
            return self._effect(values)

    def _rows_needed(self) -> int:
        return MIN_ROWS_PER_ARM

    def _base(self) -> BaseEstimator:
        return ShrunkRegressor() if self.base is None else self.base

    def _trained(self, X: np.ndarray, y: np.ndarray, rng: np.random.RandomState) -> BaseEstimator:
        """Fit a clone of `base`, drawing a seed for each of its unset random states."""
        model = clone(self._base())
        seeds = [name for name, value in model.get_params().items() if _is_seed(name) and value is None]
        model.set_params(**{name: int(rng.randint(np.iinfo(np.int32).max)) for name in sorted(seeds)})
        return model.fit(X, y)

    def _restore_order(self, order: np.ndarray) -> None:
        """Restore the input row order of fitted per-row attributes."""

    @abstractmethod
    def _fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        treatment: np.ndarray,
        propensity: np.ndarray,
        rng: np.random.RandomState,
    ) -> None: ...

    @abstractmethod
    def _effect(self, X: np.ndarray) -> np.ndarray: ...


def _is_seed(name: str) -> bool:
    return name == "random_state" or name.endswith("__random_state")
