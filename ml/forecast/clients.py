"""Expected visits of each client in the calendar months ahead, and backtests from earlier month ends.

The backtests, called trials, use a sample of clients: they show the errors of totals, which the posterior of single
clients does not contain (see `ml.forecast.portraits`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from ml.forecast.forecaster import VisitForecaster, take_sample
from ml.forecast.posterior import learn
from ml.forecast.prediction import PeriodForecast, forecast_periods
from ml.forecast.visits import DAY, Visits, moment, read_visits, summarise
from ml.tables.columns import with_nulls
from ml.tables.errors import InvalidValueError

CHURN_DAYS = 90
"""A client churns without a visit in this many days: the window of the client metrics."""
HISTORY_DAYS_PER_MONTH = 28
"""Days of history required per month ahead: a week of visits says nothing about the month after next."""
TRIALS = 6
"""Number of latest month ends to backtest."""
TRIAL_CLIENTS = 4_000
"""Sample size of a trial."""
TRIAL_CLIENTS_TO_LEARN_FROM = 1_000
"""Clients of a trial on which the population is fitted."""


def forecast_clients(
    visits: pa.Table,
    observed_from: dt.date,
    observed_until: dt.date,
    trial_days: Sequence[dt.date] = (),
    *,
    months_ahead: int = 3,
) -> pa.Table:
    """Forecast the full calendar months after `observed_until`, and backtest the full months after earlier days.

    Parameters
    ----------
    visits : pyarrow.Table
        client_id, occurred_at; see `VisitForecaster.fit`.
    observed_from, observed_until : date
        First and last day of the history.
    trial_days : sequence of date
        Earlier days to forecast from, each with the data known at its end; days without a full month after them are
        skipped.
    months_ahead : int

    Returns
    -------
    pyarrow.Table
        One row per day × client with a visit by then × month ahead, in this order: origin_on (`observed_until` last),
        client_id, month_number (1 is the first full month after the day), month_start_on, expected_visits and
        visits_variance in the month, alive_prob (active on the day), churn_prob (no visit in the 90 days after it).
        Expected visits and their variance are null where the history has fewer than 28 days per month ahead,
        alive_prob where it has fewer than 28 days, churn_prob where it has fewer than 90 and in trials.

    Raises
    ------
    MissingColumnError, ColumnTypeError
        If a column of `visits` is missing or has the wrong type.
    InvalidValueError
        If `months_ahead` is less than 1, or a date is invalid.
    """
    if months_ahead < 1:
        raise InvalidValueError("months_ahead", months_ahead, "forecast of clients", "1 or more")
    until = moment(observed_until, "observed_until", is_end=True)
    known = read_visits(visits, until)
    fitted = VisitForecaster().fit_known(known)
    months = months_after(observed_until, months_ahead)
    forecast = forecast_periods(fitted.statistics_, fitted.population_, _bounds(months, until), CHURN_DAYS)
    days = (observed_until - observed_from).days + 1
    parts = list(_trials(known, fitted, sorted(trial_days), observed_until, months_ahead))
    parts.append(_table(known, observed_until, months, forecast, days))
    return pa.concat_tables(parts)


def months_after(day: dt.date, count: int) -> list[dt.date]:
    """First days of the `count` full months after a day and of the month following them: count + 1 dates."""
    after = day + dt.timedelta(days=1)
    first = after.year * 12 + after.month - (after.day == 1)
    return [dt.date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(count + 1)]


def _trials(
    known: Visits, fitted: VisitForecaster, days: Sequence[dt.date], last: dt.date, months_ahead: int
) -> Iterator[pa.Table]:
    """Forecast from earlier days, with the half-life and pause share tuned on the whole history."""
    sample = take_sample(known, TRIAL_CLIENTS)
    for day in days:
        months = [month for month in months_after(day, months_ahead) if month <= last + dt.timedelta(days=1)]
        past = sample.before(moment(day, "trial_days", is_end=True))
        if len(months) < 2 or not len(past.client_ids):
            continue
        learned_from = summarise(take_sample(past, TRIAL_CLIENTS_TO_LEARN_FROM), fitted.half_life_)
        population = learn(learned_from, past.length, fitted.population_.pause_share)
        statistics = summarise(past, fitted.half_life_)
        yield _table(past, day, months, forecast_periods(statistics, population, _bounds(months, past.until), None))


def _bounds(months: Sequence[dt.date], until: int) -> list[float]:
    return [(moment(month, "month", is_end=False) - until) / DAY for month in months]


def _table(
    visits: Visits, day: dt.date, months: Sequence[dt.date], forecast: PeriodForecast, history_days: int | None = None
) -> pa.Table:
    clients, count = len(visits.client_ids), len(months) - 1
    number = np.tile(np.arange(1, count + 1), clients)
    expected, variance = forecast.expected_visits.ravel(), forecast.variance.ravel()
    alive, churn = np.repeat(forecast.alive_prob, count), np.full(clients * count, np.nan)
    if history_days is not None:
        is_known = history_days >= HISTORY_DAYS_PER_MONTH * number
        expected, variance = np.where(is_known, expected, np.nan), np.where(is_known, variance, np.nan)
        alive = alive if history_days >= HISTORY_DAYS_PER_MONTH else np.full(clients * count, np.nan)
        churn = np.repeat(1 - forecast.visit_prob, count) if history_days >= CHURN_DAYS else churn
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
