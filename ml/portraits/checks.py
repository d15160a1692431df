"""Checks of the criteria of portraits.json on the data: which clients each one admits and which it alone excludes.

The checks cover clients with a visit in the window and apply every criterion literally, soft or hard: the exact
half-open range or the list of values. They describe the criteria, not which portrait a client gets.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.portraits.advice import NEVER_BINDS, NO_DATA, OK, UNREACHABLE, UNREACHABLE_TOGETHER, advise
from ml.tables.columns import codes, numbers, require
from ml.tables.conditions import in_range, in_values, range_values

OBSERVED_QUANTILES = (0.05, 0.95)
SHOWN_VALUES = 7
"""How many of the most frequent observed values are listed."""

MIN_JUDGED = 30
"""Clients needed to report that a criterion never binds: if none of 30 fail it, up to 10 % may (rule of three)."""

_CRITERION = ("portrait_code", "criterion_code", "metric_code", "kind", "low", "high", "values", "is_hard")

CHECK_SCHEMA = pa.schema(
    {
        "portrait_code": pa.string(),
        "criterion_code": pa.string(),
        "metric_code": pa.string(),
        "is_hard": pa.bool_(),
        "known_count": pa.int64(),
        "satisfied_count": pa.int64(),
        "satisfied_share": pa.float64(),
        "others_satisfied_count": pa.int64(),
        "excluded_only_count": pa.int64(),
        "is_binding": pa.bool_(),
        "is_reachable": pa.bool_(),
        "observed_low": pa.float64(),
        "observed_high": pa.float64(),
        "observed_values": pa.list_(pa.string()),
        "finding_code": pa.string(),
        "advice_ru": pa.string(),
    }
)

OVERLAP_SCHEMA = pa.schema(
    {
        "portrait_code": pa.string(),
        "other_portrait_code": pa.string(),
        "clients_count": pa.int64(),
        "both_count": pa.int64(),
        "overlap_share": pa.float64(),
    }
)


def check_criteria(metrics: pa.Table, criteria: pa.Table, labels: Mapping[str, str] | None = None) -> pa.Table:
    """Report for each criterion whether clients meet it and whether it excludes anyone.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: `visits_count` and every metric used in a criterion.
    criteria : pyarrow.Table
        As for `ml.portraits.criteria.learn`, one row per portrait × criterion. The order of rows does not matter.
    labels : mapping of str to str, optional
        Metric code → Russian name for the advice; defaults to the code.

    Returns
    -------
    pyarrow.Table
        One row per portrait × criterion, sorted by code, columns of `CHECK_SCHEMA`. All counts are of clients with
        visits. known_count: the metric is known; satisfied_count: known and the criterion met; satisfied_share =
        satisfied / known; others_satisfied_count: known and every other criterion of the portrait met;
        excluded_only_count: of those, the ones failing this criterion. observed_low and observed_high are the 5 % and
        95 % quantiles of the metric of a range, observed_values the most frequent values of a category.

    Raises
    ------
    MissingColumnError
        If the table lacks the metric of a criterion.
    ColumnTypeError
        If a range criterion is set on a text metric.
    """
    metrics, rows = _with_visits(metrics), _rows(criteria)
    require(metrics, {row["metric_code"] for row in rows}, "client metrics")
    met = [_met(metrics, row) for row in rows]
    failures = _by_portrait(metrics.num_rows, rows, [~is_met for is_met, _ in met])
    checked = []
    for row, (is_met, is_known) in zip(rows, met, strict=True):
        others = is_known & (failures[row["portrait_code"]] == ~is_met)
        counts = {
            "known_count": int(is_known.sum()),
            "satisfied_count": int(is_met.sum()),
            "others_satisfied_count": int(others.sum()),
            "excluded_only_count": int((others & ~is_met).sum()),
        }
        observed = _observed(metrics, row)
        finding = _finding(**counts)
        label = (labels or {}).get(row["metric_code"], row["metric_code"])
        checked.append(
            row
            | counts
            | observed
            | {
                "satisfied_share": counts["satisfied_count"] / counts["known_count"] if counts["known_count"] else None,
                "is_binding": counts["excluded_only_count"] > 0,
                "is_reachable": counts["satisfied_count"] > 0,
                "finding_code": finding,
                "advice_ru": advise(finding, label, row | observed | counts, metrics.num_rows),
            }
        )
    return pa.Table.from_pylist(checked, schema=CHECK_SCHEMA)


def check_portraits(metrics: pa.Table, criteria: pa.Table) -> pa.Table:
    """Count the clients who meet all criteria of a portrait, and those who also meet all criteria of another.

    Parameters and errors as for `check_criteria`.

    Returns
    -------
    pyarrow.Table
        One row per portrait × portrait, sorted by code, columns of `OVERLAP_SCHEMA`: clients_count, the clients with
        visits who meet every criterion of the first portrait (a criterion with an unknown metric is not met);
        both_count, those who also meet every criterion of the other; overlap_share = both / clients, null for zero
        clients. The row of a portrait with itself gives the number of clients that its criteria reach.
    """
    metrics, rows = _with_visits(metrics), _rows(criteria)
    require(metrics, {row["metric_code"] for row in rows}, "client metrics")
    failures = _by_portrait(metrics.num_rows, rows, [~_met(metrics, row)[0] for row in rows])
    portraits = sorted(failures)
    member = np.array([failures[code] == 0 for code in portraits]).reshape(len(portraits), metrics.num_rows)
    both = member.astype(np.float64) @ member.T.astype(np.float64)
    pairs = []
    for i, portrait in enumerate(portraits):
        clients = int(both[i, i])
        for j, other in enumerate(portraits):
            share = both[i, j] / clients if clients else None
            pairs.append((portrait, other, clients, int(both[i, j]), share))
    rows = [dict(zip(OVERLAP_SCHEMA.names, pair, strict=True)) for pair in pairs]
    return pa.Table.from_pylist(rows, schema=OVERLAP_SCHEMA)


def _with_visits(metrics: pa.Table) -> pa.Table:
    require(metrics, ["visits_count"], "client metrics")
    return metrics.take(pa.array(np.flatnonzero(numbers(metrics, "visits_count") > 0)))


def _rows(criteria: pa.Table) -> list[dict[str, Any]]:
    require(criteria, _CRITERION, "criteria")
    rows = criteria.select(_CRITERION).to_pylist()
    return sorted(rows, key=lambda row: (row["portrait_code"], row["criterion_code"], row["metric_code"]))


def _met(metrics: pa.Table, row: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Whether each client meets the criterion, and whether its metric is known; both bool of shape (clients,)."""
    if row["kind"] == "category":
        is_match, is_known = in_values(metrics, row["metric_code"], row["values"])
        return is_match & is_known, is_known
    values = range_values(metrics, row["metric_code"])
    return in_range(values, row["low"], row["high"]), ~np.isnan(values)


