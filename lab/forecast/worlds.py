"""Simulated visits with a known truth, to backtest forecasts: regular clients, irregular ones, leavers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ml.forecast.visits import DAY

START = np.datetime64("2024-01-01", "us").astype(np.int64)
_BURN_IN = 20


@dataclass(frozen=True)
class World:
    """Parameters of the clients of a world.

    Attributes
    ----------
    gap_days : float
        Median of the clients' mean gaps.
    gap_log_sd : float
        Standard deviation of the logarithm of the clients' mean gaps.
    shapes : tuple of float
        Shapes of the gamma distributed gaps, in equal shares of clients: 1 is Poisson, 25 a CV of 0.2.
    leaving_per_year : float
        Probability to leave within a year, at a constant rate.
    joined_share : float
        Share of the clients that join within the history, uniformly; the others joined before.
    season : float
        Relative amplitude of all rates over a year.
    """

    gap_days: float = 7.0
    gap_log_sd: float = 0.6
    shapes: tuple[float, ...] = (1.0, 25.0)
    leaving_per_year: float = 0.4
    joined_share: float = 0.3
    season: float = 0.0


WORLDS = {
    "regular": World(gap_log_sd=0.3, shapes=(25.0,)),
    "poisson": World(gap_days=14.0, gap_log_sd=0.8, shapes=(1.0,)),
    "mixed": World(gap_days=10.0, gap_log_sd=0.7),
    "mixed, nobody leaves": World(gap_days=10.0, gap_log_sd=0.7, leaving_per_year=0.0),
    "mixed, season": World(gap_days=10.0, gap_log_sd=0.7, season=0.15),
}


def simulate(world: World, clients: int, days: int, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Draw the visits of a world.

    Returns
    -------
    visits : pyarrow.Table
        client_id, occurred_at; over `days` days from `START`. A client without visits has no rows.
    truth : pyarrow.Table
        client_id, left_at (null: stays).
    """
    mean = world.gap_days * np.exp(world.gap_log_sd * rng.standard_normal(clients))
    shape = np.asarray(world.shapes)[rng.integers(0, len(world.shapes), clients)]
    joined = np.where(rng.random(clients) < world.joined_share, rng.random(clients) * days, 0.0)
    hazard = -np.log1p(-world.leaving_per_year) / 365
    left = joined + rng.standard_exponential(clients) / max(hazard, 1e-12)
    # Earlier clients are somewhere within a gap when the history begins.
    start = np.where(joined > 0, joined, -_BURN_IN * mean * rng.uniform(0.5, 1.0, clients))
    ids, times = [], []
    now, client = start, np.arange(clients)
    while len(client):
        inside = (now >= 0) & (now < left[client])
        ids.append(client[inside])
        times.append(now[inside])
        now = now + rng.gamma(shape[client], mean[client] / shape[client])
        going = (now < days) & (now < left[client])
        now, client = now[going], client[going]
    client, time = np.concatenate(ids), np.concatenate(times)
    grid = np.linspace(0, days, 50 * days + 1)
    year = 2 * np.pi / 365
    passed = grid + world.season / year * (1 - np.cos(year * grid))
    time = np.interp(time, passed, grid)
    left = np.interp(left, passed, grid, right=np.inf)
    at = (START + (time * DAY).astype(np.int64)).view("datetime64[us]")
    left_at = (START + (np.minimum(left, days) * DAY).astype(np.int64)).view("datetime64[us]")
    visits = pa.table({"client_id": client + 1, "occurred_at": pa.array(at)})
    truth = pa.table({"client_id": np.arange(clients) + 1, "left_at": pa.array(left_at, mask=left >= days)})
    return visits, truth
