"""Wilson intervals: the formula by hand, no and every success, design effects."""

import numpy as np
import pytest

from ml.tables.shares import wilson


def test_the_interval_is_that_of_the_formula():
    z = 1.959963984540054
    found = wilson(7, 40)
    middle, half = 7 / 40 + z**2 / 80, z * np.sqrt(7 / 40 * 33 / 40 / 40 + z**2 / 6400)
    assert found.value == 7 / 40
    assert (found.low, found.high) == pytest.approx(
        ((middle - half) / (1 + z**2 / 40), (middle + half) / (1 + z**2 / 40))
    )


@pytest.mark.parametrize("trials", [1, 3, 49, 1000])
def test_no_and_every_success_are_bounds_exactly(trials):
    assert (wilson(0, trials).low, wilson(trials, trials).high) == (0.0, 1.0)
    assert (wilson(0, trials, design_effect=0.77).low, wilson(trials, trials, design_effect=0.77).high) == (0.0, 1.0)


def test_without_trials_nothing_is_known():
    assert np.isnan([wilson(0, 0).value, wilson(0, 0).low, wilson(0, 0).high]).all()


def test_strata_that_differ_narrow_a_share_as_more_trials_would():
    fewer, more = wilson(50, 100, design_effect=0.5), wilson(100, 200)
    assert (fewer.low, fewer.high) == (pytest.approx(more.low), pytest.approx(more.high))
