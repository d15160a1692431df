"""Units of a test: the exact numbers, and the effects they detect."""

import numpy as np
import pytest
from statsmodels.stats.power import TTestIndPower

from ml.planning.power import MIN_UNITS_PER_ARM, detectable, least_units, normal_factor, units_needed


@pytest.mark.parametrize("share", [0.5, 0.2, 0.9])
@pytest.mark.parametrize("power", [0.8, 0.9])
@pytest.mark.parametrize("effect", [0.005, 0.05, 0.3, 0.6])
def test_units_are_the_fewest_with_the_power(effect, power, share):
    found = units_needed(np.array([effect]), np.array([power]), np.array([share]))[0]
    control = TTestIndPower().solve_power(effect, None, 0.05, power, (1 - share) / share, "two-sided")
    assert found == pytest.approx(max(np.ceil(control / share), least_units(share)), abs=1, rel=1e-5)


def test_large_effects_still_need_ten_units_in_each_arm():
    needed = units_needed(np.array([5.0, 5.0]), np.array([0.8, 0.8]), np.array([0.5, 0.2]))
    assert needed.tolist() == [2 * MIN_UNITS_PER_ARM, 5 * MIN_UNITS_PER_ARM]


def test_detectable_is_the_inverse_of_units_needed():
    for units, share in ((40, 0.5), (700, 0.2)):
        effect = detectable(units, 0.8, share)
        assert units_needed(np.array([effect * 1.0001]), np.array([0.8]), np.array([share]))[0] == units
        assert units_needed(np.array([effect * 0.99]), np.array([0.8]), np.array([share]))[0] > units
    assert np.isnan(detectable(19, 0.8, 0.5))


def test_normal_factor_equals_the_textbook_value():
    assert normal_factor(0.8) == pytest.approx(7.849, abs=0.001)
    assert normal_factor(0.9) == pytest.approx(10.507, abs=0.001)
