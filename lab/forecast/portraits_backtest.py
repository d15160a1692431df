"""``python -m lab backtest-portraits``: the forecast of a warehouse compared with its truth.

A warehouse is that of a synthetic run; its truth has the weeks after period_end. Use runs of several seeds and lengths:
within one run all portraits share the same season.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lab.forecast.warehouse import open_synthetic
from lab.report import markdown
from ml.forecast.portraits import QUANTITIES

CHURN_BINS = (0.0, 0.02, 0.05, 0.1, 0.3, 0.7, 1.0)
_WEEKLY = {"visits_count": "weekly_visits", "volume_l": "weekly_volume_l", "revenue_rub": "weekly_revenue_rub"}
_PORTRAITS = """
with run as (
    select period_end from marts.run_info
),

forecasts as (
    select distinct on (portrait_code, month_number)
        portrait_code, month_number, month_start_on, columns('^baseline_')
    from marts.mart_forecast
),

-- A week that two months share is spread evenly over its days.
days as (
    select forecasts.portrait_code, month_number, day_on, date_diff('day', period_end, day_on) - 1 as day_number
    from forecasts cross join run, unnest(range(month_start_on, month_start_on + interval 1 month, interval 1 day))
        as series (day_on)
),

futures as (
    select portrait_code, {sums}
    from truth.client_futures as futures
    inner join marts.fct_client_forecasts using (client_id)
    group by all
),

actual as (
    select days.portrait_code, month_number, {actual}, count(*) as days_count
    from days inner join futures using (portrait_code)
    group by all
),

past as (
    select portrait_code, count(*) as visits_count, sum(volume_l) as volume_l, sum(total_amount_rub) as revenue_rub
    from marts.fct_transactions
    inner join marts.fct_client_portraits using (client_id)
    cross join run
    where occurred_at >= period_end - to_days(89)
    group by all
)

select forecasts.*, {named}
from forecasts
inner join actual using (portrait_code, month_number)
inner join past using (portrait_code)
"""
_CHURN = """
select churn_prob, list_sum(weekly_visits[:13]) = 0 as has_gone
from marts.fct_client_forecasts inner join truth.client_futures using (client_id)
"""


def portraits(warehouse: Path) -> pd.DataFrame:
    """Months of each portrait: forecast, actual, and the rate of the last 90 days.

    Returns
    -------
    pandas.DataFrame
        One row per quantity × portrait × month ahead: run, quantity, portrait_code, month_number, value, low, high,
        actual, last_90_days.
    """
    weeks = "list_sum(list({0}[{1} + 1]))"
    sums = ", ".join(
        f"[{', '.join(weeks.format(column, week) for week in range(26))}] as {name}" for name, column in _WEEKLY.items()
    )
    actual = ", ".join(f"sum({name}[day_number // 7 + 1]) / 7 as {name}" for name in QUANTITIES)
    named = ", ".join(
        f"actual.{name} as actual_{name}, past.{name} / 90 * days_count as past_{name}" for name in QUANTITIES
    )
    with open_synthetic(warehouse) as connection:
        found = connection.sql(_PORTRAITS.format(sums=sums, actual=actual, named=named)).df()
    keys = found[["portrait_code", "month_number"]].assign(run=warehouse.stem)
    parts = []
    for name in QUANTITIES:
        columns = {"value": f"baseline_{name}", "low": f"baseline_{name}_low", "high": f"baseline_{name}_high"}
        columns |= {"actual": f"actual_{name}", "last_90_days": f"past_{name}"}
        values = {new: found[old].astype(float) for new, old in columns.items()}
        parts.append(keys.assign(quantity=name, **values))
    return pd.concat(parts, ignore_index=True)


def score(frame: pd.DataFrame) -> pd.DataFrame:
    """Score the months of `portraits` of one run or more.

    Returns
    -------
    pandas.DataFrame
        One row per quantity × month_number: coverage (share of portraits within their interval), half_width (median of
        half the interval over the value), wape and wape_last_90_days (sum of |forecast − actual| over portraits / sum
        of actual).
    """
    inside = (frame["actual"] >= frame["low"]) & (frame["actual"] <= frame["high"])
    frame = frame.assign(
        coverage=inside.where(frame["low"].notna()).astype(float),
        half_width=(frame["high"] - frame["low"]) / 2 / frame["value"],
        error=(frame["value"] - frame["actual"]).abs(),
        error_last_90_days=(frame["last_90_days"] - frame["actual"]).abs(),
    )
    groups = frame.groupby(["quantity", "month_number"])
    result = groups.agg(coverage=("coverage", "mean"), half_width=("half_width", "median"))
    for name in ("", "_last_90_days"):
        result[f"wape{name}"] = groups[f"error{name}"].sum() / groups["actual"].sum()
    return result.reset_index()


def churn(warehouses: Sequence[Path]) -> pd.DataFrame:
    """Clients by churn_prob: their number, mean probability, and share without a visit in the next 13 weeks.

    Returns
    -------
    pandas.DataFrame
        One row per bin of `CHURN_BINS` with clients: up_to, clients_count, said, came_true, brier.
    """
    parts = []
    for warehouse in warehouses:
        with open_synthetic(warehouse) as connection:
            parts.append(connection.sql(_CHURN).df())
    frame = pd.concat(parts).dropna()
    # Squared errors, not scikit-learn's `brier_score_loss`: they are averaged by bin together with the other columns.
    prob, gone = frame["churn_prob"], frame["has_gone"].astype(float)
    frame = pd.DataFrame({"said": prob, "came_true": gone, "brier": (prob - gone) ** 2})
    place = np.clip(np.searchsorted(CHURN_BINS, prob, side="left"), 1, None)
    frame["up_to"] = np.array(CHURN_BINS)[place]
    result = frame.groupby("up_to").mean()
    result.insert(0, "clients_count", frame.groupby("up_to").size())
    return result.reset_index()


def backtest_portraits(warehouses: Sequence[Path]) -> str:
    """Return the tables of `score` and `churn`."""
    frame = pd.concat([portraits(path) for path in warehouses], ignore_index=True)
    return "\n\n".join(_table(each) for each in (score(frame), churn(warehouses)))


def _table(frame: pd.DataFrame) -> str:
    rows = [
        [f"{value:.3f}" if isinstance(value, float) else str(value) for value in row]
        for row in frame.itertuples(index=False)
    ]
    return markdown(list(frame.columns), rows)
