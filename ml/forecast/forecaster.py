"""How often each client will come, and whether it still does.

    forecast = VisitForecaster().fit(visits, observed_until).predict(horizon_days=90)

The model stands in `ml.forecast.posterior`. What it forgets of the past, and how much the rates of clients drift, is
learned from the last part of the history itself, which is forecast from the part before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import special

from ml.forecast import renewal
from ml.forecast.counts import count_interval
from ml.forecast.posterior import PAUSE, SHAPES, Cells, Population, first_guess, infer, learn, survival
from ml.forecast.visits import DAY, Moment, Statistics, Visits, count_between, moment, read_visits, summarise
from ml.tables.errors import InvalidValueError
from ml.tables.intervals import LEVEL
from ml.tables.random import stream

if TYPE_CHECKING:
    import pandas as pd

CLIENTS_TO_LEARN_FROM = 4_000
"""The population is learned from a sample of so many clients; the forecast is of all."""
CLIENTS_TO_TUNE_ON = 2_000
"""The same, of what is tried on the last part of the history."""
HELD_OUT = 0.2
"""Part of the history that is forecast to learn from."""
HALF_LIVES = (np.inf, 0.5, 0.25, 0.125)
"""Tried: after which part of the history a gap counts half."""
DRIFTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Tried: standard deviation of the relative change of a client's rate from its past to the horizon."""
PAUSES = (0.001, 0.003, 0.01, 0.03)
"""Tried: share of silences that are pauses."""
_FEW = 30
_CHUNK = 2_000


@dataclass(frozen=True)
class Outlook:
    """What is expected of each client in a horizon; all of shape (clients,).

    Attributes
    ----------
    expected_visits, alive_prob, visit_prob : ndarray
        As `VisitForecaster.predict` returns them.
    leaving_prob, mean, variance : ndarray
        Of a client still: to leave within the horizon, and its visits if it does not.
    """

    expected_visits: np.ndarray
    alive_prob: np.ndarray
    visit_prob: np.ndarray
    leaving_prob: np.ndarray
    mean: np.ndarray
    variance: np.ndarray

    def interval(self, drift: float) -> tuple[np.ndarray, np.ndarray]:
        """95 % interval of the number of visits, if rates change by `drift` (see `DRIFTS`)."""
        return count_interval(self.alive_prob, self.leaving_prob, self.mean, self.variance + (drift * self.mean) ** 2)


@dataclass(frozen=True)
class Periods:
    """What is expected of each client in periods that follow each other.

    Attributes
    ----------
    expected_visits, variance : ndarray, shape (clients, periods)
        Of the number of visits, leaving counted in.
    alive_prob, visit_prob : ndarray, shape (clients,)
        As `VisitForecaster.predict` returns them.
    """

    expected_visits: np.ndarray
    variance: np.ndarray
    alive_prob: np.ndarray
    visit_prob: np.ndarray


