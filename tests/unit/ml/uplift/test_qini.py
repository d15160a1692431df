"""The Qini coefficient equals that of scikit-uplift, including ties, and its interval covers the true value."""

import json
from pathlib import Path

import numpy as np
import pytest

from ml.tables.errors import InvalidValueError
from ml.uplift import qini_auc, qini_curve, qini_interval

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "uplift" / "qini.json").read_text(encoding="utf-8"))


def trial(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Binary outcomes with an effect equal to the prediction."""
    uplift = rng.uniform(0, 0.4, rows)
    treatment = rng.integers(0, 2, rows)
    y = (rng.random(rows) < 0.2 + uplift * treatment).astype(float)
    return y, uplift, treatment


@pytest.mark.parametrize("name", GOLDEN["cases"])
def test_coefficient_and_curve_are_those_of_scikit_uplift(name):
    case = GOLDEN["cases"][name]
    arrays = case["y"], case["uplift"], case["treatment"]
    assert qini_auc(*arrays) == pytest.approx(case["qini_auc"], abs=1e-9)
    taken, gain = qini_curve(*arrays)
    np.testing.assert_array_equal(taken, case["curve_taken"])
    np.testing.assert_allclose(gain, case["curve_gain"], atol=1e-9)


def test_only_the_order_of_the_predictions_matters():
    rng = np.random.default_rng(1)
    y, uplift, treatment = trial(500, rng)
    uplift = np.round(uplift, 2)
    rows = rng.permutation(500)
    value = qini_auc(y, uplift, treatment)
    assert qini_auc(y[rows], uplift[rows], treatment[rows]) == pytest.approx(value, abs=1e-12)
    assert qini_auc(y, np.exp(3 * uplift) - 7, treatment) == pytest.approx(value, abs=1e-12)
    assert qini_auc(3 * y, uplift, treatment) == pytest.approx(value, abs=1e-12)


def test_all_zero_outcomes_give_nan():
    assert np.isnan(qini_auc([0, 0, 0, 0], [1, 2, 3, 4], [0, 1, 0, 1]))
    interval = qini_interval([0, 0, 0, 0], [1, 2, 3, 4], [0, 1, 0, 1], rng=np.random.default_rng(1), resamples=10)
    assert np.isnan([interval.value, interval.low, interval.high]).all()


def test_interval_covers_the_population_value():
    rng = np.random.default_rng(2)
    truth = qini_auc(*trial(200_000, rng))
    found = [qini_interval(*trial(600, rng), rng=rng, resamples=80) for _ in range(40)]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert all(each.low < each.value < each.high for each in found)
    assert 0.85 <= covered <= 1


def test_same_seed_gives_the_same_interval():
    arrays = trial(300, np.random.default_rng(3))
    first, second, other = (qini_interval(*arrays, rng=np.random.default_rng(s), resamples=50) for s in (5, 5, 6))
    assert first == second
    assert (other.value, other.low) != (first.value, first.low)
    assert other.value == first.value


@pytest.mark.parametrize(
    ("y", "uplift", "treatment", "message"),
    [
        ([0, 1, np.nan], [1, 2, 3], [0, 1, 1], r"y = nan in row 2"),
        ([0, 1, 1], [1, np.inf, 3], [0, 1, 1], r"uplift = inf in row 1"),
        ([0, 1, 1], [1, 2, 3], [0, 1, 2], r"treatment = 2\.0 in row 2"),
        ([0, 1, 1], [1, 2, 3], [1, 1, 1], r"rows = 0 in the control arm"),
        ([0, 1, 1], [1, 2], [0, 1, 1], r"number of rows"),
        ([[0], [1]], [1, 2], [0, 1], r"one number per row"),
        (["a", "b"], [1, 2], [0, 1], r"numbers or booleans"),
    ],
)
def test_invalid_input_is_rejected(y, uplift, treatment, message):
    with pytest.raises(InvalidValueError, match=message):
        qini_auc(y, uplift, treatment)


def test_an_interval_needs_resamples():
    with pytest.raises(InvalidValueError, match="resamples = 1"):
        qini_interval([0, 1], [1, 2], [0, 1], rng=np.random.default_rng(1), resamples=1)
