"""The mixture: components are recovered, missing values cost little, outliers do not bias the fit."""

import numpy as np
import pytest

from ml.portraits import mixture
from ml.portraits.space import Points

CENTRES = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 3.0]])


def draw(size: int, seed: int = 1) -> tuple[Points, np.ndarray]:
    """Points of three groups, each with a preferred category, and the true groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, size)
    values = CENTRES[group] + rng.normal(0, 0.7, (size, 2))
    levels = np.where(rng.random(size) < 0.8, group, rng.integers(0, 3, size))
    return Points(values, levels[:, None]), group


def hints(group: np.ndarray, right: float, seed: int = 2) -> np.ndarray:
    """Log prior that favours the true group with probability `right`, otherwise a random one."""
    rng = np.random.default_rng(seed)
    named = np.where(rng.random(len(group)) < right, group, rng.integers(0, 3, len(group)))
    return np.where(np.eye(3)[named] > 0, 1.0, 0.0)


def found(points: Points, prior: np.ndarray) -> tuple[mixture.Mixture, np.ndarray]:
    start = np.exp(prior) / np.exp(prior).sum(axis=1, keepdims=True)
    fitted = mixture.fit(points, [3], prior, start)
    return fitted, (prior + mixture.log_joint(fitted, points)).argmax(axis=1)


def test_components_recover_the_groups():
    points, group = draw(4000)
    fitted, guess = found(points, hints(group, 0.4))
    np.testing.assert_allclose(fitted.mean, CENTRES, atol=0.1)
    np.testing.assert_allclose(fitted.share, 1 / 3, atol=0.03)
    assert (guess == group).mean() > 0.98


def test_missing_values_are_integrated_out():
    points, group = draw(4000)
    whole, _ = found(points, hints(group, 0.4))
    rng = np.random.default_rng(3)
    holes = Points(np.where(rng.random((4000, 2)) < 0.2, np.nan, points.values), points.levels)
    fitted, _ = found(holes, hints(group, 0.4))
    np.testing.assert_allclose(fitted.mean, whole.mean, atol=0.1)
    nothing = Points(np.full((1, 2), np.nan), np.array([[-1]]))
    np.testing.assert_allclose(mixture.log_joint(fitted, nothing)[0], np.log(fitted.share))


def test_density_of_the_known_values_is_the_marginal():
    """Integrating the joint density over the second column gives the density of the first alone."""
    points, group = draw(2000)
    fitted, _ = found(points, hints(group, 0.4))
    grid = np.linspace(-40, 40, 8001)
    both = Points(np.column_stack([np.full(grid.shape, 0.5), grid]), np.full((len(grid), 1), -1))
    integral = np.exp(mixture.log_joint(fitted, both)).sum(axis=0) * (grid[1] - grid[0])
    first = Points(np.array([[0.5, np.nan]]), np.array([[-1]]))
    np.testing.assert_allclose(integral, np.exp(mixture.log_joint(fitted, first)[0]), rtol=1e-3)


def test_outliers_do_not_bias_a_component():
    points, group = draw(2000)
    prior = hints(group, 0.4)
    before, _ = found(points, prior)
    far = Points(np.full((20, 2), 10.0), np.full((20, 1), 2))
    points = Points(np.vstack([points.values, far.values]), np.vstack([points.levels, far.levels]))
    after, _ = found(points, np.vstack([prior, np.zeros((20, 3))]))
    np.testing.assert_allclose(after.mean, before.mean, atol=0.15)


def test_a_portrait_without_clients_has_no_component_and_gets_nobody():
    points, group = draw(1000)
    prior = np.hstack([hints(group, 0.4), np.full((1000, 1), -np.inf)])
    fitted, guess = found(points, prior)
    assert fitted.share[3] == 0
    assert set(guess) == {0, 1, 2}


def test_no_category_gets_probability_0_or_1():
    """Each component keeps a share of the population's category distribution."""
    points, group = draw(1000)
    pure = Points(points.values, group[:, None])
    fitted, _ = found(pure, hints(group, 1.0))
    assert np.exp(fitted.log_level[0]).min() == pytest.approx(mixture.MIN_SHARE / 3, rel=0.15)
