"""Conditions on client metrics, shared by portrait criteria and feature eligibility.

A range is half-open, ``low <= value < high`` (a null bound is open), so that adjacent ranges, such as tenure under 60
days and tenure from 60 days, share no client. For a share that may be exactly 1, leave `high` open.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import as_text, codes, is_text, numbers, require
from ml.tables.errors import ColumnTypeError, MLError


def in_range(values: np.ndarray, low: float | None, high: float | None) -> np.ndarray:
    """Whether each value lies in ``[low, high)``, shape of `values`; False for NaN, None is an open bound."""
    is_inside = ~np.isnan(values)
    if low is not None:
        is_inside &= values >= low
    if high is not None:
        is_inside &= values < high
    return is_inside


def in_values(table: pa.Table, metric_code: str, allowed: Iterable[object]) -> tuple[np.ndarray, np.ndarray]:
    """Whether the value of a categorical metric is in `allowed`, and whether it is known.

    Booleans are compared as `true` / `false`, numbers by value, text exactly.

    Returns
    -------
    is_match, is_known : ndarray of bool, shape (rows,)
    """
    listed = {as_text(value) for value in allowed}
    if not is_text(table, metric_code) and not pa.types.is_boolean(table.schema.field(metric_code).type):
        values = numbers(table, metric_code)
        wanted = [_number(text) for text in listed]
        return np.isin(values, [w for w in wanted if w is not None]), ~np.isnan(values)
    index, levels = codes(table, metric_code)
    is_listed = np.array([level in listed for level in levels] + [False])
    return is_listed[index], index >= 0


def range_values(table: pa.Table, metric_code: str) -> np.ndarray:
    """Values of a metric for a range condition; raises ColumnTypeError for a text column."""
    if is_text(table, metric_code):
        kind = table.schema.field(metric_code).type
        raise ColumnTypeError(metric_code, kind, "a number (condition with low or high)")
    return numbers(table, metric_code)


def is_eligible(metrics: pa.Table, conditions: Iterable[Mapping[str, Any]]) -> np.ndarray:
    """Whether each client meets every condition.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, with every metric used in a condition.
    conditions : iterable of mappings
        `metric_code` and `values` (list) or `low` / `high` (half-open range, in the unit of the metric). With no
        conditions, every client is eligible.

    Returns
    -------
    ndarray of bool, shape (clients,)
        A client with a missing value is not eligible.

    Raises
    ------
    MissingColumnError
        If the table lacks the metric of a condition.
    ColumnTypeError
        If a range condition is set on a text metric.
    MLError
        If a condition has neither `values` nor a bound.
    """
    result = np.ones(metrics.num_rows, dtype=bool)
    for condition in conditions:
        metric_code = condition["metric_code"]
        require(metrics, [metric_code], "client metrics")
        low, high, allowed = (condition.get(key) for key in ("low", "high", "values"))
        if low is None and high is None and allowed is None:
            raise MLError(
                f"eligibility condition {dict(condition)!r} limits nothing; give 'values', 'low' or "
                "'high', or remove it from feature_hypotheses.json."
            )
        if allowed is not None:
            is_match, is_known = in_values(metrics, metric_code, allowed)
            result &= is_match & is_known
        if low is not None or high is not None:
            result &= in_range(range_values(metrics, metric_code), low, high)
    return result


def _number(text: str) -> float | None:
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(text)
    except ValueError:
        return None
