"""Months ahead with and without a feature, in the simplest honest form.

The baseline carries on the mean per day of the last three full months; no season and no trend is
claimed. Its interval comes from the spread of those months by the t distribution and is wide, as three
months know little.
"""

import calendar
import datetime as dt

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.columns import codes, numbers, require
from ml.errors import InvalidValueError
from ml.intervals import LEVEL, Estimate
from ml.result_table import DAYS_PER_MONTH

MONTHS_USED = 3
QUANTITIES = {
    "visits_count": "incremental_visits_per_month",
    "volume_l": "incremental_volume_l_per_month",
    "revenue_rub": "incremental_revenue_rub_per_month",
}


def forecast(history: pa.Table, by_portrait: pa.Table, *, months_ahead: int = 3) -> pa.Table:
    """Forecast visits, litres and revenue per portrait and feature.

    Parameters
    ----------
    history : pyarrow.Table
        One row per portrait × full month: portrait_code, month_start (date), clients_count (of the portrait, today),
        client_days (days of the month on which these were clients already), visits_count, volume_l, revenue_rub of the
        identified clients. A month in which none of them was a client says nothing and may be missing.
    by_portrait : pyarrow.Table
        Of `ml.analysis.analyse` or `ml.scenario.by_rules`: the effects if all eligible clients are
        offered the feature.
    months_ahead : int

    Returns
    -------
    pyarrow.Table
        One row per feature × portrait × month ahead: feature_code, portrait_code, month_number (1 is
        the month after the last of the history), month_start_on, and for each quantity
        ``baseline_…``, ``predicted_…`` with ``_low``, ``_high``. A predicted interval adds the
        variances of baseline and effect; it is null where the effect has none. Lower ends stop at 0.

    Raises
    ------
    MissingColumnError, InvalidValueError
    """
    if months_ahead < 1:
        raise InvalidValueError("months_ahead", months_ahead, "forecast", "1 or more")
    require(history, ["portrait_code", "month_start", "clients_count", "client_days", *QUANTITIES], "monthly history")
    bounds = [f"{name}{end}" for name in QUANTITIES.values() for end in ("", "_low", "_high")]
    require(by_portrait, ["feature_code", "portrait_code", *bounds], "results by portrait")
    per_day, last = _per_day(history)
    effects = {name: numbers(by_portrait, name) for name in bounds}
    feature, features = codes(by_portrait, "feature_code")
    portrait, portraits = codes(by_portrait, "portrait_code")
    rows = []
    for i in range(by_portrait.num_rows):
        code = portraits[portrait[i]]
        for number in range(1, months_ahead + 1) if last else ():
            month = _add_months(last, number)
            row = {"feature_code": features[feature[i]], "portrait_code": code}
            row |= {"month_number": number, "month_start_on": month}
            days = _days(month)
            for quantity, column in QUANTITIES.items():
                baseline = _carry_on(per_day[quantity].get(code, np.zeros(0))).times(days)
                parts = [float(effects[f"{column}{end}"][i]) for end in ("", "_low", "_high")]
                effect = Estimate(*parts).times(days / DAYS_PER_MONTH)
                row |= _columns(f"baseline_{quantity}", baseline)
                row |= _columns(f"predicted_{quantity}", _add(baseline, effect))
            rows.append(row)
    return pa.Table.from_pylist(rows, schema=_schema())


def _per_day(history: pa.Table) -> tuple[dict[str, dict[str, np.ndarray]], dt.date | None]:
    """Quantity per day in each of the last months by portrait, and the last month.

    A rate per client-day times today's clients: of new clients half were none yet two months ago.
    """
    starts = history.column("month_start").cast(pa.date32()).to_pylist()
    if not starts:
        return {quantity: {} for quantity in QUANTITIES}, None
    last, first = max(starts), min(starts)
    months = [_add_months(last, -back) for back in reversed(range(MONTHS_USED))]
    months = [month for month in months if month >= first]
    position = {month: i for i, month in enumerate(months)}
    index, portraits = codes(history, "portrait_code")
    clients, client_days = numbers(history, "clients_count"), numbers(history, "client_days")
    result: dict[str, dict[str, np.ndarray]] = {}
    for quantity in QUANTITIES:
        values = np.nan_to_num(numbers(history, quantity))
        grid = {code: np.full(len(months), np.nan) for code in portraits}
        for row, start in enumerate(starts):
            if start in position and client_days[row] > 0:
                grid[portraits[index[row]]][position[start]] = values[row] / client_days[row] * clients[row]
        result[quantity] = {code: rates[~np.isnan(rates)] for code, rates in grid.items()}
    return result, last


def _carry_on(values: np.ndarray) -> Estimate:
    """Mean with the interval of one more month like them, lower end cut at 0."""
    if len(values) == 0:
        return Estimate()
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean)
    spread = values.std(ddof=1) * np.sqrt(1 + 1 / len(values))
    half = float(stats.t.ppf(0.5 + LEVEL / 2, len(values) - 1) * spread)
    return Estimate(mean, max(mean - half, 0.0), mean + half)


def _add(baseline: Estimate, effect: Estimate) -> Estimate:
    value = baseline.value + effect.value
    low = value - np.hypot(baseline.value - baseline.low, effect.value - effect.low)
    high = value + np.hypot(baseline.high - baseline.value, effect.high - effect.value)
    return Estimate(max(value, 0.0), max(low, 0.0), max(high, 0.0))


def _columns(name: str, estimate: Estimate) -> dict[str, float | None]:
    ends = {"": estimate.value, "_low": estimate.low, "_high": estimate.high}
    return {f"{name}{end}": value if np.isfinite(value) else None for end, value in ends.items()}


def _schema() -> pa.Schema:
    fields = [("feature_code", pa.string()), ("portrait_code", pa.string())]
    fields += [("month_number", pa.int64()), ("month_start_on", pa.date32())]
    for quantity in QUANTITIES:
        for kind in ("baseline", "predicted"):
            fields += [(f"{kind}_{quantity}{end}", pa.float64()) for end in ("", "_low", "_high")]
    return pa.schema(fields)


def _add_months(month: dt.date, count: int) -> dt.date:
    years, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return dt.date(years, index + 1, 1)


def _days(month: dt.date) -> int:
    return calendar.monthrange(month.year, month.month)[1]
