"""The curve of interest: a planted half-life is recovered, and none is reported without decay or enough data."""

import numpy as np
import pyarrow as pa
import pytest

from ml.rules.response import weekly_interest
from ml.tables.errors import MissingColumnError
from ml.trials.interest import fit_interest

GROUPS = 20


def weekly(
    seed: int, clients: int, ramp: float, half_life: float, weeks: int = 12, willing_share: float = 0.5
) -> pa.Table:
    """Clients with individual patience: one that responds in a week of low interest also does at higher interest."""
    rng = np.random.default_rng(seed)
    interest = weekly_interest(weeks, ramp, half_life)
    willing, patience = rng.random(clients) < willing_share, rng.random(clients)
    responded = willing[:, None] & (patience[:, None] < interest) & (rng.random((clients, weeks)) < 0.8)
    group = np.arange(clients) % GROUPS
    rows = [
        {
            "feature_code": "coffee",
            "group_number": number,
            "week_number": week + 1,
            "treated_count": int((group == number).sum()),
            "responded_count": int(responded[group == number, week].sum()),
        }
        for number in range(GROUPS)
        for week in range(weeks)
    ]
    return pa.Table.from_pylist(rows)


@pytest.mark.statistical
def test_intervals_cover_the_planted_half_life():
    found = [fit_interest(weekly(seed, 3000, 2, 10)).to_pylist()[0] for seed in range(60)]
    coverage = np.mean([row["half_life_weeks_low"] <= 10 <= row["half_life_weeks_high"] for row in found])
    assert 0.88 <= coverage <= 1.0
    assert np.mean([row["half_life_weeks"] for row in found]) == pytest.approx(10, rel=0.1)
    assert np.median([row["ramp_weeks"] for row in found]) == 2


def test_the_curve_follows_the_shares():
    table = fit_interest(weekly(1, 20_000, 3, 6))
    observed, fitted = (np.array(table[name].to_pylist()) for name in ("interest_share", "fitted_share"))
    np.testing.assert_allclose(fitted, observed, atol=0.01)
    np.testing.assert_allclose(observed, 0.4 * weekly_interest(12, 3, 6), atol=0.015)


def test_interest_that_does_not_fade_has_no_upper_bound():
    row = fit_interest(weekly(2, 1000, 2, 1e6)).to_pylist()[0]
    assert row["half_life_weeks_high"] is None
    assert row["half_life_weeks_low"] > 20


@pytest.mark.parametrize(
    "changes", [{"clients": 40, "willing_share": 0.02}, {"weeks": 1}, {"weeks": 3}, {"willing_share": 0.0}]
)
def test_too_little_data_gives_shares_without_a_curve(changes):
    table = fit_interest(weekly(**{"seed": 3, "clients": 400, "ramp": 2, "half_life": 10} | changes))
    assert table.num_rows == changes.get("weeks", 12)
    assert table["interest_share"].null_count == 0
    for name in ("fitted_share", "half_life_weeks", "ramp_weeks"):
        assert table[name].null_count == table.num_rows


def test_no_trial_gives_no_rows_and_missing_columns_are_named():
    counts = weekly(1, 100, 2, 10)
    assert fit_interest(counts.slice(0, 0)).num_rows == 0
    with pytest.raises(MissingColumnError, match="responded_count"):
        fit_interest(counts.drop_columns("responded_count"))
