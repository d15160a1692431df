"""Missing values, ranges and categories have the same semantics in every condition."""

import numpy as np
import pyarrow as pa
import pytest

from ml.tables.columns import codes, numbers
from ml.tables.conditions import in_range, in_values, is_eligible
from ml.tables.errors import ColumnTypeError, MissingColumnError, MLError

METRICS = pa.table(
    {
        "client_id": [1, 2, 3, 4],
        "tenure_days": pa.array([59, 60, None, 61], pa.int64()),
        "home_station_has_cafe": pa.array([True, False, None, True]),
        "main_fuel_grade": pa.array(["ai92", "ai95", None, "lpg"]),
        "vehicles_count": pa.array([1.0, float("nan"), float("inf"), 3.0]),
        "nothing": pa.nulls(4),
    }
)


def test_range_is_half_open_so_that_adjacent_ranges_share_no_client():
    values = np.array([59.0, 60.0, np.nan])
    np.testing.assert_array_equal(in_range(values, None, 60), [True, False, False])
    np.testing.assert_array_equal(in_range(values, 60, None), [False, True, False])


def test_null_nan_and_infinity_are_missing():
    np.testing.assert_array_equal(np.isnan(numbers(METRICS, "vehicles_count")), [False, True, True, False])
    assert np.isnan(numbers(METRICS, "nothing")).all()
    assert np.isnan(numbers(METRICS, "tenure_days")[2])


def test_codes_are_sorted_and_missing_is_minus_one():
    index, levels = codes(METRICS, "main_fuel_grade")
    assert levels == ["ai92", "ai95", "lpg"]
    np.testing.assert_array_equal(index, [0, 1, -1, 2])


@pytest.mark.parametrize("encode", [lambda c: c, lambda c: c.dictionary_encode(), lambda c: c.cast(pa.large_string())])
def test_category_matches_in_any_encoding(encode):
    table = METRICS.set_column(3, "main_fuel_grade", encode(METRICS["main_fuel_grade"]))
    is_match, is_known = in_values(table, "main_fuel_grade", ["ai95", "lpg"])
    np.testing.assert_array_equal(is_match, [False, True, False, True])
    np.testing.assert_array_equal(is_known, [True, True, False, True])


@pytest.mark.parametrize("yes", [True, "true"])
def test_boolean_matches_json_and_sql_spelling(yes):
    is_match, is_known = in_values(METRICS, "home_station_has_cafe", [yes])
    np.testing.assert_array_equal(is_match, [True, False, False, True])
    np.testing.assert_array_equal(is_known, [True, True, False, True])


def test_number_matches_by_value():
    np.testing.assert_array_equal(in_values(METRICS, "vehicles_count", ["3"])[0], [False, False, False, True])


def test_missing_value_is_not_eligible_and_no_conditions_mean_everyone():
    cafe = {"metric_code": "home_station_has_cafe", "values": [True]}
    np.testing.assert_array_equal(is_eligible(METRICS, [cafe]), [True, False, False, True])
    np.testing.assert_array_equal(is_eligible(METRICS, []), [True] * 4)
    settled = {"metric_code": "tenure_days", "low": 60}
    np.testing.assert_array_equal(is_eligible(METRICS, [cafe, settled]), [False, False, False, True])
    unknown = {"metric_code": "nothing", "values": [True]}
    assert not is_eligible(METRICS, [unknown]).any()


def test_invalid_conditions_are_rejected():
    with pytest.raises(MissingColumnError, match="has_wings"):
        is_eligible(METRICS, [{"metric_code": "has_wings", "values": [True]}])
    with pytest.raises(MLError, match="limits nothing"):
        is_eligible(METRICS, [{"metric_code": "tenure_days"}])
    with pytest.raises(ColumnTypeError, match="main_fuel_grade"):
        is_eligible(METRICS, [{"metric_code": "main_fuel_grade", "low": 1}])
