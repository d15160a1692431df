"""``python -m lab uplift``: learners of individual effects compared on a known truth; the tables of docs/uplift.md.

Each figure is on 20,000 other clients of the same world: PEHE, the root mean squared error of the effect, in per cent
of the standard deviation of y; the slope of the true effect on the predicted one (1 is honest, below 1 claims too
much); the Qini coefficient.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingRegressor

from lab.report import markdown
from lab.uplift.worlds import GROUP_SHARES, WORLDS, SimulatedTrial, trial
from ml.trials.pooling import pool
from ml.uplift import DRLearner, TLearner, XLearner, qini_auc
from ml.uplift.shrunk import ShrunkRegressor

TEST_ROWS = 20_000
FIGURES = {"pehe": 1, "slope": 2, "qini": 3, "seconds": 1}
"""Figures of a learner, and the digits they are shown with."""


class Average(BaseEstimator):
    """The difference of the arms' means, for every client."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, treatment: np.ndarray) -> Self:  # noqa: D102 (as scikit-learn has it)
        self.effect_ = y[treatment == 1].mean() - y[treatment == 0].mean()
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: D102
        return np.full(len(X), self.effect_)


class PooledGroups(BaseEstimator):
    """The difference within each group, pulled towards the common one (`ml.trials.pooling.pool`)."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, treatment: np.ndarray) -> Self:  # noqa: D102 (as scikit-learn has it)
        group = _group(X)
        found = [_difference(y[group == k], treatment[group == k]) for k in range(len(GROUP_SHARES))]
        self.effect_ = pool(*np.array(found).T)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: D102
        return self.effect_[_group(X)]


class Response(BaseEstimator):
    """Expected outcome if treated: no effect, but often used to choose clients."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, treatment: np.ndarray) -> Self:  # noqa: D102 (as scikit-learn has it)
        self.model_ = ShrunkRegressor().fit(X.to_numpy()[treatment == 1], y[treatment == 1])
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: D102
        return self.model_.predict(X.to_numpy())


def _group(X: pd.DataFrame) -> np.ndarray:
    return X[[f"group_{k}" for k in range(len(GROUP_SHARES))]].to_numpy().argmax(axis=1)


def _difference(y: np.ndarray, treatment: np.ndarray) -> tuple[float, float]:
    """Difference of the arms and its standard error; NaN where an arm has fewer than two."""
    arms = [y[treatment == k] for k in (0, 1)]
    if min(map(len, arms)) < 2:
        return np.nan, np.nan
    return arms[1].mean() - arms[0].mean(), np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms))


LEARNERS: dict[str, Callable[[], BaseEstimator]] = {
    "average for all": Average,
    "pooled groups": PooledGroups,
    "response": Response,
    "T": TLearner,
    "X": XLearner,
    "DR": DRLearner,
    "DR, untuned boosting": lambda: DRLearner(HistGradientBoostingRegressor()),
}


def grade_learner(learner: BaseEstimator, train: SimulatedTrial, test: SimulatedTrial) -> dict[str, float]:
    """Fit on one trial and grade on another of the same world."""
    began = time.process_time()
    found = learner.fit(train.X, train.y, train.treatment).predict(test.X)
    seconds = time.process_time() - began
    spread = found.std()
    is_effect = not isinstance(learner, Response)
    slope = np.cov(found, test.effect)[0, 1] / found.var(ddof=1) if spread > 1e-6 * test.y.std() else np.nan
    return {
        "pehe": 100 * np.sqrt(((found - test.effect) ** 2).mean()) / test.y.std() if is_effect else np.nan,
        "slope": slope if is_effect and test.effect.std() > 0 else np.nan,
        "qini": qini_auc(test.y, found, test.treatment),
        "seconds": seconds,
    }


def grade_learners(
    rows: int,
    seeds: int,
    worlds: Sequence[str] = WORLDS,
    learners: Mapping[str, Callable[[], BaseEstimator]] = LEARNERS,
    test_rows: int = TEST_ROWS,
) -> pd.DataFrame:
    """Grade every learner in every world; one row per world × seed × learner."""
    found = []
    for seed in range(seeds):
        for world in worlds:
            place = WORLDS.index(world)
            train, test = (
                trial(world, size, np.random.default_rng([place, seed, size])) for size in (rows, test_rows + 1)
            )
            for name, make in learners.items():
                key = {"rows": rows, "world": world, "seed": seed, "learner": name}
                found.append(key | grade_learner(make(), train, test))
    return pd.DataFrame(found)


def table(found: pd.DataFrame, figure: str) -> str:
    """Return one figure: learners × worlds, means over the seeds, and the mean over the worlds.

    Of slopes the median over the seeds: where predictions hardly vary, a slope is unbounded.
    """
    over_seeds = "median" if figure == "slope" else "mean"
    grid = found.pivot_table(
        index="learner", columns="world", values=figure, aggfunc=over_seeds, sort=False, dropna=False
    )
    grid = grid.reindex(index=found["learner"].unique(), columns=found["world"].unique())
    grid["mean"] = grid.mean(axis=1)
    rows = [
        [name, *("–" if np.isnan(value) else f"{value:.{FIGURES[figure]}f}" for value in row)]
        for name, row in grid.iterrows()
    ]
    return markdown([figure, *grid.columns], rows)


def compare(sizes: Sequence[int], seeds: int) -> Iterator[str]:
    """Yield the tables of each size of the training sample."""
    for rows in sizes:
        found = grade_learners(rows, seeds)
        tables = (table(found, figure) for figure in FIGURES)
        yield "\n\n".join((f"{rows:,} clients, {seeds} seeds", *tables))
