"""Forecaster of client visits: fits the population, tunes its hyperparameters, predicts.

    forecast = VisitForecaster().fit(visits, observed_until).predict(horizon_days=90)

The model is in `ml.forecast.posterior`. The half-life of past gaps, the share of pauses and the drift of client rates
are tuned by forecasting the last part of the history from the part before.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import special

from ml.forecast.posterior import Population, first_guess, learn
from ml.forecast.prediction import HorizonForecast, forecast_horizon
from ml.forecast.visits import DAY, Moment, Statistics, Visits, count_between, moment, read_visits, summarise
from ml.tables.errors import InvalidValueError
from ml.tables.intervals import LEVEL
from ml.tables.random import stream

if TYPE_CHECKING:
    import pandas as pd

CLIENTS_TO_LEARN_FROM = 4_000
"""Maximum sample size for fitting the population; all clients are forecast."""
CLIENTS_TO_TUNE_ON = 2_000
"""Maximum sample size for tuning."""
HELD_OUT = 0.2
"""Share of the history held out for tuning."""
HALF_LIVES = (np.inf, 0.5, 0.25, 0.125)
"""Candidate half-lives of a gap's weight, as shares of the history."""
DRIFTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Candidate standard deviations of the relative change of a client's rate from its past to the horizon."""
PAUSES = (0.001, 0.003, 0.01, 0.03)
"""Candidate shares of silences that are pauses."""
_MIN_CLIENTS_TO_TUNE_ON = 30


class VisitForecaster:
    """Forecast the visits of each client from its own history and the distribution over all clients.

    Handles regular, irregular and departed clients. A client is observed from its first visit on; nothing is assumed
    about the time before. There is no seasonality and no day of the week, so horizons should be whole weeks.

    Attributes
    ----------
    client_ids_ : pyarrow.Array
        Clients with a visit, ascending.
    population_ : Population
        Fitted distribution of all clients.
    half_life_ : float
        Days over which the weight of a gap halves; infinite if all gaps have equal weight.
    drift_ : float
        Standard deviation of the relative change of a client's rate, used in the intervals.
    """

    def fit(
        self,
        visits: "pa.Table | pd.DataFrame",
        observed_until: Moment,
        *,
        observed_from: Moment | None = None,
    ) -> "VisitForecaster":
        """Fit to visits.

        Parameters
        ----------
        visits : pyarrow.Table or pandas.DataFrame
            One row per visit: client_id (any sortable type; rows with null are ignored) and occurred_at (date or
            timestamp). Row order and other columns are ignored. Rows of a client with the same timestamp are one
            visit; if all times are dates, each row is a visit.
        observed_until : date or timestamp
            End of the observation: a date is included, a timestamp excluded. Later rows are ignored, so that a backtest
            can pass the whole table.
        observed_from : date or timestamp, optional
            Earlier rows are ignored.

        Raises
        ------
        MissingColumnError, ColumnTypeError
            If client_id or occurred_at is missing, or occurred_at is neither a date nor a timestamp.
        InvalidValueError
            If `observed_until` or `observed_from` is not a valid date or timestamp.
        """
        self.is_pandas_ = not isinstance(visits, pa.Table)
        table = pa.Table.from_pandas(visits, preserve_index=False) if self.is_pandas_ else visits
        until = moment(observed_until, "observed_until", is_end=True)
        since = None if observed_from is None else moment(observed_from, "observed_from", is_end=False)
        return self.fit_known(read_visits(table, until, since))

    def fit_known(self, known: Visits) -> "VisitForecaster":
        """Fit to visits returned by `ml.forecast.visits.read_visits`; see `fit`."""
        self.client_ids_ = known.client_ids
        self.length_ = known.length
        sample = take_sample(known, CLIENTS_TO_LEARN_FROM)
        self.half_life_, pauses, self.drift_ = _tune(take_sample(sample, CLIENTS_TO_TUNE_ON), self.length_)
        self.population_ = _learn(summarise(sample, self.half_life_), self.length_, pauses)
        self.statistics_ = summarise(known, self.half_life_)
        return self

    def predict(self, horizon_days: float) -> "pa.Table | pd.DataFrame":
        """Forecast the days after `observed_until`.

        Parameters
        ----------
        horizon_days : float
            Positive and finite.

        Returns
        -------
        pyarrow.Table or pandas.DataFrame
            Same type as the input of `fit`. One row per client with a visit, sorted by client_id: client_id,
            expected_visits in the horizon, alive_prob (active at `observed_until`), visit_prob (at least one visit in
            the horizon), visits_low and visits_high (95 % interval of the number of visits, whole numbers).

        Raises
        ------
        InvalidValueError
            If `horizon_days` is not positive and finite.
        """
        if not (np.isfinite(horizon_days) and horizon_days > 0):
            raise InvalidValueError("horizon_days", horizon_days, "forecast of visits", "a positive number")
        forecast = forecast_horizon(self.statistics_, self.population_, float(horizon_days))
        low, high = forecast.interval(self.drift_)
        columns = {"client_id": self.client_ids_}
        columns |= {name: getattr(forecast, name) for name in ("expected_visits", "alive_prob", "visit_prob")}
        table = pa.table(columns | {"visits_low": low.astype(np.int64), "visits_high": high.astype(np.int64)})
        return table.to_pandas() if self.is_pandas_ else table


