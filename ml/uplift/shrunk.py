"""Regressor for targets that are mostly noise: it predicts about the mean unless the data show more.

Two parts: a Bayesian ridge (MacKay 1992; Tipping 2001), whose penalty is estimated from the data, so that columns that
explain little leave the prediction near the mean; and shallow boosted trees on its residuals. Both are weighted by
held-out evidence: the predictions are multiplied by the slope of held-out targets on them, at most 1, because heavy
tails make the ridge overconfident. The slope of the trees, which are prone to overfitting, is also shrunk to 0 by its
standard error (James and Stein 1961).
"""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import BayesianRidge
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.tables.threads import one_thread
from ml.uplift.trees import boosted_trees

CLIPPED_SHARE = 0.005
"""Tail probability, on each side, of the quantiles at which columns are clipped: limits the leverage of outliers."""

ROUNDS = (5, 15, 40)
"""Candidate numbers of trees."""

CAUTION = 4.0
"""Squared standard errors subtracted from the squared slope of the trees: below 2 standard errors they are unused."""

MIN_LINE_WEIGHT = 0.25
"""Weight of the linear part if held-out rows do not support it: its ranking is still the best guess."""

MIN_ROWS_LINE = 10
MIN_ROWS_HELD_OUT = 200
"""With fewer rows the linear part has weight 1 and there are no trees."""


class ShrunkRegressor(RegressorMixin, BaseEstimator):
    """Bayesian ridge plus boosted trees on its residuals, each weighted by its held-out performance.

    Parameters
    ----------
    folds : int
        Folds for estimating the weights.
    random_state : int or None
        Seed of the folds.

    Attributes
    ----------
    mean_ : float
        Mean of the target.
    columns_ : _Columns
        Clipping, imputation and scaling of columns for the linear part.
    line_ : BayesianRidge or None
        None with fewer than `MIN_ROWS_LINE` rows or a constant target: the mean is predicted.
    line_weight_ : float
        `MIN_LINE_WEIGHT` to 1.
    trees_ : HistGradientBoostingRegressor or None
        None if the trees did not help.
    trees_weight_ : float
        0 to 1.
    """

    def __init__(self, folds: int = 3, random_state: int | None = 0):
        self.folds = folds
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit to X of shape (rows, columns), NaN for missing values, and y of shape (rows,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True)
        # One thread: multi-threaded sums differ in the last digits, and the same seed must give the same numbers.
        with one_thread():
            self.mean_ = float(y.mean())
            self.trees_, self.trees_weight_ = None, 0.0
            self.line_, self.line_weight_, self.columns_ = None, 1.0, _Columns(X)
            # Standardised, so that the priors of the ridge do not depend on the unit of the target.
            centred = y - self.mean_
            self._unit = float(centred.std())
            if len(y) < MIN_ROWS_LINE or not self._unit > 1e-12 * max(1.0, abs(self.mean_)):
                return self
            target = centred / self._unit
            self.line_ = BayesianRidge().fit(self.columns_.scaled(X), target)
            if len(y) >= MIN_ROWS_HELD_OUT:
                rounds = self._set_weights(X, target)
            if self.trees_weight_ > 0:
                self.trees_ = _trees(X, target - self.line_.predict(self.columns_.scaled(X)), rounds)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Expected target, shape (rows,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        if self.line_ is None:
            return np.full(len(X), self.mean_)
        with one_thread():
            predicted = self.line_weight_ * self.line_.predict(self.columns_.scaled(X))
            if self.trees_ is not None:
                predicted += self.trees_weight_ * self.trees_.predict(X)
        return self.mean_ + self._unit * predicted

    def _set_weights(self, X: np.ndarray, target: np.ndarray) -> int:
        """Set the weights of both parts from out-of-fold predictions; return the best number of trees."""
        fold = np.random.default_rng(self.random_state).permutation(len(target)) % self.folds
        mean, line = np.empty(len(target)), np.empty(len(target))
        trees = np.empty((len(ROUNDS), len(target)))
        for part in range(self.folds):
            out, train = fold == part, fold != part
            columns = _Columns(X[train])
            scaled = columns.scaled(X[train])
            fitted = BayesianRidge().fit(scaled, target[train])
            mean[out] = target[train].mean()
            line[out] = fitted.predict(columns.scaled(X[out]))
            boosted = _trees(X[train], target[train] - fitted.predict(scaled), ROUNDS[-1])
            for count, predicted in enumerate(boosted.staged_predict(X[out]), start=1):
                if count in ROUNDS:
                    trees[ROUNDS.index(count), out] = predicted
        self.line_weight_ = max(MIN_LINE_WEIGHT, _weight(line - mean, target - mean, caution=0.0))
        residual = target - mean - self.line_weight_ * (line - mean)
        best = int(((residual - trees) ** 2).sum(axis=1).argmin())
        self.trees_weight_ = _weight(trees[best], residual, caution=CAUTION)
        return ROUNDS[best]


def _weight(predicted: np.ndarray, target: np.ndarray, caution: float) -> float:
    """Slope of `target` on `predicted`, clipped to 0–1 and shrunk by `caution` times its squared relative error.

    The standard error of the slope is heteroskedasticity-robust.
    """
    squares = float((predicted**2).sum())
    if squares == 0:
        return 0.0
    slope = float((predicted * target).sum()) / squares
    if slope <= 0:
        return 0.0
    variance = float((predicted**2 * (target - slope * predicted) ** 2).sum()) / squares**2
    return min(slope, 1.0) * max(0.0, 1 - caution * variance / slope**2)


def _trees(X: np.ndarray, y: np.ndarray, rounds: int) -> HistGradientBoostingRegressor:
    """Trees of four leaves, each with at least 2 % of the rows."""
    return boosted_trees(X, y, rounds=rounds, leaves=4, rows_per_leaf=max(20, len(y) // 50), l2=10.0)


class _Columns:
    """Column transformer: clips at outer quantiles, imputes the mean, scales, adds missing-value flags."""

    def __init__(self, X: np.ndarray):
        self.missing = np.isnan(X).any(axis=0)
        known = np.where(np.isnan(X).all(axis=0), 0.0, X)
        self.low, self.high = np.nanquantile(known, [CLIPPED_SHARE, 1 - CLIPPED_SHARE], axis=0)
        # A binary column rarer than the clipped share would become constant: keep its full range.
        narrow = self.low == self.high
        self.low = np.where(narrow, np.nanmin(known, axis=0), self.low)
        self.high = np.where(narrow, np.nanmax(known, axis=0), self.high)
        clipped = np.clip(known, self.low, self.high)
        self.mean = np.nanmean(clipped, axis=0)
        filled = np.where(np.isnan(clipped), self.mean, clipped)
        spread = filled.std(axis=0)
        self.spread = np.where(spread > 1e-12 * np.maximum(1, np.abs(self.mean)), spread, np.inf)
        share = np.isnan(X[:, self.missing]).mean(axis=0)
        self.flag_mean, self.flag_spread = share, np.sqrt(share * (1 - share)) + (share == 1)

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Columns standardised over the rows of the fit, plus a flag per column with missing values there."""
        unknown = np.isnan(X)
        filled = np.where(unknown, self.mean, np.clip(X, self.low, self.high))
        flags = (unknown[:, self.missing] - self.flag_mean) / self.flag_spread
        return np.hstack([(filled - self.mean) / self.spread, flags])
