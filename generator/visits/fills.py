"""When and how much each vehicle refuels, with us or with competitors: total demand."""

from dataclasses import dataclass

import numpy as np

from generator.config import FUTURE_DAYS, Run
from generator.errors import ParameterError
from generator.network import Network
from generator.people.clients import People
from generator.people.vehicles import ROUND_L, draw_levels
from generator.streams import stream
from generator.visits.clocks import Clocks, build_clocks


@dataclass(frozen=True)
class Fills:
    """Fills of a block's vehicles, ours and competitors', ordered by vehicle and time. Shapes (fills,).

    Attributes
    ----------
    vehicle : ndarray of int
        Index into the block's vehicles.
    day : ndarray of float
        Days from period_start; the fraction is not a time of day (visits draw that).
    before_l : ndarray of float
        Tank level before the fill.
    centilitres : ndarray of int
        Litres × 100, as a pump counts.
    choice : ndarray of float
        Draw in [0, 1): the fill is ours if it is below the client's share of wallet. The same draw is used with and
        without a feature (common random numbers).
    """

    vehicle: np.ndarray
    day: np.ndarray
    before_l: np.ndarray
    centilitres: np.ndarray
    choice: np.ndarray


@dataclass(frozen=True)
class Pending:
    """The first fill of each vehicle after the history, from which the future continues. Shapes (vehicles,)."""

    driven: np.ndarray
    before_l: np.ndarray
    centilitres: np.ndarray
    choice: np.ndarray


@dataclass(frozen=True)
class History:
    """Fills of the history, tank levels at its start (vehicles,), its clocks, and the fills pending after it."""

    fills: Fills
    level_at_start_l: np.ndarray
    clocks: Clocks
    pending: Pending


@dataclass(frozen=True)
class _Cycles:
    """Draws of each vehicle past the end of the history: its fills, the pending one, and some surplus.

    Shapes (draws,), except `pending` and `level_at_start_l` (vehicles,). `is_past` marks the fills of the history;
    `pending` is the index of each vehicle's pending fill.
    """

    vehicle: np.ndarray
    driven: np.ndarray
    before_l: np.ndarray
    centilitres: np.ndarray
    choice: np.ndarray
    is_past: np.ndarray
    pending: np.ndarray
    level_at_start_l: np.ndarray
    clocks: Clocks


def draw_history(run: Run, people: People, block: int) -> History:
    """Draw all fills of the block's vehicles in the history.

    A vehicle burns fuel in proportion to its driving, and refuels when the level has dropped to the driver's threshold.
    The gap between two fills follows from the level after the first and the level before the second, so the balance of
    the tank closes, and gaps are as regular as habits are: a renewal process, not a Poisson process.

    The history does not depend on whether the future is drawn.
    """
    cycles = _draw_cycles(run, people, block)
    kept = cycles.is_past
    vehicle = cycles.vehicle[kept]
    fills = Fills(
        vehicle=vehicle,
        day=cycles.clocks.day_of(vehicle, cycles.driven[kept]),
        before_l=cycles.before_l[kept],
        centilitres=cycles.centilitres[kept],
        choice=cycles.choice[kept],
    )
    return History(fills, cycles.level_at_start_l, cycles.clocks, _pending(cycles))


def draw_pending(run: Run, people: People, block: int) -> Pending:
    """Draw only the fills that `draw_history` leaves pending; skips computing the days of the history."""
    return _pending(_draw_cycles(run, people, block))


def _draw_cycles(run: Run, people: People, block: int) -> _Cycles:
    rng = stream(run.seed, "fills", block)
    clocks = build_clocks(run, people, block, run.days)
    counts = _enough(run, people, clocks.total)
    vehicle = np.repeat(np.arange(len(counts)), counts)
    before, centilitres = draw_levels(run, people.vehicles, vehicle, rng)
    choice = rng.random(len(vehicle))
    first = np.cumsum(counts) - counts
    # The history starts at a random point of each vehicle's refuelling cycle.
    start = before[first] + rng.random(len(counts)) * (people.vehicles.target_l - people.vehicles.reserve_l)
    start = np.minimum(start, people.vehicles.tank_l)
    driven = _driven(people, counts, before, centilitres, (start - before[first]) / people.vehicles.use_l_per_day)
    is_past = driven < clocks.total[vehicle]
    after = first + np.add.reduceat(is_past, first)
    _check_enough(run, after < first + counts)
    return _Cycles(vehicle, driven, before, centilitres, choice, is_past, after, start, clocks)


