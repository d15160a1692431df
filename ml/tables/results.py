"""Columns of the result tables that every analysis of features returns, and the row type behind them."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ml.tables.intervals import Estimate

EXPERIMENT, RULES_SCENARIO = "experiment", "rules_scenario"
"""Values of basis_code: measured in a trial or a pilot, or predicted by the behaviour rules."""

WITH_INTERVAL = (
    "conversion_share",
    "reaction_ratio",
    "incremental_visits_per_month",
    "incremental_volume_l_per_month",
    "incremental_revenue_rub_per_month",
    "incremental_margin_rub_per_month",
    "cost_rub_per_month",
    "profit_rub_per_month",
    "roi_ratio",
    "visits_per_client_per_month_with",
    "revenue_rub_per_client_per_month_with",
)
WITHOUT_INTERVAL = (
    "visits_per_client_per_month_without",
    "revenue_rub_per_client_per_month_without",
    "profit_rub_per_client_per_month",
    "profit_rub_per_client_per_month_shrunk",
    "sample_ratio_p_value",
)
COUNTS = ("eligible_count", "treated_count", "control_count")


@dataclass
class ResultRow:
    """Result of a feature (`portrait_code` None) or of a feature within a portrait.

    Effects are averaged over `horizon_weeks`. `estimates` holds the known columns of `WITH_INTERVAL`, `plain` those of
    `WITHOUT_INTERVAL`; the others become null. `primary_effect` is the effect on the primary metric, `profit_error` the
    standard error of profit per client and month.
    """

    feature_code: str
    portrait_code: str | None
    eligible_count: int
    basis_code: str
    treated_count: int = 0
    control_count: int = 0
    horizon_weeks: int | None = None
    estimates: dict[str, Estimate] = field(default_factory=dict)
    plain: dict[str, float] = field(default_factory=dict)
    primary_effect: float = np.nan
    profit_error: float = np.nan
    p_value: float = np.nan
    q_value: float = np.nan
    verdict_code: str | None = None


def to_table(rows: list[ResultRow], *, by_portrait: bool) -> pa.Table:
    """Build a table sorted by feature (and portrait)."""
    rows = sorted(rows, key=lambda row: (row.feature_code, row.portrait_code or ""))
    columns: dict[str, pa.Array] = {"feature_code": _text([row.feature_code for row in rows])}
    if by_portrait:
        columns["portrait_code"] = _text([row.portrait_code for row in rows])
    for name in COUNTS:
        columns[name] = pa.array([getattr(row, name) for row in rows], pa.int64())
    reach = [row.treated_count / row.eligible_count if row.eligible_count else None for row in rows]
    columns["reach_share"] = pa.array(reach, pa.float64())
    for name in WITH_INTERVAL:
        estimates = [row.estimates.get(name, Estimate()) for row in rows]
        columns[name] = _numbers([estimate.value for estimate in estimates])
        columns[f"{name}_low"] = _numbers([estimate.low for estimate in estimates])
        columns[f"{name}_high"] = _numbers([estimate.high for estimate in estimates])
    for name in WITHOUT_INTERVAL:
        columns[name] = _numbers([row.plain.get(name, np.nan) for row in rows])
    columns["p_value"] = _numbers([row.p_value for row in rows])
    columns["q_value"] = _numbers([row.q_value for row in rows])
    columns["verdict_code"] = _text([row.verdict_code for row in rows])
    columns["basis_code"] = _text([row.basis_code for row in rows])
    columns["horizon_weeks"] = pa.array([row.horizon_weeks for row in rows], pa.int64())
    return pa.table(columns)


def _numbers(values: list[float]) -> pa.Array:
    array = np.asarray(values, dtype=np.float64)
    return pa.array(array, mask=~np.isfinite(array))


def _text(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())