def _by_portrait(clients: int, rows: list[dict[str, Any]], failed: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Number of criteria that each client fails, by portrait."""
    count = {row["portrait_code"]: np.zeros(clients, dtype=np.int64) for row in rows}
    for row, fails in zip(rows, failed, strict=True):
        count[row["portrait_code"]] += fails
    return count


def _observed(metrics: pa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    if row["kind"] == "category":
        index, levels = codes(metrics, row["metric_code"])
        count = np.bincount(index[index >= 0], minlength=len(levels))
        by_frequency = sorted(range(len(levels)), key=lambda i: (-count[i], levels[i]))
        return {"observed_values": [levels[i] for i in by_frequency[:SHOWN_VALUES]]}
    values = range_values(metrics, row["metric_code"])
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return {}
    low, high = np.quantile(values, OBSERVED_QUANTILES)
    return {"observed_low": float(low), "observed_high": float(high)}


def _finding(known_count: int, satisfied_count: int, others_satisfied_count: int, excluded_only_count: int) -> str:
    if known_count == 0:
        return NO_DATA
    if satisfied_count == 0:
        return UNREACHABLE
    if others_satisfied_count > 0 and excluded_only_count == others_satisfied_count:
        return UNREACHABLE_TOGETHER
    if known_count >= MIN_JUDGED and satisfied_count == known_count:
        return NEVER_BINDS
    return NEVER_BINDS if others_satisfied_count >= MIN_JUDGED and excluded_only_count == 0 else OK