def _tune(visits: Visits, length: float) -> tuple[float, float, float]:
    """Tune half-life (days), pause share and drift by forecasting the held-out part of the history.

    The half-life minimises the Poisson deviance of visit counts, the pause share maximises the logarithmic score of
    having any visit, and the drift is the smallest with which the intervals reach their nominal coverage.
    """
    held_out = length * HELD_OUT
    past = visits.before(visits.until - round(held_out * DAY))
    if len(past.client_ids) < _MIN_CLIENTS_TO_TUNE_ON:
        return np.inf, PAUSES[0], DRIFTS[0]
    actual = _later_visits(visits, past)
    statistics = [summarise(past, part * length) for part in HALF_LIVES]
    start = learn(statistics[0], length - held_out, PAUSES[0])

    def held_out_forecast(half_life: int, pauses: float) -> HorizonForecast:
        population = learn(statistics[half_life], length - held_out, pauses, start)
        return forecast_horizon(statistics[half_life], population, held_out)

    by_half_life = [held_out_forecast(i, PAUSES[0]) for i in range(len(HALF_LIVES))]
    best = int(np.argmin([_deviance(actual, forecast.expected_visits) for forecast in by_half_life]))
    by_pauses = [by_half_life[best], *(held_out_forecast(best, pauses) for pauses in PAUSES[1:])]
    pauses = int(np.argmax([_log_score(actual > 0, forecast.visit_prob) for forecast in by_pauses]))
    for drift in DRIFTS:
        low, high = by_pauses[pauses].interval(drift)
        if np.mean((actual >= low) & (actual <= high)) >= LEVEL:
            break
    return HALF_LIVES[best] * length, PAUSES[pauses], drift


def _deviance(actual: np.ndarray, expected: np.ndarray) -> float:
    """Half the Poisson deviance of visit counts, scaled to the actual total so that a season does not matter."""
    expected = np.maximum(expected * (actual.sum() / max(expected.sum(), 1e-3)), 1e-3)
    return float((special.xlogy(actual, actual / expected) - actual + expected).sum())


def _log_score(has_visit: np.ndarray, prob: np.ndarray) -> float:
    prob = np.clip(prob, 1e-6, 1 - 1e-6)
    return float(np.where(has_visit, np.log(prob), np.log1p(-prob)).sum())


def _later_visits(visits: Visits, past: Visits) -> np.ndarray:
    """Held-out visits of the clients of `past`."""
    in_past = np.zeros(len(visits.client_ids), dtype=bool)
    in_past[visits.client[visits.time < past.until]] = True
    return count_between(visits, past.until, visits.until)[in_past]


def _learn(statistics: Statistics, length: float, pauses: float) -> Population:
    return learn(statistics, length, pauses) if len(statistics) else first_guess(statistics, length)


def take_sample(visits: Visits, max_clients: int) -> Visits:
    """Restrict visits to a random sample of at most `max_clients` clients, drawn with a fixed seed."""
    size = len(visits.client_ids)
    if size <= max_clients:
        return visits
    chosen = np.sort(stream(0, "forecast of visits").permutation(size)[:max_clients])
    index = np.full(size, -1)
    index[chosen] = np.arange(max_clients)
    kept = index[visits.client] >= 0
    ids = visits.client_ids.take(pa.array(chosen))
    return replace(visits, client_ids=ids, client=index[visits.client[kept]], time=visits.time[kept])
