"""``python -m lab backtest-visits``: the visit forecast on worlds with a known truth and on the twin."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from lab.forecast.backtest import SCORES, backtest
from lab.forecast.warehouse import open_synthetic
from lab.forecast.worlds import START, WORLDS, simulate
from lab.report import markdown

HORIZONS = (28, 91)
CLIENTS, DAYS, SEED = 2000, 600, 5
ORIGINS_BACK = (0, 91, 182)
"""Days from an origin to the end of the twin's history."""
_FUTURE = """
with weeks as (
    select client_id, unnest(range(0, len(weekly_visits))) as week, unnest(weekly_visits) as visits_count
    from truth.client_futures
),

visits as (
    select client_id, week, visits_count, unnest(range(0, visits_count)) as place
    from weeks
    where visits_count > 0
),

period as (
    select cast(max(occurred_at) as date) + 1 as started_on from marts.fct_transactions
)

select client_id, occurred_at from marts.fct_transactions where client_id is not null
union all
select client_id, started_on + to_microseconds(cast((week + (place + 0.5) / visits_count) * 7 * 86400e6 as bigint))
from visits cross join period
"""


def worlds(clients: int = CLIENTS) -> dict[str, pa.Table]:
    """Backtest every world from two origins, 110 and 260 days before its end.

    Returns
    -------
    dict of str to pyarrow.Table
        See `lab.forecast.backtest.backtest`.
    """
    result = {}
    for name, world in WORLDS.items():
        visits, truth = simulate(world, clients, DAYS, np.random.default_rng(SEED))
        left = dict(zip(truth["client_id"].to_pylist(), truth["left_at"].cast(pa.int64()).to_pylist(), strict=True))
        left = {client: moment for client, moment in left.items() if moment is not None}
        start = START.view("datetime64[us]")
        origins = [start + np.timedelta64(DAYS - back, "D") for back in (260, 110)]
        result[name] = backtest(visits, origins, HORIZONS, start + np.timedelta64(DAYS, "D"), left=left)
    return result


def twin(warehouse: Path) -> pa.Table:
    """Backtest the twin, in its history and in the 26 weeks after it, which are in the truth.

    Parameters
    ----------
    warehouse : Path
        DuckDB file of a synthetic run.

    Returns
    -------
    pyarrow.Table
        See `lab.forecast.backtest.backtest`.
    """
    with open_synthetic(warehouse) as connection:
        visits = connection.sql(_FUTURE).to_arrow_table()
        gone = connection.sql(
            "select client_id, left_on from truth.client_portraits where left_on is not null"
        ).fetchall()
        [(last,)] = connection.sql("select cast(max(occurred_at) as date) from marts.fct_transactions").fetchall()
    left = {client: int(np.datetime64(day, "us").astype(np.int64)) for client, day in gone}
    origins = [last - dt.timedelta(days=back) for back in ORIGINS_BACK]
    return backtest(visits, origins, HORIZONS, last + dt.timedelta(days=26 * 7), left=left)


def tables(results: dict[str, pa.Table]) -> str:
    """Return a table of each score: means over the origins, of the total error of its absolute value."""
    frames = [result.to_pandas().assign(visits=name) for name, result in results.items()]
    frame = pd.concat(frames)
    frame["total_error"] = frame["total_error"].abs()
    methods = list(dict.fromkeys(frame["method"]))
    parts = []
    for name in SCORES:
        means = frame.groupby(["visits", "horizon_days", "method"], sort=False)[name].mean()
        rows = [
            [visits, str(days), *(f"{means[visits, days, method]:.3f}" for method in methods)]
            for visits in results
            for days in HORIZONS
        ]
        parts.append(f"{name}\n\n{markdown(['visits', 'days', *methods], rows)}")
    return "\n\n".join(parts)


def backtest_visits(warehouse: Path | None) -> str:
    """Return the tables of all worlds, and of the twin if a warehouse is given."""
    of_twin = {"twin": twin(warehouse)} if warehouse else {}
    return tables(worlds() | of_twin)