class VisitForecaster:
    """Forecast the visits of each client from its own visits and those of all.

    Regular clients and irregular ones alike, and those who have left. A client is known from its first visit on;
    nothing is assumed of the time before. No season and no weekday: horizons of whole weeks are what it is for.

    Attributes
    ----------
    client_ids_ : pyarrow.Array
        Clients with a visit, ascending.
    population_ : Population
        What was learned about all clients.
    half_life_ : float
        Days after which a gap counts half; infinite where the whole history counts alike.
    drift_ : float
        Standard deviation of the relative change of a client's rate, in the intervals.
    """

    def fit(
        self,
        visits: "pa.Table | pd.DataFrame",
        observed_until: Moment,
        *,
        observed_from: Moment | None = None,
    ) -> "VisitForecaster":
        """Learn from visits.

        Parameters
        ----------
        visits : pyarrow.Table or pandas.DataFrame
            One row per visit: client_id (any sortable type; without one a row is ignored) and occurred_at (date or
            timestamp). Other columns are ignored, and so is the order. Rows of a client with the same timestamp are one
            visit; dates without a time of day are not, each row is one.
        observed_until : date or timestamp
            Up to when visits are known: a date with that whole day, a timestamp exclusively. Later rows are ignored, so
            that a backtest can hand in the whole table.
        observed_from : date or timestamp, optional
            Earlier rows are ignored.

        Returns
        -------
        VisitForecaster
            Itself.

        Raises
        ------
        MissingColumnError, ColumnTypeError, InvalidValueError
        """
        self.is_pandas_ = not isinstance(visits, pa.Table)
        table = pa.Table.from_pandas(visits, preserve_index=False) if self.is_pandas_ else visits
        until = moment(observed_until, "observed_until", is_end=True)
        since = None if observed_from is None else moment(observed_from, "observed_from", is_end=False)
        return self.fit_known(read_visits(table, until, since))

    def fit_known(self, known: Visits) -> "VisitForecaster":
        """Learn from visits that were read already; see `fit`."""
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
            Positive.

        Returns
        -------
        pyarrow.Table or pandas.DataFrame
            As `fit` was given. One row per client with a visit, by client_id: client_id, expected_visits in the
            horizon, alive_prob (is still a client at observed_until), visit_prob (comes at least once in the
            horizon), visits_low and visits_high (95 % interval of the number of visits, whole numbers).

        Raises
        ------
        InvalidValueError
        """
        if not (np.isfinite(horizon_days) and horizon_days > 0):
            raise InvalidValueError("horizon_days", horizon_days, "forecast of visits", "a positive number")
        found = look_ahead(self.statistics_, self.population_, float(horizon_days))
        low, high = found.interval(self.drift_)
        columns = {"client_id": self.client_ids_}
        columns |= {name: getattr(found, name) for name in ("expected_visits", "alive_prob", "visit_prob")}
        table = pa.table(columns | {"visits_low": low.astype(np.int64), "visits_high": high.astype(np.int64)})
        return table.to_pandas() if self.is_pandas_ else table


def look_ahead(statistics: Statistics, population: Population, horizon: float) -> Outlook:
    """Forecast clients by a population.

    Parameters
    ----------
    statistics : Statistics
    population : Population
    horizon : float
        Days.
    """
    starts = range(0, max(len(statistics), 1), _CHUNK)
    chunks = [_look_ahead(statistics.take(slice(start, start + _CHUNK)), population, horizon) for start in starts]
    return Outlook(*(np.concatenate([getattr(chunk, item.name) for chunk in chunks]) for item in fields(Outlook)))


def _look_ahead(statistics: Statistics, population: Population, horizon: float) -> Outlook:
    if len(statistics) == 0:
        return Outlook(*(np.zeros(0) for _ in fields(Outlook)))
    cells = infer(statistics, population)
    shape, silence = SHAPES[cells.shape][:, None], statistics.silence[cells.client][:, None]
    count = _count(cells, silence, horizon)
    hazard, is_client = cells.hazard, cells.weight * cells.stays
    by_point = is_client.sum(axis=2)
    alive = cells.total(by_point.sum(axis=1))
    # Of the visits of the whole horizon those before leaving, as if they were spread evenly over it.
    expected = cells.total(((is_client @ special.exprel(-hazard * horizon)) * count).sum(axis=1))
    share = np.maximum(alive, 1e-300)
    leaving = cells.total((is_client @ -np.expm1(-hazard * horizon)).sum(axis=1)) / share
    mean = cells.total((by_point * count).sum(axis=1)) / share
    square = cells.total((by_point * (count**2 + count / shape)).sum(axis=1)) / share
    alive = np.clip(alive, 0, 1)
    visit = np.clip(cells.total(_comes(cells, shape, silence, horizon)), 0, alive)
    return Outlook(expected, alive, visit, np.clip(leaving, 0, 1), mean, np.maximum(square - mean**2, 0))


def look_over(
    statistics: Statistics, population: Population, bounds: Sequence[float], visit_days: float | None
) -> Periods:
    """Forecast clients in periods that follow each other.

    Parameters
    ----------
    statistics : Statistics
    population : Population
    bounds : sequence of float
        Days after the observation at which the periods begin and end, ascending, one more than periods.
    visit_days : float, optional
        Horizon of `Periods.visit_prob`, days; without it that is NaN, which saves half of the time.
    """
    starts = range(0, max(len(statistics), 1), _CHUNK)
    rows = (slice(start, start + _CHUNK) for start in starts)
    chunks = [_look_over(statistics.take(row), population, bounds, visit_days) for row in rows]
    return Periods(*(np.concatenate([getattr(chunk, item.name) for chunk in chunks]) for item in fields(Periods)))


def _look_over(
    statistics: Statistics, population: Population, bounds: Sequence[float], visit_days: float | None
) -> Periods:
    size, periods = len(statistics), len(bounds) - 1
    expected, variance = np.zeros((size, periods)), np.zeros((size, periods))
    if size == 0:
        return Periods(expected, variance, np.zeros(0), np.zeros(0))
    cells = infer(statistics, population)
    shape, silence = SHAPES[cells.shape][:, None], statistics.silence[cells.client][:, None]
    is_client = cells.weight * cells.stays
    stayed, here = np.zeros_like(cells.rate), np.zeros_like(cells.rate)
    for i, bound in enumerate(bounds):
        # Visits by the bound if it stays until then, and those before leaving.
        stayed_before, here_before = stayed, here
        stayed = _count(cells, silence, bound)
        here = (is_client @ special.exprel(-cells.hazard * bound)) * stayed
        if i > 0:
            count, part = np.maximum(stayed - stayed_before, 0), np.maximum(here - here_before, 0)
            mean = cells.total(part.sum(axis=1))
            square = cells.total((part * (count + 1 / shape)).sum(axis=1))
            expected[:, i - 1], variance[:, i - 1] = mean, np.maximum(square - mean**2, 0)
    alive = np.clip(cells.total(is_client.sum(axis=(1, 2))), 0, 1)
    visit = np.full(size, np.nan)
    if visit_days is not None:
        visit = np.clip(cells.total(_comes(cells, shape, silence, visit_days)), 0, alive)
    return Periods(expected, variance, alive, visit)


def _count(cells: Cells, silence: np.ndarray, horizon: float) -> np.ndarray:
    """Expected visits in the horizon of a client that stays, at each point of its rate; shape (rows, points)."""
    count = np.empty_like(cells.rate)
    for i in np.unique(cells.shape):
        rows = cells.shape == i
        rate = cells.rate[rows]
        usual = renewal.expected_count(SHAPES[i], rate * horizon, rate * silence[rows])
        pausing = _pausing(cells.pause_share, SHAPES[i], rate * silence[rows])
        count[rows] = (1 - pausing) * usual + pausing * _after_pause(SHAPES[i], rate * horizon)
    return count


def _pausing(share: float, shape: float, silence: np.ndarray) -> np.ndarray:
    """Probability of a client still that its silence (mean gaps) is a pause."""
    pause = share * np.exp(-silence / PAUSE)
    return pause / ((1 - share) * renewal.survival(shape, shape * silence) + pause)


def _after_pause(shape: float, horizon: np.ndarray) -> np.ndarray:
    """Expected visits in the horizon (mean gaps) of a client in a pause: of the time after it, from a visit on."""
    ends = -np.expm1(-horizon / PAUSE)
    return np.maximum(horizon - PAUSE * ends + ends * (1 + 1 / shape) / 2, 0)


def _comes(cells: Cells, shape: np.ndarray, silence: np.ndarray, horizon: float) -> np.ndarray:
    """Probability of a visit in the horizon before leaving, times the weight of the row; shape (rows,)."""
    hazard, k, w, rate = cells.hazard, shape[:, :, None], silence[:, :, None], cells.rate[:, :, None]
    total, back = k * rate + hazard, rate / PAUSE + hazard
    within = survival(cells.shape, total * w) - survival(cells.shape, total * (w + horizon))
    usual = within * np.exp(-k * np.log1p(hazard / (k * rate)))
    after_pause = rate / PAUSE / back * np.exp(-back * w) * -np.expm1(-back * horizon)
    comes = (1 - cells.pause_share) * usual + cells.pause_share * after_pause
    return (cells.weight * comes / cells.silent).sum(axis=(1, 2))


def _tune(visits: Visits, length: float) -> tuple[float, float, float]:
    """Half-life (days), share of pauses and drift with which the last part of the history is forecast best from before.

    The half-life by the least Poisson deviance of visits, the pauses by the best logarithmic score of who comes, the
    drift as the least with which the intervals cover as many clients as they should.
    """
    held = length * HELD_OUT
    past = visits.before(visits.until - round(held * DAY))
    if len(past.client_ids) < _FEW:
        return np.inf, PAUSES[0], DRIFTS[0]
    actual = _later_visits(visits, past)
    statistics = [summarise(past, part * length) for part in HALF_LIVES]
    start = learn(statistics[0], length - held, PAUSES[0])

    def outlook(half_life: int, pauses: float) -> Outlook:
        population = learn(statistics[half_life], length - held, pauses, start)
        return look_ahead(statistics[half_life], population, held)

    by_half_life = [outlook(i, PAUSES[0]) for i in range(len(HALF_LIVES))]
    best = int(np.argmin([_deviance(actual, found.expected_visits) for found in by_half_life]))
    by_pauses = [by_half_life[best], *(outlook(best, pauses) for pauses in PAUSES[1:])]
    pauses = int(np.argmax([_log_score(actual > 0, found.visit_prob) for found in by_pauses]))
    for drift in DRIFTS:
        low, high = by_pauses[pauses].interval(drift)
        if np.mean((actual >= low) & (actual <= high)) >= LEVEL:
            break
    return HALF_LIVES[best] * length, PAUSES[pauses], drift


def _deviance(actual: np.ndarray, expected: np.ndarray) -> float:
    """Poisson deviance of who comes how often, at the right total: a season moves that, and is no reason to forget."""
    expected = np.maximum(expected * (actual.sum() / max(expected.sum(), 1e-3)), 1e-3)
    return float((special.xlogy(actual, actual / expected) - actual + expected).sum())


def _log_score(came: np.ndarray, prob: np.ndarray) -> float:
    prob = np.clip(prob, 1e-6, 1 - 1e-6)
    return float(np.where(came, np.log(prob), np.log1p(-prob)).sum())


def _later_visits(visits: Visits, past: Visits) -> np.ndarray:
    came = np.zeros(len(visits.client_ids), dtype=bool)
    came[visits.client[visits.time < past.until]] = True
    return count_between(visits, past.until, visits.until)[came]


def _learn(statistics: Statistics, length: float, pauses: float) -> Population:
    return learn(statistics, length, pauses) if len(statistics) else first_guess(statistics, length)


def take_sample(visits: Visits, clients_at_most: int) -> Visits:
    """Visits of some clients only: always the same ones."""
    size = len(visits.client_ids)
    if size <= clients_at_most:
        return visits
    chosen = np.sort(stream(0, "forecast of visits").permutation(size)[:clients_at_most])
    number = np.full(size, -1)
    number[chosen] = np.arange(clients_at_most)
    kept = number[visits.client] >= 0
    ids = visits.client_ids.take(pa.array(chosen))
    return replace(visits, client_ids=ids, client=number[visits.client[kept]], time=visits.time[kept])
