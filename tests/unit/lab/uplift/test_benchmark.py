"""The benchmark of docs/uplift.md runs, and grades a known answer as it should."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression

from lab.uplift import benchmark
from lab.uplift.worlds import WORLDS, trial
from ml.uplift import DRLearner


class Oracle(BaseEstimator):
    """Half of what is true."""

    def __init__(self, effect=None):
        self.effect = effect

    def fit(self, X, y, treatment):
        return self

    def predict(self, X):
        return self.effect / 2


def test_grades_of_half_the_truth():
    train, test = (trial("groups", 1_000, np.random.default_rng(seed)) for seed in (1, 2))
    found = benchmark.grade_learner(Oracle(test.effect), train, test)
    assert np.isclose(found["slope"], 2)
    assert np.isclose(found["pehe"], 100 * np.sqrt((test.effect**2).mean()) / 2 / test.y.std())
    assert found["qini"] > 0


def test_every_baseline_is_graded_in_every_world():
    names = ("average for all", "pooled groups", "response")
    learners = {name: benchmark.LEARNERS[name] for name in names}
    learners["DR"] = lambda: DRLearner(LinearRegression())
    found = benchmark.grade_learners(500, 1, learners=learners, test_rows=500)
    assert len(found) == len(WORLDS) * len(learners)
    assert np.isfinite(found["qini"]).all()
    assert (found["pehe"].isna() == (found["learner"] == "response")).all()
    lines = benchmark.table(found, "pehe").splitlines()
    assert lines[0].split(" | ")[1:] == [*WORLDS, "mean |"]
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == list(learners)