def _pending(cycles: _Cycles) -> Pending:
    drawn = (cycles.driven, cycles.before_l, cycles.centilitres, cycles.choice)
    return Pending(*(values[cycles.pending] for values in drawn))


def draw_future_fills(run: Run, people: People, pending: Pending, block: int) -> Fills:
    """Continue from the history for `FUTURE_DAYS` days with the same vehicles and the same demand."""
    rng = stream(run.seed, "future fills", block)
    clocks = build_clocks(run, people, block, run.days + FUTURE_DAYS)
    counts = _enough(run, people, clocks.total - pending.driven)
    vehicle = np.repeat(np.arange(len(counts)), counts)
    before, centilitres = draw_levels(run, people.vehicles, vehicle, rng)
    choice = rng.random(len(vehicle))
    first = np.cumsum(counts) - counts
    before[first], centilitres[first], choice[first] = pending.before_l, pending.centilitres, pending.choice
    driven = _driven(people, counts, before, centilitres, pending.driven)
    kept = driven < clocks.total[vehicle]
    _check_enough(run, np.add.reduceat(kept, first) < counts)
    return Fills(
        vehicle=vehicle[kept],
        day=clocks.day_of(vehicle[kept], driven[kept]),
        before_l=before[kept],
        centilitres=centilitres[kept],
        choice=choice[kept],
    )


def share_of_wallet(run: Run, network: Network, people: People, fills: Fills) -> np.ndarray:
    """Probability that each fill is ours, shape (fills,).

    A habit that grows after registration and ends on leaving, reduced while our price is above the competitors'.
    """
    params = run.params["life_cycle"]
    life, person = people.life, people.vehicles.owner[fills.vehicle]
    tenure = fills.day - life.registered_day[person]
    start = params["ramp_start_ratio"]
    ramp = start + (1 - start) * np.clip(tenure / params["ramp_days"], 0, 1)
    # In whole days, as receipts and registrations are dated.
    present = (tenure >= 0) & (np.floor(fills.day) < life.left_day[person])
    changed = fills.day >= life.change_day[person]
    habit = np.where(changed, people.wallet_share[person], people.first_wallet_share[person])
    sensitivity = np.where(
        changed,
        run.of_kind("price_sensitivity", life.kind)[person],
        run.of_kind("price_sensitivity", life.first_kind)[person],
    )
    gap = network.prices.gap[people.region[person], fills.day.astype(np.int64)]
    return np.clip(habit * ramp * (1 - sensitivity * gap), 0, 0.99) * present


def _enough(run: Run, people: People, driving: np.ndarray) -> np.ndarray:
    """Draws per vehicle that almost surely cover its driving (`_check_enough` verifies it)."""
    vehicles, params = people.vehicles, run.params["fills"]
    mean = vehicles.target_l - vehicles.reserve_l - ROUND_L * vehicles.fills_round_litres
    expected = np.maximum(driving, 0) * vehicles.use_l_per_day / mean
    relative_sd = np.hypot(params["level_before_sd"], params["level_after_sd"]) * vehicles.tank_l / mean
    return np.ceil(expected * 1.06 + 6 * relative_sd * np.sqrt(expected) + 4).astype(np.int64)


def _check_enough(run: Run, is_enough: np.ndarray) -> None:
    if not is_enough.all():
        params = run.params["fills"]
        raise ParameterError(
            "fills",
            f"levels vary so much (level_before_sd = {params['level_before_sd']}, level_after_sd = "
            f"{params['level_after_sd']}) that {np.sum(~is_enough)} vehicles ran out of draws; lower them",
        )


def _driven(
    people: People, counts: np.ndarray, before: np.ndarray, centilitres: np.ndarray, first_driven: np.ndarray
) -> np.ndarray:
    """Driving at each fill, from the level after a fill to the level before the next; `counts` fills per vehicle."""
    burned = np.empty(len(before))
    burned[1:] = before[:-1] + centilitres[:-1] / 100 - before[1:]
    gap = burned / np.repeat(people.vehicles.use_l_per_day, counts)
    first = np.cumsum(counts) - counts
    gap[first] = first_driven
    total = np.cumsum(gap)
    return total - np.repeat(total[first] - gap[first], counts)
