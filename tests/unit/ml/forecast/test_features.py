"""Months ahead with a feature: the baseline plus the effect of the month."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from ml.forecast.features import forecast
from ml.tables.errors import MissingColumnError

PER_VISIT = {"visits_count": 1.0, "volume_l": 40.0, "revenue_rub": 2500.0}
MONTHS = [dt.date(2026, month, 1) for month in (1, 2, 3)]


def baselines(visits: float | None = 300.0, half: float | None = 30.0, portrait: str = "rare") -> pa.Table:
    columns = {"portrait_code": [portrait] * 3, "month_number": [1, 2, 3], "month_start_on": pa.array(MONTHS)}
    for name, times in PER_VISIT.items():
        for end, sign in (("", 0), ("_low", -1), ("_high", 1)):
            is_known = visits is not None and (half is not None or not end)
            cell = times * (visits + sign * (half or 0)) if is_known else None
            columns[f"baseline_{name}{end}"] = pa.array([cell] * 3, pa.float64())
    return pa.table(columns)


def effects(value: float | None = 30.4375, half: float = 0.0, portrait: str = "rare") -> pa.Table:
    columns = {"feature_code": ["free_coffee"], "portrait_code": [portrait]}
    for name in ("visits", "volume_l", "revenue_rub"):
        for end, change in (("", 0), ("_low", -half), ("_high", half)):
            cell = None if value is None else value + change
            columns[f"incremental_{name}_per_month{end}"] = pa.array([cell], pa.float64())
    return pa.table(columns)


def test_effect_per_month_follows_the_length_of_the_month():
    rows = forecast(baselines(), effects()).to_pylist()
    assert [row["month_start_on"] for row in rows] == MONTHS
    assert [row["month_number"] for row in rows] == [1, 2, 3]
    assert [row["predicted_visits_count"] - row["baseline_visits_count"] for row in rows] == pytest.approx([31, 28, 31])
    assert rows[0]["predicted_volume_l"] == pytest.approx(40 * 300 + 31)


def test_variances_of_baseline_and_effect_add_up():
    row = forecast(baselines(half=30), effects(half=3 * 30.4375)).to_pylist()[0]
    half = np.hypot(30, 3 * 31)
    assert row["predicted_visits_count_high"] - row["predicted_visits_count"] == pytest.approx(half)
    assert row["predicted_visits_count"] - row["predicted_visits_count_low"] == pytest.approx(half)


def test_unknown_effect_gives_a_null_prediction_with_a_known_baseline():
    row = forecast(baselines(), effects(None)).to_pylist()[0]
    assert row["predicted_visits_count"] is row["predicted_visits_count_low"] is None
    assert row["baseline_visits_count"] == pytest.approx(300)


def test_baseline_without_an_interval_gives_a_prediction_without_one():
    row = forecast(baselines(half=None), effects()).to_pylist()[0]
    assert row["predicted_visits_count"] == pytest.approx(331)
    assert row["predicted_visits_count_low"] is row["baseline_visits_count_high"] is None


def test_portrait_without_visits_has_no_baseline():
    rows = forecast(baselines(), effects(portrait="eco")).to_pylist()
    assert [row["month_start_on"] for row in rows] == MONTHS
    assert rows[0]["baseline_visits_count"] is rows[0]["predicted_visits_count"] is None
    assert forecast(baselines().slice(0, 0), effects()).num_rows == 0


def test_counts_are_never_negative():
    row = forecast(baselines(), effects(-1000.0)).to_pylist()[0]
    assert row["predicted_visits_count"] == row["predicted_visits_count_high"] == 0


def test_missing_column_is_reported():
    with pytest.raises(MissingColumnError, match="baseline_volume_l"):
        forecast(baselines().drop_columns(["baseline_volume_l"]), effects())
