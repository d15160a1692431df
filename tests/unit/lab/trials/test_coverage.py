"""Intervals that hold the truth, and calls, counted by hand."""

import numpy as np
import pytest

from lab.trials.coverage import Discoveries, coverage, discoveries

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
