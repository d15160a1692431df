"""Who can be offered a product feature at all."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import require
from ml.tables.conditions import in_range, in_values, range_values
from ml.tables.errors import MLError


def is_eligible(metrics: pa.Table, conditions: Iterable[Mapping[str, Any]]) -> np.ndarray:
    """Whether each client meets every condition.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, with every metric that a condition names.
    conditions : iterable of mappings
        `metric_code` and either `values` (list) or `low` / `high` (half-open range, in the unit of
        the metric). No conditions: everyone is eligible.

    Returns
    -------
    ndarray of bool, shape (clients,)
        A client whose value is missing is not eligible.

    Raises
    ------
    MissingColumnError
        If a condition names a metric that the table does not have.
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
