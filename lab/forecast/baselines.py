"""Visit forecasts that a backtest compares; each is fitted on visits and returns a function of the horizon."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from scipy import stats

from lab.forecast import bgnbd
from ml.forecast.counts import count_interval
from ml.forecast.forecaster import CLIENTS_TO_LEARN_FROM, VisitForecaster
from ml.forecast.visits import DAY, Visits, count_between, summarise
from ml.tables.intervals import LEVEL
from ml.tables.random import stream

Forecast = Callable[[float], pa.Table]
"""From a horizon in days to a table like that of `VisitForecaster.predict`."""
WINDOW_DAYS = 90
GAPS = 3


def last_90_days(visits: Visits) -> Forecast:
    """The rate of the last 90 days (or since the first visit) continues; who came then is a client."""
    known = summarise(visits)
    days = np.clip(known.span + known.silence, 1, WINDOW_DAYS)
    recent = count_between(visits, visits.until - WINDOW_DAYS * DAY, visits.until)
    return lambda horizon: _plain(visits, recent / days * horizon, recent > 0)


def three_gaps(visits: Visits) -> Forecast:
    """The rate since the first visit continues, unless the client has been silent for three of its mean gaps.

    A client with one visit gets a gap of 30 days.
    """
    known = summarise(visits)
    gap = np.where(known.gaps > 0, known.span / np.maximum(known.gaps, 1), WINDOW_DAYS / GAPS)
    is_client = known.silence <= GAPS * gap
    return lambda horizon: _plain(visits, is_client * horizon / gap, is_client)


def bg_nbd(visits: Visits) -> Forecast:
    """BG/NBD; its intervals ignore leaving within the horizon."""
    known = summarise(visits)
    repeats, last, days = known.gaps, known.span, known.span + known.silence
    sample = stream(0, "bg_nbd").permutation(len(days))[:CLIENTS_TO_LEARN_FROM]
    model = bgnbd.fit(repeats[sample], last[sample], days[sample])
    alive = model.alive(repeats, last, days)
    size, scale = model.r + repeats, model.alpha + days

    def forecast(horizon: float) -> pa.Table:
        mean = size / scale * horizon
        low, high = count_interval(alive, np.zeros(len(alive)), mean, mean + mean**2 / size)
        columns = {"client_id": visits.client_ids, "expected_visits": model.expected(horizon, repeats, last, days)}
        columns |= {"alive_prob": alive, "visit_prob": alive * -np.expm1(-size * np.log1p(horizon / scale))}
        return pa.table(columns | {"visits_low": low, "visits_high": high})

    return forecast


def forecaster(visits: Visits) -> Forecast:
    """The forecast of the product."""
    times = pa.array(visits.time.view("datetime64[us]"))
    table = pa.table({"client_id": visits.client_ids.take(pa.array(visits.client)), "occurred_at": times})
    return VisitForecaster().fit(table, np.datetime64(visits.until, "us")).predict


FORECASTERS: dict[str, Callable[[Visits], Forecast]] = {
    "forecaster": forecaster,
    "last_90_days": last_90_days,
    "three_gaps": three_gaps,
    "bg_nbd": bg_nbd,
}


def _plain(visits: Visits, expected: np.ndarray, is_client: np.ndarray) -> pa.Table:
    """A forecast with probabilities of 0 or 1 and a Poisson interval."""
    found = {"client_id": visits.client_ids, "expected_visits": expected}
    found |= {name: np.asarray(is_client, dtype=np.float64) for name in ("alive_prob", "visit_prob")}
    found["visits_low"] = stats.poisson.ppf((1 - LEVEL) / 2, expected)
    found["visits_high"] = stats.poisson.ppf((1 + LEVEL) / 2, expected)
    return pa.table(found)
