"""Counting intervals that hold the truth, and the intervals that are counted."""

import numpy as np
import pytest

from lab.trials.scores import Discoveries, coverage, discoveries
from ml.tables.intervals import fieller, ratio, wilson

FEE = (35.0, 35.0, 35.0)


def test_what_is_known_exactly_is_no_interval():
    found = np.array([[(1.0, 0.5, 1.5), FEE], [(3.0, 2.5, 3.5), FEE], [(1.0, 0.8, 1.4), FEE], [(1.2, 1.0, 1.6), FEE]])
    counted = coverage(found, np.array([1.0, 35.0]))
    assert (counted.intervals_count, counted.covered_share) == (4, 0.75)
    assert (counted.lowest, counted.highest) == (0.75, 0.75)
    assert coverage(found[:, 1:], np.array([35.0])).intervals_count == 0


def test_a_cell_that_seldom_has_an_interval_counts_and_is_not_shown_alone():
    found = np.full((4, 1, 3), np.nan)
    found[0, 0] = (1.0, 0.5, 1.5)
    counted = coverage(found, np.array([1.0]))
    assert (counted.intervals_count, counted.covered_share) == (1, 1.0)
    assert np.isnan(counted.lowest)


def test_calls_counted_by_hand():
    effect, is_null = np.array([0.1, -0.2, 0.0, np.nan]), np.array([False, False, True, False])
    called = np.array(
        [
            [1, 0, 0, 0],  # right
            [1, 1, 1, 0],  # right; the wrong sign; an effect that is not there
            [0, 0, 0, 0],
            [0, -1, 0, 0],  # right
        ]
    )
    found = discoveries(called, effect, is_null)
    assert found == Discoveries(
        any_share=0.75, calls_mean=1.25, false_share=pytest.approx(2 / 3 / 4), found_share=3 / 8
    )
    assert np.isnan(discoveries(called, effect, np.ones(4, dtype=bool)).found_share)


def test_ends_of_fiellers_interval_are_ratios_at_which_the_difference_is_just_significant():
    found = fieller(30.0, 100.0, 400.0, 225.0, 60.0, 1e9)
    for end in (found.low, found.high):
        spread = np.sqrt(400 - 2 * end * 60 + end**2 * 225)
        assert abs(30 - end * 100) / spread == pytest.approx(1.96, abs=1e-3)
    assert found.low < found.value == 0.3 < found.high
    assert np.isnan(fieller(30.0, 100.0, 400.0, 3000.0, 60.0, 1e9).value)


def test_fiellers_interval_of_a_known_denominator_is_students():
    exact, delta = (each(30.0, 100.0, 400.0, 0.0, 0.0, 7.0) for each in (fieller, ratio))
    assert (exact.low, exact.high) == (pytest.approx(delta.low), pytest.approx(delta.high))


def test_fiellers_interval_holds_where_the_delta_method_is_too_wide():
    """A small profit over a cost that is known to a fifth."""
    rng = np.random.default_rng(1)
    held = {fieller: 0, ratio: 0}
    for top, bottom in zip(rng.normal(5, 60, 4000), rng.normal(100, 20, 4000), strict=True):
        for each in held:
            found = each(top, bottom, 3600.0, 400.0, 0.0, 1e6)
            held[each] += found.low <= 0.05 <= found.high
    assert held[fieller] / 4000 == pytest.approx(0.95, abs=0.012)
    assert held[ratio] > held[fieller]


def test_strata_that_differ_narrow_a_share_as_more_trials_would():
    fewer, more = wilson(50, 100, design_effect=0.5), wilson(100, 200)
    assert (fewer.low, fewer.high) == (pytest.approx(more.low), pytest.approx(more.high))
