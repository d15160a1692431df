"""Vehicles: how many a person has, their consumption and tanks, and how their drivers refuel."""

from dataclasses import dataclass

import numpy as np

from generator.config import Run
from generator.draws import cumulative_table, pick_by_group, row_numbers

MAX_VEHICLES = 999
ROUND_L = 5
"""Drivers who fill round amounts buy multiples of this many litres."""

_ROOM_L = 3
"""Minimum distance of the levels before and after a fill from their midpoint: no fill is below `ROUND_L`."""


@dataclass(frozen=True)
class Vehicles:
    """Vehicles of a block's people, grouped by owner. Shapes (vehicles,).

    Attributes
    ----------
    owner : ndarray of int
        Index of the person, ascending.
    number : ndarray of int
        Number of the vehicle within its owner, from 1.
    grade : ndarray of int
        Index into ``run.grade_codes``.
    tank_l : ndarray of float
    reserve_l, target_l : ndarray of float
        Mean level at which the driver refuels, and mean level after a fill.
    use_l_per_day : ndarray of float
        Consumption on an average day, before the owner's change of behaviour.
    fills_round_litres : ndarray of bool
    """

    owner: np.ndarray
    number: np.ndarray
    grade: np.ndarray
    tank_l: np.ndarray
    reserve_l: np.ndarray
    target_l: np.ndarray
    use_l_per_day: np.ndarray
    fills_round_litres: np.ndarray


def draw_vehicles(run: Run, rng: np.random.Generator, kind: np.ndarray, is_corporate: np.ndarray) -> Vehicles:
    """Draw each person's vehicles: a lognormal count beyond the first, so that fleet sizes vary widely."""
    extra = run.of_kind("vehicles", kind)
    lognormal = extra[:, 0] * np.exp(extra[:, 1] * rng.standard_normal(len(kind)) - extra[:, 1] ** 2 / 2)
    counts = 1 + np.minimum(np.floor(lognormal + rng.random(len(kind))), MAX_VEHICLES - 1).astype(np.int64)
    owner = np.repeat(np.arange(len(kind)), counts)
    vehicle_kind, size = kind[owner], len(owner)
    tank, fill, use = (run.of_kind(name, vehicle_kind) for name in ("tank_l", "fill_share", "use_l_per_day"))
    params = run.params["fills"]
    tank_l = np.clip(np.rint(tank[:, 0] + tank[:, 1] * rng.standard_normal(size)), 30, 900)
    reserve_mean, reserve_sd = params["reserve_share"]
    reserve = np.clip(reserve_mean + reserve_sd * rng.standard_normal(size), 0.03, 0.4)
    fill_share = np.maximum(fill[:, 0] + fill[:, 1] * rng.standard_normal(size), 0.2)
    target = np.minimum(reserve + fill_share, params["max_tank_share"] - 0.02)
    grade_shares = np.array([[item["grades"].get(code, 0) for code in run.grade_codes] for item in run.kinds])
    return Vehicles(
        owner=owner,
        number=row_numbers(counts) + 1,
        grade=pick_by_group(cumulative_table(grade_shares), len(run.grade_codes), vehicle_kind, rng.random(size)),
        tank_l=tank_l,
        reserve_l=reserve * tank_l,
        target_l=np.maximum(target * tank_l, reserve * tank_l + 2 * _ROOM_L + ROUND_L),
        use_l_per_day=use[:, 0] * np.exp(use[:, 1] * rng.standard_normal(size)),
        fills_round_litres=(rng.random(size) < params["round_litres_share"]) & ~is_corporate[owner],
    )


def draw_levels(
    run: Run, vehicles: Vehicles, vehicle: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the tank level before each fill, and the litres filled.

    The two levels of a fill scatter around the driver's habits, each on its own side of their midpoint, so that a fill
    always starts below the level at which the previous one ended.

    Parameters
    ----------
    vehicle : ndarray of int, shape (fills,)
        Vehicle of each fill.

    Returns
    -------
    before_l : ndarray of float, shape (fills,)
    centilitres : ndarray of int, shape (fills,)
        Litres × 100, as a pump counts; at least 100 × `ROUND_L`, and never more than fits in the tank.
    """
    params = run.params["fills"]
    tank = vehicles.tank_l[vehicle]
    middle = ((vehicles.reserve_l + vehicles.target_l) / 2)[vehicle]
    noise = rng.standard_normal((2, len(vehicle)), dtype=np.float32)
    before = vehicles.reserve_l[vehicle] + params["level_before_sd"] * tank * noise[0]
    after = vehicles.target_l[vehicle] + params["level_after_sd"] * tank * noise[1]
    before = np.clip(before, 0.02 * tank, middle - _ROOM_L)
    after = np.clip(after, middle + _ROOM_L, params["max_tank_share"] * tank)
    litres = after - before
    whole = np.floor(litres / ROUND_L) * ROUND_L
    litres = np.where(vehicles.fills_round_litres[vehicle], whole, litres)
    return before, np.floor(litres * 100).astype(np.int32)
