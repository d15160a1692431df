"""Visits of each client in the calendar months ahead, and what the same forecast would have said some months ago.

The forecasts of earlier days, the trials, are of a sample: they show how far totals miss, which clients alone cannot
tell (see `ml.forecast.portraits`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from ml.forecast.forecaster import Periods, VisitForecaster, look_over, take_sample
from ml.forecast.posterior import learn
from ml.forecast.visits import DAY, Visits, moment, read_visits, summarise
from ml.tables.columns import with_nulls
from ml.tables.errors import InvalidValueError

CHURN_DAYS = 90
"""A client has gone who does not come in so many days: the window of the client metrics."""
DAYS_FOR_A_MONTH = 28
"""Days of history that each month ahead asks for: a week of visits says nothing of the month after next."""
TRIALS = 6
"""Month ends that are tried, the last ones."""
TRIAL_CLIENTS = 4_000
"""Clients of a trial: a sample."""
TRIAL_CLIENTS_TO_LEARN_FROM = 1_000


def forecast_clients(
    visits: pa.Table,
    observed_from: dt.date,
    observed_until: dt.date,
    trial_days: Sequence[dt.date] = (),
    *,
    months_ahead: int = 3,
) -> pa.Table:
    """Forecast the full calendar months after `observed_until`, and from earlier days those that have passed since.

    Parameters
    ----------
    visits : pyarrow.Table
        client_id, occurred_at; see `VisitForecaster.fit`.
    observed_from, observed_until : date
        First and last day of the history.
    trial_days : sequence of date
        Earlier days to forecast from, each with what was known at its end; those with a full month after them.
    months_ahead : int

    Returns
    -------
    pyarrow.Table
        One row per day × client with a visit by then × month ahead, in this order: origin_on (`observed_until` last),
        client_id, month_number (1 is the first full month after the day), month_start_on, expected_visits and
        visits_variance in the month, alive_prob (is still a client on the day), churn_prob (does not come in the 90
        days after it). Months are null where the history has fewer than 28 days for each of them, alive_prob where it
        has fewer than 28 days, churn_prob where it has fewer than 90; of the trials that is not told.

    Raises
    ------
    MissingColumnError, ColumnTypeError, InvalidValueError
    """
    if months_ahead < 1:
        raise InvalidValueError("months_ahead", months_ahead, "forecast of clients", "1 or more")
    until = moment(observed_until, "observed_until", is_end=True)
    known = read_visits(visits, until)
    fitted = VisitForecaster().fit_known(known)
    months = months_after(observed_until, months_ahead)
    found = look_over(fitted.statistics_, fitted.population_, _bounds(months, until), CHURN_DAYS)
    days = (observed_until - observed_from).days + 1
    parts = list(_trials(known, fitted, sorted(trial_days), observed_until, months_ahead))
    parts.append(_table(known, observed_until, months, found, days))
    return pa.concat_tables(parts)


def months_after(day: dt.date, count: int) -> list[dt.date]:
    """First days of the full months after a day, and of the one after the last of them: count + 1 dates."""
    after = day + dt.timedelta(days=1)
    first = after.year * 12 + after.month - (after.day == 1)
    return [dt.date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(count + 1)]


def _trials(
    known: Visits, fitted: VisitForecaster, days: Sequence[dt.date], last: dt.date, months_ahead: int
) -> Iterator[pa.Table]:
    """Forecast from earlier days, with the memory that was found best for today."""
    sample = take_sample(known, TRIAL_CLIENTS)
    for day in days:
        months = [month for month in months_after(day, months_ahead) if month <= last + dt.timedelta(days=1)]
        past = sample.before(moment(day, "trial_days", is_end=True))
        if len(months) < 2 or not len(past.client_ids):
            continue
        some = summarise(take_sample(past, TRIAL_CLIENTS_TO_LEARN_FROM), fitted.half_life_)
        population = learn(some, past.length, fitted.population_.pause_share)
        statistics = summarise(past, fitted.half_life_)
        yield _table(past, day, months, look_over(statistics, population, _bounds(months, past.until), None))


def _bounds(months: Sequence[dt.date], until: int) -> list[float]:
    return [(moment(month, "month", is_end=False) - until) / DAY for month in months]


def _table(
    visits: Visits, day: dt.date, months: Sequence[dt.date], found: Periods, history_days: int | None = None
) -> pa.Table:
    clients, count = len(visits.client_ids), len(months) - 1
    number = np.tile(np.arange(1, count + 1), clients)
    expected, variance = found.expected_visits.ravel(), found.variance.ravel()
    alive, churn = np.repeat(found.alive_prob, count), np.full(clients * count, np.nan)
    if history_days is not None:
        is_told = history_days >= DAYS_FOR_A_MONTH * number
        expected, variance = np.where(is_told, expected, np.nan), np.where(is_told, variance, np.nan)
        alive = alive if history_days >= DAYS_FOR_A_MONTH else np.full(clients * count, np.nan)
        churn = np.repeat(1 - found.visit_prob, count) if history_days >= CHURN_DAYS else churn
    return pa.table(
        {
            "origin_on": pa.array([day], pa.date32()).take(pa.array(np.zeros(len(number), dtype=np.int64))),
            "client_id": visits.client_ids.take(pa.array(np.repeat(np.arange(clients), count))),
            "month_number": pa.array(number, pa.int64()),
            "month_start_on": pa.array(months[:-1], pa.date32()).take(pa.array(number - 1)),
            "expected_visits": with_nulls(expected),
            "visits_variance": with_nulls(variance),
            "alive_prob": with_nulls(alive),
            "churn_prob": with_nulls(churn),
        }
    )
