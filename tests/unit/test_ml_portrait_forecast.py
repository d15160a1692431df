"""The forecast: the last three months carried on, with intervals that cover."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from ml.errors import InvalidValueError, MissingColumnError
from ml.portrait_forecast import forecast

SEPTEMBER_TO_DECEMBER = [dt.date(2025, month, 1) for month in (9, 10, 11, 12)]
DAYS = np.array([30, 31, 30, 31])


def history(visits: list[float], months: list[dt.date] = SEPTEMBER_TO_DECEMBER, portrait: str = "rare") -> pa.Table:
    """Ten clients that were clients all the time."""
    days = [10 * int(DAYS[month.month - 9]) for month in months]
    return pa.table(
        {
            "portrait_code": [portrait] * len(months),
            "month_start": pa.array(months, pa.date32()),
            "clients_count": pa.array([10] * len(months), pa.int64()),
            "client_days": pa.array(days, pa.int64()),
            "visits_count": pa.array(visits, pa.float64()),
            "volume_l": pa.array([40.0 * v for v in visits], pa.float64()),
            "revenue_rub": pa.array([2500.0 * v for v in visits], pa.float64()),
        }
    )


def effects(value: float | None = 30.4375, half: float = 0.0, portrait: str = "rare") -> pa.Table:
    columns = {"feature_code": ["free_coffee"], "portrait_code": [portrait]}
    for name in ("visits", "volume_l", "revenue_rub"):
        for end, change in (("", 0), ("_low", -half), ("_high", half)):
            cell = None if value is None else value + change
            columns[f"incremental_{name}_per_month{end}"] = pa.array([cell], pa.float64())
    return pa.table(columns)


def test_mean_per_day_is_carried_on_by_the_length_of_the_month():
    per_day = np.array([99, 10, 11, 12])
    rows = forecast(history(list(per_day * DAYS)), effects()).to_pylist()
    assert [row["month_start_on"] for row in rows] == [dt.date(2026, month, 1) for month in (1, 2, 3)]
    assert [row["month_number"] for row in rows] == [1, 2, 3]
    assert [row["baseline_visits_count"] for row in rows] == pytest.approx([11 * 31, 11 * 28, 11 * 31])
    assert [row["predicted_visits_count"] for row in rows] == pytest.approx([12 * 31, 12 * 28, 12 * 31])
    half = stats.t.ppf(0.975, 2) * np.sqrt(4 / 3)
    assert rows[0]["baseline_visits_count_high"] == pytest.approx((11 + half) * 31)
    assert rows[0]["baseline_volume_l"] == pytest.approx(40 * 11 * 31)


def test_variances_of_baseline_and_effect_add_up():
    rows = forecast(history(list(np.array([99, 100, 101, 102]) * DAYS)), effects(half=3 * 30.4375)).to_pylist()
    baseline = rows[0]["baseline_visits_count_high"] - rows[0]["baseline_visits_count"]
    predicted = rows[0]["predicted_visits_count_high"] - rows[0]["predicted_visits_count"]
    assert predicted == pytest.approx(np.hypot(baseline, 3 * 31))


def test_interval_covers_the_next_month():
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(400):
        per_day = rng.normal(100, 5, 5)
        row = forecast(history(list(per_day[:4] * DAYS)), effects(), months_ahead=1).to_pylist()[0]
        hits.append(row["baseline_visits_count_low"] <= per_day[4] * 31 <= row["baseline_visits_count_high"])
    assert 0.92 <= np.mean(hits) <= 0.98


def test_short_history_says_so_by_nulls():
    one = forecast(history([310.0], SEPTEMBER_TO_DECEMBER[3:]), effects()).to_pylist()[0]
    assert one["baseline_visits_count"] == pytest.approx(310)
    assert one["baseline_visits_count_low"] is one["predicted_visits_count_low"] is None
    assert forecast(history([], []), effects()).num_rows == 0


def test_effect_without_an_estimate_is_null_beside_a_known_baseline():
    row = forecast(history([300, 310, 300, 310]), effects(None)).to_pylist()[0]
    assert row["predicted_visits_count"] is None
    assert row["baseline_visits_count"] == pytest.approx(310)


def test_portrait_without_history_has_no_baseline():
    row = forecast(history([300, 310, 300, 310]), effects(portrait="eco")).to_pylist()[0]
    assert row["baseline_visits_count"] is row["predicted_visits_count"] is None


def test_month_in_which_nobody_was_a_client_says_nothing():
    table = pa.concat_tables([history([900, 930, 900, 930]), history([310.0], SEPTEMBER_TO_DECEMBER[3:], "eco")])
    row = forecast(table, effects(portrait="eco")).to_pylist()[0]
    assert row["baseline_visits_count"] == pytest.approx(310)


def test_clients_that_joined_meanwhile_count_from_that_day_on():
    """Ten clients, half a visit a day each; in November only four of them were clients, in December all."""
    table = history([4 * 0.5 * 30, 10 * 0.5 * 31], SEPTEMBER_TO_DECEMBER[2:], "new")
    table = table.set_column(table.schema.get_field_index("client_days"), "client_days", pa.array([4 * 30, 10 * 31]))
    row = forecast(table, effects(portrait="new")).to_pylist()[0]
    assert row["baseline_visits_count"] == pytest.approx(10 * 0.5 * 31)


def test_counts_are_never_negative():
    row = forecast(history([30, 0, 0, 31]), effects(-1000.0)).to_pylist()[0]
    assert row["baseline_visits_count_low"] == 0
    assert row["predicted_visits_count"] == 0


def test_bad_input_is_refused():
    with pytest.raises(InvalidValueError, match="months_ahead"):
        forecast(history([1, 2, 3, 4]), effects(), months_ahead=0)
    with pytest.raises(MissingColumnError, match="volume_l"):
        forecast(history([1, 2, 3, 4]).drop_columns(["volume_l"]), effects())
