"""Forecast of each portrait with a feature: the baseline plus the effect of offering it."""

import calendar
import datetime as dt
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from ml.forecast.portraits import QUANTITIES
from ml.tables.columns import codes, numbers, require
from ml.tables.intervals import Estimate
from vocabulary.units import MONTH_DAYS

EFFECTS = {
    "visits_count": "incremental_visits_per_month",
    "volume_l": "incremental_volume_l_per_month",
    "revenue_rub": "incremental_revenue_rub_per_month",
}
_ENDS = ("", "_low", "_high")


def forecast(baselines: pa.Table, by_portrait: pa.Table) -> pa.Table:
    """Add the effect of each feature to the baseline forecast.

    The effect is the mean over the weeks of the trial, the same in every month: rise and decay of interest are known
    per response, not per visit or rouble.

    Parameters
    ----------
    baselines : pyarrow.Table
        Result of `ml.forecast.portraits.forecast_portraits`.
    by_portrait : pyarrow.Table
        Result by portrait of `ml.trials.analysis.analyse` or `ml.rules.scenario.by_rules`: the effects of offering the
        feature to all eligible clients.

    Returns
    -------
    pyarrow.Table
        One row per feature × portrait × month ahead: feature_code, portrait_code, month_number, month_start_on, and for
        each quantity ``baseline_…`` and ``predicted_…`` with ``_low``, ``_high``. Predicted intervals add the variances
        of baseline and effect, and are null if either has no interval. Values and bounds are at least 0, and null for a
        portrait without any client with a visit.

    Raises
    ------
    MissingColumnError
        If a column of either table is missing.
    """
    names = [f"baseline_{quantity}{end}" for quantity in QUANTITIES for end in _ENDS]
    require(baselines, ("portrait_code", "month_number", "month_start_on", *names), "forecast of portraits")
    bounds = [f"{name}{end}" for name in EFFECTS.values() for end in _ENDS]
    require(by_portrait, ("feature_code", "portrait_code", *bounds), "results by portrait")
    known = {(row["portrait_code"], row["month_number"]): row for row in baselines.to_pylist()}
    months = dict(sorted({row["month_number"]: row["month_start_on"] for row in known.values()}.items()))
    effects = {name: numbers(by_portrait, name) for name in bounds}
    feature, features = codes(by_portrait, "feature_code")
    portrait, portraits = codes(by_portrait, "portrait_code")
    rows = []
    for i in range(by_portrait.num_rows):
        code = portraits[portrait[i]]
        for number, month in months.items():
            row = {"feature_code": features[feature[i]], "portrait_code": code}
            row |= {"month_number": number, "month_start_on": month}
            baseline_row = known.get((code, number), {})
            for quantity, name in EFFECTS.items():
                baseline = _estimate(baseline_row.get(f"baseline_{quantity}{end}") for end in _ENDS)
                effect = _estimate(float(effects[f"{name}{end}"][i]) for end in _ENDS)
                row |= _columns(f"baseline_{quantity}", baseline)
                row |= _columns(f"predicted_{quantity}", _add(baseline, effect.times(_days(month) / MONTH_DAYS)))
            rows.append(row)
    return pa.Table.from_pylist(rows, schema=_schema())


def _estimate(parts: Iterable[float | None]) -> Estimate:
    return Estimate(*(np.nan if part is None else part for part in parts))


def _add(baseline: Estimate, effect: Estimate) -> Estimate:
    value = baseline.value + effect.value
    low = value - np.hypot(baseline.value - baseline.low, effect.value - effect.low)
    high = value + np.hypot(baseline.high - baseline.value, effect.high - effect.value)
    return Estimate(max(value, 0.0), max(low, 0.0), max(high, 0.0))


def _columns(name: str, estimate: Estimate) -> dict[str, float | None]:
    ends = dict(zip(_ENDS, (estimate.value, estimate.low, estimate.high), strict=True))
    return {f"{name}{end}": value if np.isfinite(value) else None for end, value in ends.items()}


def _schema() -> pa.Schema:
    fields = [("feature_code", pa.string()), ("portrait_code", pa.string())]
    fields += [("month_number", pa.int64()), ("month_start_on", pa.date32())]
    for quantity in QUANTITIES:
        for kind in ("baseline", "predicted"):
            fields += [(f"{kind}_{quantity}{end}", pa.float64()) for end in _ENDS]
    return pa.schema(fields)


def _days(month: dt.date) -> int:
    return calendar.monthrange(month.year, month.month)[1]
