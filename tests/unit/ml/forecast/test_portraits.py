"""Forecast of portraits: sums of clients, corrections from trials, coverage of the intervals."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from ml.forecast.portraits import forecast_portraits
from ml.tables.errors import MissingColumnError

LAST = dt.date(2025, 12, 31)
TRIALS = [dt.date(2025, month, 28) for month in (6, 7, 8, 9, 10, 11)]


def row(origin: dt.date = LAST, portrait: str = "rare", month: int = 1, **changes: float | None) -> dict:
    """A portrait with 1,000 expected visits of exactly 40 l and 2,500 ₽ each."""
    cells = {"expected_visits": 1000.0, "visits_variance": 0.0, "churn_prob": 0.1, "window_visits_count": 3000.0}
    cells |= {"actual_visits_count": None if origin == LAST else 1000.0} | changes
    cells.setdefault("expected_active_visits", cells["expected_visits"])
    visits, actual = cells["window_visits_count"], cells["actual_visits_count"]
    for name, square, each in (("volume_l", "volume_square", 40), ("revenue_rub", "revenue_square", 2500)):
        cells.setdefault(f"window_{name}", each * visits)
        cells.setdefault(f"window_{square}", each**2 * visits)
        cells.setdefault(f"actual_{name}", None if actual is None else each * actual)
    keys = {"origin_on": origin, "is_last": origin == LAST, "portrait_code": portrait}
    return keys | {"month_number": month, "month_start_on": dt.date(2026, month, 1)} | cells


def table(rows: list[dict]) -> pa.Table:
    kinds = {"origin_on": pa.date32(), "is_last": pa.bool_(), "portrait_code": pa.string(), "month_number": pa.int64()}
    kinds |= {"month_start_on": pa.date32()}
    return pa.Table.from_pylist(rows, pa.schema([(name, kinds.get(name, pa.float64())) for name in rows[0]]))


def found(rows: list[dict]) -> list[dict]:
    return forecast_portraits(table(rows)).to_pylist()


def test_visits_are_the_sum_and_litres_follow_from_the_window():
    last = found([row(), row(portrait="eco", expected_visits=50.0), row(month=2, expected_visits=900.0)])
    assert [(each["portrait_code"], each["month_number"]) for each in last] == [("rare", 1), ("eco", 1), ("rare", 2)]
    assert [each["baseline_visits_count"] for each in last] == [1000, 50, 900]
    assert last[0]["baseline_volume_l"] == pytest.approx(40_000)
    assert last[1]["baseline_revenue_rub"] == pytest.approx(125_000)
    assert last[0]["churn_prob"] == 0.1 and last[0]["visits_ratio"] == 1


def test_without_two_trials_there_is_no_interval():
    for trials in ([], [row(TRIALS[0])]):
        each = found([*trials, row()])[0]
        assert each["baseline_visits_count"] == 1000
        assert each["baseline_visits_count_low"] is each["baseline_revenue_rub_high"] is None


def test_interval_contains_sampling_and_common_error():
    """Errors of ±10 % in the trials, and a sampling standard deviation of 50."""
    signs = [1, -1, 1, -1, 1, -1]
    trials = [
        row(day, code, visits_variance=2500.0, actual_visits_count=1000 + 100 * sign)
        for day, sign in zip(TRIALS, signs, strict=True)
        for code in ("rare", "eco")
    ]
    last = found([*trials, row(visits_variance=2500.0), row(portrait="eco", visits_variance=2500.0)])[0]
    # Two portraits halve the sampling variance; the ratio of each to both is 1, with the sampling error of six trials.
    spread = np.sqrt(2500 + (100**2 - 2500 / 2) + 1000**2 * 6 * 2500 / 6000**2)
    half = stats.t.ppf(0.975, 6) * spread
    assert last["baseline_visits_count"] == pytest.approx(1000)
    assert last["baseline_visits_count_high"] == pytest.approx(1000 + half, rel=1e-3)
    assert last["baseline_visits_count_low"] == pytest.approx(1000 - half, rel=1e-3)


def test_consistently_underforecast_portrait_is_corrected_and_a_season_is_not():
    """Newcomers visit 50 % more often than forecast; all portraits follow the season."""
    seasons = [1.2, 1.1, 1.0, 0.9, 0.8, 0.9]
    trials = []
    for day, season in zip(TRIALS, seasons, strict=True):
        trials += [row(day, "rare", expected_visits=9000.0, actual_visits_count=9000 * season)]
        trials += [row(day, "new", expected_visits=100.0, actual_visits_count=150 * season, visits_variance=25.0)]
    rare, new = found([*trials, row(), row(portrait="new", expected_visits=110.0, expected_active_visits=100.0)])
    assert rare["baseline_visits_count"] == pytest.approx(1000, rel=0.01)
    assert new["visits_ratio"] == pytest.approx(1.5, rel=0.02)
    # Clients without a visit in the window are not corrected.
    assert new["baseline_visits_count"] == pytest.approx(100 * new["visits_ratio"] + 10)
    assert new["baseline_visits_count_low"] < 100 * 0.8 * 1.5


def test_difference_within_noise_is_not_corrected():
    errors = [0.2, -0.25, 0.15, -0.1, 0.2, -0.15]
    trials = [row(day, "rare") for day in TRIALS]
    trials += [
        row(day, "new", expected_visits=100.0, actual_visits_count=100 * (1 + error), visits_variance=400.0)
        for day, error in zip(TRIALS, errors, strict=True)
    ]
    assert found([*trials, row(portrait="new", expected_visits=100.0)])[0]["visits_ratio"] == 1


def test_later_month_has_no_narrower_interval_than_an_earlier_one():
    trials = [row(day, actual_visits_count=1000 + 200 * (-1) ** i) for i, day in enumerate(TRIALS)]
    trials += [row(day, month=2) for day in TRIALS]
    first, second = found([*trials, row(), row(month=2)])
    widths = [each["baseline_visits_count_high"] - each["baseline_visits_count_low"] for each in (first, second)]
    assert widths[1] >= widths[0] * 0.99 > 400


def test_portrait_with_its_own_error_is_wide_and_does_not_widen_the_others():
    errors = [0.4, -0.5, 0.3, -0.2, 0.4, -0.4]
    trials = [row(day, "rare", expected_visits=100_000.0, actual_visits_count=100_000.0) for day in TRIALS]
    trials += [
        row(day, "undefined", expected_visits=100.0, actual_visits_count=100 * (1 + error))
        for day, error in zip(TRIALS, errors, strict=True)
    ]
    rare, undefined = found([*trials, row(), row(portrait="undefined", expected_visits=100.0)])
    assert rare["baseline_visits_count_high"] < 1010
    assert undefined["baseline_visits_count_high"] > 180


@pytest.mark.statistical
def test_interval_covers_the_next_month():
    """Three portraits with sampling error and a common error of 8 %."""
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(300):
        rows = []
        for day in [*TRIALS, LAST]:
            shared = 1 + rng.normal(0, 0.08)
            totals = {code: max(rng.normal(1000 * shared, 30), 0) for code in ("rare", "eco", "new")}
            known = [
                row(day, code, visits_variance=900.0, actual_visits_count=visits) for code, visits in totals.items()
            ]
            rows += known if day != LAST else [row(portrait=code, visits_variance=900.0) for code in totals]
        hits += [
            each["baseline_visits_count_low"] <= totals[each["portrait_code"]] <= each["baseline_visits_count_high"]
            for each in found(rows)
        ]
    assert 0.92 <= np.mean(hits) <= 0.98


def test_portrait_without_a_visit_in_the_window_uses_the_mean_of_all():
    last = found([row(), row(portrait="eco", expected_visits=2.0, window_visits_count=0.0)])[1]
    assert last["baseline_volume_l"] == pytest.approx(80)
    nothing = found([row(window_visits_count=0.0)])[0]
    assert nothing["baseline_visits_count"] == 1000
    assert nothing["baseline_volume_l"] is nothing["baseline_revenue_rub_high"] is None


def test_month_without_a_forecast_of_clients_is_null():
    first, second = found([row(), row(month=2, expected_visits=None, expected_active_visits=0.0, visits_variance=None)])
    assert first["baseline_visits_count"] == 1000
    assert second["baseline_visits_count"] is second["baseline_volume_l"] is None
    assert forecast_portraits(table([row()]).slice(0, 0)).num_rows == 0


def test_missing_column_is_reported():
    with pytest.raises(MissingColumnError, match="window_volume_l"):
        forecast_portraits(table([row()]).drop_columns(["window_volume_l"]))
