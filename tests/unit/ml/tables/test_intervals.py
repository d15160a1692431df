"""Intervals of ratios, against each other and by simulation."""

import numpy as np
import pytest

from ml.tables.intervals import fieller, ratio


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
