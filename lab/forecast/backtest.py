"""Backtest of visit forecasts: several origins and horizons."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from sklearn.metrics import brier_score_loss

from lab.forecast.baselines import FORECASTERS, Forecast
from ml.forecast.visits import DAY, Moment, Visits, count_between, moment, read_visits
from ml.tables.errors import InvalidValueError

SCORES = ("wape", "total_error", "coverage", "brier_visit", "brier_alive")


def backtest(
    visits: pa.Table,
    origins: Sequence[Moment],
    horizons: Sequence[int],
    observed_until: Moment,
    *,
    left: Mapping[object, int] | None = None,
    methods: Mapping[str, Callable[[Visits], Forecast]] = FORECASTERS,
) -> pa.Table:
    """Forecast from each origin with the visits before it, and score by those after it.

    Parameters
    ----------
    visits : pyarrow.Table
        client_id, occurred_at; before and after the origins.
    origins : sequence of dates or timestamps
        A date includes that whole day.
    horizons : sequence of int
        Days; a horizon that ends after `observed_until` is left out.
    observed_until : date or timestamp
    left : mapping of client_id to int, optional
        The truth, if known: when the client left, microseconds since 1970. Other clients stay.
    methods : mapping of str to function
        Each takes the known visits and returns a forecast.

    Returns
    -------
    pyarrow.Table
        One row per origin × method × horizon: origin, horizon_days, method, clients_count, visits_count, and over the
        clients seen before the origin wape (sum of |predicted − actual| / sum of actual), total_error (sum of
        predicted / sum of actual − 1), coverage (share of clients within the 95 % interval), brier_visit (of
        visit_prob), brier_alive (of alive_prob, null without `left`). The first two are null without visits.

    Raises
    ------
    MissingColumnError, ColumnTypeError, InvalidValueError
    """
    end = moment(observed_until, "observed_until", is_end=True)
    known = read_visits(visits, end)
    rows = []
    for origin in origins:
        start = moment(origin, "origin", is_end=True)
        past = known.before(start)
        if not len(past.client_ids):
            raise InvalidValueError("origin", origin, "backtest of visits", "a moment after the first visit")
        came = np.zeros(len(known.client_ids), dtype=bool)
        came[known.client[known.time < start]] = True
        alive = None if left is None else _alive(past, left)
        for name, method in methods.items():
            forecast = method(past)
            for horizon in (days for days in horizons if start + days * DAY <= end):
                actual = count_between(known, start, start + horizon * DAY)[came]
                row = {"origin": str(origin), "horizon_days": horizon, "method": name, "clients_count": len(actual)}
                rows.append(row | score(forecast(horizon), actual, alive))
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def score(found: pa.Table, actual: np.ndarray, alive: np.ndarray | None = None) -> dict[str, float | None]:
    """Score a forecast.

    Parameters
    ----------
    found : pyarrow.Table
        As `ml.forecast.forecaster.VisitForecaster.predict` returns it.
    actual : ndarray, shape (clients,)
        Visits in the horizon, in the order of `found`.
    alive : ndarray of bool, shape (clients,), optional
        Whether the client is still one, if known.

    Returns
    -------
    dict
        visits_count and the scores (see `backtest`).
    """
    column = {name: found[name].to_numpy() for name in found.column_names if name != "client_id"}
    expected, total = column["expected_visits"], float(actual.sum())
    inside = (actual >= column["visits_low"]) & (actual <= column["visits_high"])
    return {
        "visits_count": int(total),
        "wape": float(np.abs(expected - actual).sum() / total) if total else None,
        "total_error": float(expected.sum() / total - 1) if total else None,
        "coverage": float(inside.mean()),
        "brier_visit": float(brier_score_loss(actual > 0, column["visit_prob"])),
        "brier_alive": None if alive is None else float(brier_score_loss(alive, column["alive_prob"])),
    }


def _alive(past: Visits, left: Mapping[object, int]) -> np.ndarray:
    gone_at = np.array([left.get(client, np.iinfo(np.int64).max) for client in past.client_ids.to_pylist()])
    return gone_at >= past.until


_SCHEMA = pa.schema(
    [("origin", pa.string()), ("horizon_days", pa.int64()), ("method", pa.string())]
    + [(name, pa.int64()) for name in ("clients_count", "visits_count")]
    + [(name, pa.float64()) for name in SCORES]
)
