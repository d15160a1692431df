"""Variance components: planted ones are recovered, and one client does not hide its own."""

import numpy as np
import pytest

from ml.planning.spread import BLOCKS, MIN_CLIENTS, spread

RATE, LEVEL, SLOW, WEEKLY = 10.0, 4.0, 1.0, 3.0
WEEKS = 15 / 7


def draw(rng: np.random.Generator, count: int, slow: float = SLOW):
    """Totals of six blocks of 15 days with planted components."""
    level = RATE + rng.normal(0, np.sqrt(LEVEL), (count, 1))
    changes = np.repeat(rng.normal(0, np.sqrt(slow), (count, 2)), BLOCKS // 2, axis=1)
    totals = (level + changes) * WEEKS + rng.normal(0, np.sqrt(WEEKLY * WEEKS), (count, BLOCKS))
    return totals, np.full((count, BLOCKS), 15.0), np.ones(count, dtype=bool), np.ones((count, 1))


@pytest.mark.parametrize("slow", [0.0, SLOW])
def test_planted_components_are_found(slow):
    found = spread(*draw(np.random.default_rng(1), 20000, slow))
    assert found.mean == pytest.approx(RATE, rel=0.01)
    assert found.weekly == pytest.approx(WEEKLY, rel=0.03)
    # The window averages the slow changes of two halves; the error of its mean assumes a full one.
    error, raw = slow + WEEKLY / (6 * WEEKS), LEVEL + slow / 2 + WEEKLY / (6 * WEEKS)
    level = raw - error
    assert found.between == pytest.approx(level, rel=0.04)
    assert found.fixed == pytest.approx(slow + level * error / (level + error), rel=0.05)


def test_estimates_from_few_clients_are_about_right_on_average():
    """Truncated at zero, the slow component is too large on average: plans err on the safe side."""
    rng = np.random.default_rng(2)
    found = [spread(*draw(rng, 30, 0.0)) for _ in range(400)]
    error = WEEKLY / (6 * WEEKS)
    truth = LEVEL * error / (LEVEL + error) + WEEKLY / 12
    estimate = np.mean([f.fixed + f.weekly / 12 for f in found])
    assert truth < estimate < 1.35 * truth


def test_changes_common_to_all_add_no_variance():
    """A season proportional to a client's size is explained by the pre-period in the analysis."""
    totals, days, known, traits = draw(np.random.default_rng(3), 5000)
    season = np.repeat([1.0, 1.3], BLOCKS // 2)
    calm, seasonal = (spread(values, days, known, traits) for values in (totals, totals * season))
    assert seasonal.fixed == pytest.approx(1.15**2 * calm.fixed, rel=0.1)


def test_a_trait_that_predicts_the_level_reduces_the_variance_without_history():
    totals, days, known, traits = draw(np.random.default_rng(4), 3000, 0.0)
    trait = totals.sum(axis=1, keepdims=True) + np.random.default_rng(5).normal(0, 5, (3000, 1))
    blind, informed = (spread(totals, days, ~known, values) for values in (traits, trait))
    assert informed.fixed < 0.3 * blind.fixed
    assert informed.between == pytest.approx(blind.between, rel=0.01)


def test_one_large_client_does_not_hide_its_own_variance():
    totals, days, known, traits = (values[:40] for values in draw(np.random.default_rng(6), 40))
    totals = totals * 0
    totals[0], traits[0], known[0] = [100, 120, 140, 160, 180, 200], 60, False
    found = spread(totals, days, known, traits)
    rate = totals[0].sum() / (6 * WEEKS)
    assert found.fixed > 0.5 * rate**2 / 40


def test_too_few_clients_and_no_variance_give_none():
    totals, days, known, traits = draw(np.random.default_rng(7), MIN_CLIENTS)
    assert spread(totals, days, known, traits) is not None
    assert spread(totals[1:], days[1:], known[1:], traits[1:]) is None
    assert spread(totals, days / 5, known, traits) is None
    assert spread(np.ones_like(totals), days, known, traits) is None
