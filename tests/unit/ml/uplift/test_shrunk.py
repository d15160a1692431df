"""The default regressor: predicts the mean of noise, and lines and steps where they exist."""

import numpy as np
import pytest
from sklearn.base import clone

from ml.uplift.shrunk import ShrunkRegressor


def draw(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 8)), rng.normal(size=rows)


def test_noise_is_predicted_by_nearly_its_mean():
    spreads = []
    for seed in range(8):
        X, noise = draw(3_000, seed)
        spreads.append(ShrunkRegressor().fit(X, noise).predict(X).std())
    assert np.mean(spreads) < 0.04


def test_a_line_needs_no_trees_and_steps_do():
    X, noise = draw(6_000)
    line = ShrunkRegressor().fit(X, X[:, 0] + noise)
    assert line.trees_ is None
    # Beyond the outer quantiles the linear part is constant.
    usual = np.abs(X[:, 0]) < 2
    np.testing.assert_allclose(line.predict(X)[usual], X[usual, 0], atol=0.15)
    steps = ShrunkRegressor().fit(X, 2.0 * ((X[:, 0] > 0) & (X[:, 1] > 0)) + noise)
    assert 0.5 < steps.trees_weight_ <= 1
    assert steps.predict(X)[(X[:, :2] > 0.3).all(axis=1)].mean() == pytest.approx(2, abs=0.2)


def test_missing_values_may_be_informative():
    X, noise = draw(4_000)
    is_missing = np.random.default_rng(2).random(4_000) < 0.3
    y = 1.0 * is_missing + noise
    X[is_missing, 3] = np.nan
    found = ShrunkRegressor().fit(X, y).predict(X)
    assert found[is_missing].mean() - found[~is_missing].mean() == pytest.approx(1, abs=0.1)


def test_one_outlier_does_not_affect_the_others():
    X, noise = draw(2_000)
    y = X[:, 0] + noise
    before = ShrunkRegressor().fit(X, y).predict(X)
    outlier = X.copy()
    outlier[0, 0] = 1e9
    after = ShrunkRegressor().fit(outlier, y).predict(X)
    np.testing.assert_allclose(after[1:], before[1:], atol=0.05)


@pytest.mark.parametrize("rows", [1, 2, 9, 10, 60, 250])
def test_few_rows_constant_columns_and_rare_flags_work(rows):
    X, noise = draw(rows)
    X[:, 0] = 5.0
    X[:, 1] = np.arange(rows) == 0
    X[:, 2] = np.nan
    for y in (noise, np.full(rows, 3.0)):
        found = ShrunkRegressor().fit(X, y).predict(X)
        assert np.isfinite(found).all()
        assert abs(found.mean() - y.mean()) < 1e-6


def test_clone_and_seed():
    X, noise = draw(2_000)
    y = 2.0 * (X[:, 0] * X[:, 1] > 0) + noise
    one = ShrunkRegressor(folds=4, random_state=3)
    np.testing.assert_array_equal(one.fit(X, y).predict(X), clone(one).fit(X, y).predict(X))
    assert clone(one).get_params() == {"folds": 4, "random_state": 3}
