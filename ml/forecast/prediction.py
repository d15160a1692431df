"""Forecast of each client from its visit statistics and a fitted population, over one horizon or by period."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy import special

from ml.forecast import renewal
from ml.forecast.counts import count_interval
from ml.forecast.posterior import PAUSE, SHAPES, Cells, Population, infer, survival
from ml.forecast.visits import Statistics

_CHUNK = 2_000


@dataclass(frozen=True)
class HorizonForecast:
    """Forecast over one horizon; all arrays of shape (clients,).

    Attributes
    ----------
    expected_visits, alive_prob, visit_prob : ndarray
        As returned by `ml.forecast.VisitForecaster.predict`.
    leaving_prob : ndarray
        Probability that an active client leaves within the horizon.
    mean, variance : ndarray
        Moments of the number of visits of an active client that stays throughout.
    """

    expected_visits: np.ndarray
    alive_prob: np.ndarray
    visit_prob: np.ndarray
    leaving_prob: np.ndarray
    mean: np.ndarray
    variance: np.ndarray

    def interval(self, drift: float) -> tuple[np.ndarray, np.ndarray]:
        """95 % interval of the number of visits, with rates drifting by the relative standard deviation `drift`."""
        return count_interval(self.alive_prob, self.leaving_prob, self.mean, self.variance + (drift * self.mean) ** 2)


@dataclass(frozen=True)
class PeriodForecast:
    """Forecast of consecutive periods.

    Attributes
    ----------
    expected_visits, variance : ndarray, shape (clients, periods)
        Mean and variance of the number of visits, including the risk of leaving.
    alive_prob, visit_prob : ndarray, shape (clients,)
        As returned by `ml.forecast.VisitForecaster.predict`.
    """

    expected_visits: np.ndarray
    variance: np.ndarray
    alive_prob: np.ndarray
    visit_prob: np.ndarray


def forecast_horizon(statistics: Statistics, population: Population, horizon: float) -> HorizonForecast:
    """Forecast clients over a horizon in days, given a population."""
    starts = range(0, max(len(statistics), 1), _CHUNK)
    chunks = [_horizon_chunk(statistics.take(slice(start, start + _CHUNK)), population, horizon) for start in starts]
    names = [field.name for field in fields(HorizonForecast)]
    return HorizonForecast(*(np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in names))


def _horizon_chunk(statistics: Statistics, population: Population, horizon: float) -> HorizonForecast:
    if len(statistics) == 0:
        return HorizonForecast(*(np.zeros(0) for _ in fields(HorizonForecast)))
    cells = infer(statistics, population)
    shape, silence = SHAPES[cells.shape][:, None], statistics.silence[cells.client][:, None]
    count = _count(cells, silence, horizon)
    hazard, active = cells.hazard, cells.weight * cells.stays
    by_point = active.sum(axis=2)
    alive = cells.total(by_point.sum(axis=1))
    # Visits before leaving, assuming that the visits are spread evenly over the horizon.
    expected = cells.total(((active @ special.exprel(-hazard * horizon)) * count).sum(axis=1))
    share = np.maximum(alive, 1e-300)
    leaving = cells.total((active @ -np.expm1(-hazard * horizon)).sum(axis=1)) / share
    mean = cells.total((by_point * count).sum(axis=1)) / share
    square = cells.total((by_point * (count**2 + count / shape)).sum(axis=1)) / share
    alive = np.clip(alive, 0, 1)
    visit = np.clip(cells.total(_visit_prob(cells, shape, silence, horizon)), 0, alive)
    return HorizonForecast(expected, alive, visit, np.clip(leaving, 0, 1), mean, np.maximum(square - mean**2, 0))


def forecast_periods(
    statistics: Statistics, population: Population, bounds: Sequence[float], visit_days: float | None
) -> PeriodForecast:
    """Forecast clients over consecutive periods, given a population.

    Parameters
    ----------
    statistics : Statistics
    population : Population
    bounds : sequence of float
        Start of the first period and end of each, in days after the end of the observation; ascending.
    visit_days : float, optional
        Horizon of `PeriodForecast.visit_prob` in days; without it `visit_prob` is NaN, which halves the run time.
    """
    starts = range(0, max(len(statistics), 1), _CHUNK)
    rows = (slice(start, start + _CHUNK) for start in starts)
    chunks = [_periods_chunk(statistics.take(row), population, bounds, visit_days) for row in rows]
    names = [field.name for field in fields(PeriodForecast)]
    return PeriodForecast(*(np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in names))


def _periods_chunk(
    statistics: Statistics, population: Population, bounds: Sequence[float], visit_days: float | None
) -> PeriodForecast:
    size, periods = len(statistics), len(bounds) - 1
    expected, variance = np.zeros((size, periods)), np.zeros((size, periods))
    if size == 0:
        return PeriodForecast(expected, variance, np.zeros(0), np.zeros(0))
    cells = infer(statistics, population)
    shape, silence = SHAPES[cells.shape][:, None], statistics.silence[cells.client][:, None]
    active = cells.weight * cells.stays
    if_stays, until_leaving = np.zeros_like(cells.rate), np.zeros_like(cells.rate)
    for i, bound in enumerate(bounds):
        # Visits up to the bound: of a client that stays until then, and before leaving (weighted by the posterior).
        if_stays_before, until_leaving_before = if_stays, until_leaving
        if_stays = _count(cells, silence, bound)
        until_leaving = (active @ special.exprel(-cells.hazard * bound)) * if_stays
        if i > 0:
            count = np.maximum(if_stays - if_stays_before, 0)
            part = np.maximum(until_leaving - until_leaving_before, 0)
            mean = cells.total(part.sum(axis=1))
            square = cells.total((part * (count + 1 / shape)).sum(axis=1))
            expected[:, i - 1], variance[:, i - 1] = mean, np.maximum(square - mean**2, 0)
    alive = np.clip(cells.total(active.sum(axis=(1, 2))), 0, 1)
    visit = np.full(size, np.nan)
    if visit_days is not None:
        visit = np.clip(cells.total(_visit_prob(cells, shape, silence, visit_days)), 0, alive)
    return PeriodForecast(expected, variance, alive, visit)


def _count(cells: Cells, silence: np.ndarray, horizon: float) -> np.ndarray:
    """Expected visits in the horizon of a client that stays, at each rate point; shape (rows, points)."""
    count = np.empty_like(cells.rate)
    for i in np.unique(cells.shape):
        rows = cells.shape == i
        rate = cells.rate[rows]
        in_gap = renewal.expected_count(SHAPES[i], rate * horizon, rate * silence[rows])
        pausing = _pause_prob(cells.pause_share, SHAPES[i], rate * silence[rows])
        count[rows] = (1 - pausing) * in_gap + pausing * _after_pause(SHAPES[i], rate * horizon)
    return count


def _pause_prob(share: float, shape: float, silence: np.ndarray) -> np.ndarray:
    """Probability that the silence (in mean gaps) of an active client is a pause."""
    pause = share * np.exp(-silence / PAUSE)
    return pause / ((1 - share) * renewal.survival(shape, shape * silence) + pause)


def _after_pause(shape: float, horizon: np.ndarray) -> np.ndarray:
    """Expected visits in the horizon (in mean gaps) of a client in a pause, which ends with a visit."""
    ends = -np.expm1(-horizon / PAUSE)
    return np.maximum(horizon - PAUSE * ends + ends * (1 + 1 / shape) / 2, 0)


def _visit_prob(cells: Cells, shape: np.ndarray, silence: np.ndarray, horizon: float) -> np.ndarray:
    """Probability of a visit in the horizon before leaving, times the weight of the row; shape (rows,)."""
    hazard, k, w, rate = cells.hazard, shape[:, :, None], silence[:, :, None], cells.rate[:, :, None]
    total, pause_end = k * rate + hazard, rate / PAUSE + hazard
    within = survival(cells.shape, total * w) - survival(cells.shape, total * (w + horizon))
    in_gap = within * np.exp(-k * np.log1p(hazard / (k * rate)))
    after_pause = rate / PAUSE / pause_end * np.exp(-pause_end * w) * -np.expm1(-pause_end * horizon)
    prob = (1 - cells.pause_share) * in_gap + cells.pause_share * after_pause
    return (cells.weight * prob / cells.silent).sum(axis=(1, 2))
