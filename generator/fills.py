"""When and how much each vehicle refuels, wherever that is: the demand that we and the competitors share."""

from dataclasses import dataclass

import numpy as np

from generator.config import Run
from generator.errors import GeneratorError
from generator.people import People
from generator.streams import stream


@dataclass(frozen=True)
class Fills:
    """Fills of a block's vehicles, ours and competitors', ordered by vehicle and time.

    Attributes
    ----------
    vehicle : ndarray of int, shape (fills,)
        Index into the block's vehicles.
    day : ndarray of float
        Days from period_start; the fraction is no time of day (visits draw that).
    centilitres : ndarray of int
        Litres × 100: what a pump counts.
    choice : ndarray of float
        Draw in [0, 1): the fill is ours when it is under the client's share of wallet. One draw serves the worlds
        with and without a feature (common random numbers).
    """

    vehicle: np.ndarray
    day: np.ndarray
    centilitres: np.ndarray
    choice: np.ndarray


def cumulative_intensity(run: Run, week_profile: str, days: int) -> np.ndarray:
    """Accumulate driving over the calendar, in average days.

    Returns
    -------
    ndarray, shape (days + 1,)
        Driving done by the start of each day, by weekday and month.
    """
    calendar = run.params["calendar"]
    dates = run.start64 + np.arange(days)
    weekday = (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    weights = np.array(calendar["weekday"][week_profile])[weekday] * np.array(calendar["month"])[month]
    return np.concatenate([[0.0], np.cumsum(weights)])


@dataclass(frozen=True)
class Pending:
    """The next fill of each vehicle after the history: where the future goes on. Shapes (vehicles,)."""

    driven: np.ndarray
    centilitres: np.ndarray
    choice: np.ndarray


def draw_fills(run: Run, people: People, block: int) -> tuple[Fills, Pending]:
    """Draw all fills of the block's vehicles in the history.

    A vehicle burns fuel in proportion to its driving; it refuels what it has burned since the last fill, so the gap
    between two fills follows from the litres of the second and a vehicle's fuel balance closes. Gaps are as regular as
    fills are alike: a renewal process, not a Poisson process.

    Returns
    -------
    fills : Fills
    pending : Pending
        Passed to `draw_future_fills`; the history is the same whether or not the future is drawn.
    """
    rng = stream(run.seed, "fills", block)
    clock, profile = _clocks(run, people, run.days)
    driving = clock[profile, -1]
    counts = _enough(run, people, driving)
    vehicle, centilitres, gap = _draw_gaps(run, people, counts, rng)
    first = np.cumsum(counts) - counts
    gap[first] *= rng.random(len(counts))  # the first fill comes at a random point of its cycle
    choice = rng.random(len(vehicle))
    driven = _add_up(gap, counts)
    kept = driven < driving[vehicle]
    after = first + np.add.reduceat(kept, first)
    if (after >= first + counts).any():
        raise GeneratorError("twin.json, fills.volume_sd: fills vary so much that a vehicle ran out of draws; lower it")
    pending = Pending(driven[after], centilitres[after], choice[after])
    day = _calendar_day(clock, profile[vehicle[kept]], driven[kept])
    return Fills(vehicle[kept], day, centilitres[kept], choice[kept]), pending


def draw_future_fills(run: Run, people: People, pending: Pending, block: int, days: int) -> Fills:
    """Go on from the history for `days` days: the same vehicles, the same demand."""
    rng = stream(run.seed, "future fills", block)
    clock, profile = _clocks(run, people, run.days + days)
    driving = clock[profile, -1]
    counts = _enough(run, people, driving - pending.driven)
    vehicle, centilitres, gap = _draw_gaps(run, people, counts, rng)
    choice = rng.random(len(vehicle))
    first = np.cumsum(counts) - counts
    gap[first], centilitres[first], choice[first] = pending.driven, pending.centilitres, pending.choice
    driven = _add_up(gap, counts)
    kept = driven < driving[vehicle]
    day = _calendar_day(clock, profile[vehicle[kept]], driven[kept])
    return Fills(vehicle[kept], day, centilitres[kept], choice[kept])


def _clocks(run: Run, people: People, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative driving by week profile, and each vehicle's profile."""
    profiles = sorted(run.params["calendar"]["weekday"])
    of_kind = [profiles.index(run.params["types"][code]["week_profile"]) for code in run.type_codes]
    clock = np.array([cumulative_intensity(run, profile, days) for profile in profiles])
    return clock, np.array(of_kind)[people.kind[people.vehicle_owner]]


def _enough(run: Run, people: People, driving: np.ndarray) -> np.ndarray:
    """Draws per vehicle that practically never run out before the driving is done (`draw_fills` checks it)."""
    expected = np.maximum(driving, 0) * people.use_l_per_day / people.fill_l
    spread = run.params["fills"]["volume_sd"] * np.sqrt(expected)
    return np.ceil(expected * 1.12 + 6 * spread + 4).astype(np.int64)


def _draw_gaps(
    run: Run, people: People, counts: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw litres, and the driving that burns them."""
    params = run.params["fills"]
    vehicle = np.repeat(np.arange(len(counts)), counts)
    noise = rng.standard_normal(len(vehicle), dtype=np.float32)
    litres = people.fill_l[vehicle] * (1 + params["volume_sd"] * noise)
    litres = np.clip(litres, params["volume_min_l"], params["max_tank_share"] * people.tank_l[vehicle])
    centilitres = np.rint(litres * 100).astype(np.int32)
    return vehicle, centilitres, centilitres / (100 * people.use_l_per_day[vehicle])


def _add_up(gap: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Cumulative sums within each vehicle's run of `counts` gaps."""
    total = np.cumsum(gap)
    first = np.cumsum(counts) - counts
    return total - np.repeat(total[first] - gap[first], counts)


def _calendar_day(clock: np.ndarray, profile: np.ndarray, driven: np.ndarray) -> np.ndarray:
    """Find the day by which a profile has driven so much; shapes (profiles, days + 1), (n,), (n,)."""
    day = np.empty(len(driven))
    for number, curve in enumerate(clock):
        rows = profile == number
        day[rows] = np.interp(driven[rows], curve, np.arange(len(curve)))
    return day


def share_of_wallet(run: Run, people: People, fills: Fills) -> np.ndarray:
    """Probability that each fill is ours: habit grows after registration, and ends on leaving. Shape (n,)."""
    params = run.params["life_cycle"]
    person = people.vehicle_owner[fills.vehicle]
    tenure = fills.day - people.registered_day[person]
    start = params["ramp_start_ratio"]
    ramp = start + (1 - start) * np.clip(tenure / params["ramp_days"], 0, 1)
    present = (tenure >= 0) & (fills.day < people.left_day[person])
    return people.wallet_share[person] * ramp * present
