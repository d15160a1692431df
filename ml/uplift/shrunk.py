"""A regressor for targets that are nearly all noise: it says "about the mean" until the rows show more.

Two parts. A Bayesian ridge (MacKay 1992; Tipping 2001) whose penalty is estimated from the rows themselves: the less
the columns explain, the nearer the prediction to the mean. On what it leaves, shallow boosted trees. Both count only as
far as rows they have not seen bear them out: predictions are multiplied by the slope of the unseen targets on them, up
to 1. Heavy tails make the ridge too sure of itself. The slope of the trees, which can follow any chance, is also pulled
to 0 by its standard error (James and Stein 1961).
"""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import BayesianRidge
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from ml.uplift.trees import boosted_trees

CLIPPED_SHARE = 0.005
"""Share of rows on each side whose value of a column counts as the quantile: one rich client bends no line."""

ROUNDS = (5, 15, 40)
"""Numbers of trees to choose from."""

CAUTION = 4.0
"""Squared standard errors taken off the squared slope of the trees: below 2 standard errors they are not used."""

LEAST_LINE = 0.25
"""Weight of the line where unseen rows do not bear it out: its order of the clients is still the best guess."""

MIN_ROWS_LINE = 10
MIN_ROWS_JUDGED = 200
"""With fewer the line counts in full and there are no trees."""


class ShrunkRegressor(RegressorMixin, BaseEstimator):
    """Bayesian ridge, and boosted trees on its residuals as far as they help on rows they have not seen.

    Parameters
    ----------
    folds : int
        Parts for judging the line and the trees.
    random_state : int or None
        Of the folds.

    Attributes
    ----------
    mean_ : float
        Of the target.
    columns_ : _Columns
        How columns are clipped, filled and scaled for the line.
    line_ : BayesianRidge or None
        None for fewer than `MIN_ROWS_LINE` rows: the mean is predicted.
    line_weight_ : float
        `LEAST_LINE` to 1.
    trees_ : HistGradientBoostingRegressor or None
        None where trees did not help.
    trees_weight_ : float
        0 to 1.
    """

    def __init__(self, folds: int = 3, random_state: int | None = 0):
        self.folds = folds
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X, y) -> "ShrunkRegressor":
        """Learn from X of shape (rows, columns), NaN for what is missing, and y of shape (rows,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True)
        # One thread: sums over threads differ in the last digits, and the same seed must give the same numbers.
        with threadpool_limits(limits=1):
            self.mean_ = float(y.mean())
            self.trees_, self.trees_weight_ = None, 0.0
            self.line_, self.line_weight_, self.columns_ = None, 1.0, _Columns(X)
            # In units of its spread, so that the priors of the ridge mean the same for roubles and for visits.
            centred = y - self.mean_
            self._unit = float(centred.std())
            if len(y) < MIN_ROWS_LINE or not self._unit > 1e-12 * max(1.0, abs(self.mean_)):
                return self
            target = centred / self._unit
            self.line_ = BayesianRidge().fit(self.columns_.scaled(X), target)
            if len(y) >= MIN_ROWS_JUDGED:
                rounds = self._judge(X, target)
            if self.trees_weight_ > 0:
                self.trees_ = _trees(X, target - self._line(X), rounds)
        return self

    def predict(self, X) -> np.ndarray:
        """Expected target, shape (rows,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        if self.line_ is None:
            return np.full(len(X), self.mean_)
        with threadpool_limits(limits=1):
            found = self.line_weight_ * self._line(X)
            if self.trees_ is not None:
                found += self.trees_weight_ * self.trees_.predict(X)
        return self.mean_ + self._unit * found

    def _line(self, X: np.ndarray) -> np.ndarray:
        return self.line_.predict(self.columns_.scaled(X))

    def _judge(self, X: np.ndarray, target: np.ndarray) -> int:
        """Set the weights of both parts by rows that neither has seen; return how many trees are best."""
        fold = np.random.default_rng(self.random_state).permutation(len(target)) % self.folds
        mean, line = np.empty(len(target)), np.empty(len(target))
        trees = np.empty((len(ROUNDS), len(target)))
        for part in range(self.folds):
            out, used = fold == part, fold != part
            columns = _Columns(X[used])
            inside = columns.scaled(X[used])
            fitted = BayesianRidge().fit(inside, target[used])
            mean[out] = target[used].mean()
            line[out] = fitted.predict(columns.scaled(X[out]))
            boosted = _trees(X[used], target[used] - fitted.predict(inside), ROUNDS[-1])
            for count, found in enumerate(boosted.staged_predict(X[out]), start=1):
                if count in ROUNDS:
                    trees[ROUNDS.index(count), out] = found
        self.line_weight_ = max(LEAST_LINE, _weight(line - mean, target - mean, caution=0.0))
        left = target - mean - self.line_weight_ * (line - mean)
        best = int(((left - trees) ** 2).sum(axis=1).argmin())
        self.trees_weight_ = _weight(trees[best], left, caution=CAUTION)
        return ROUNDS[best]


def _weight(found: np.ndarray, left: np.ndarray, caution: float) -> float:
    """Slope of what is left on what was found, 0 to 1, less `caution` times what its (heteroskedastic) error makes."""
    squares = float((found**2).sum())
    if squares == 0:
        return 0.0
    slope = float((found * left).sum()) / squares
    if slope <= 0:
        return 0.0
    variance = float((found**2 * (left - slope * found) ** 2).sum()) / squares**2
    return min(slope, 1.0) * max(0.0, 1 - caution * variance / slope**2)


def _trees(X: np.ndarray, y: np.ndarray, rounds: int) -> HistGradientBoostingRegressor:
    """Trees of four leaves, each leaf a fiftieth of the rows at least."""
    return boosted_trees(X, y, rounds=rounds, leaves=4, rows_per_leaf=max(20, len(y) // 50), l2=10.0)


class _Columns:
    """Columns clipped at outer quantiles, filled by their mean, scaled, and flagged where values were missing.

    Parameters
    ----------
    X : ndarray, shape (rows, columns)
    """

    def __init__(self, X: np.ndarray):
        self.missing = np.isnan(X).any(axis=0)
        known = np.where(np.isnan(X).all(axis=0), 0.0, X)
        self.low, self.high = np.nanquantile(known, [CLIPPED_SHARE, 1 - CLIPPED_SHARE], axis=0)
        # A flag rarer than the clipped share is a flag all the same.
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
        """Columns of mean 0 and variance 1 over the rows of the fit, and a flag for each that had gaps there."""
        unknown = np.isnan(X)
        filled = np.where(unknown, self.mean, np.clip(X, self.low, self.high))
        flags = (unknown[:, self.missing] - self.flag_mean) / self.flag_spread
        return np.hstack([(filled - self.mean) / self.spread, flags])
