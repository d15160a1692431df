"""Brute-force plans of trials by the formula in ml.planning.planner: the reference for the query that solves it."""

from collections.abc import Mapping
from math import ceil
from typing import Any

LONGEST_WEEKS = 52
HALVINGS = 100


def clients(row: Mapping[str, Any], effect: float, control: float, weeks: float) -> float:
    """Clients needed, before rounding to whole units."""
    response = row["level_square_ratio"] / max(row["response_share"], effect) - 1
    variance = row["fixed_variance_ratio"] + row["weekly_variance_ratio"] / weeks + row["cluster_variance_ratio"]
    variance = variance * (1 + 2 * control * effect) + control * effect**2 * response
    return row["normal_factor"] * variance / (control * (1 - control) * effect**2) + row["unit_size"] * 1.96**2 / 2


def least_units(control: float) -> int:
    """Return the units needed for ten in the smaller arm."""
    return ceil(10 / min(control, 1 - control) - 1e-9)


def plan(row: Mapping[str, Any], effect: float, control: float, weeks: float) -> dict[str, Any]:
    """Plan as the page does: in whole units, by trying each week, and by bisection for the effect."""
    available, size, least = row["units_available_count"], row["unit_size"], least_units(control)
    if size is None:
        nobody = row["clients_available_count"] == 0
        reason = "nobody_eligible" if nobody else "no_variance"
        return {"reason_code": reason, "clients_needed_count": None, "weeks_needed": None, "min_effect_ratio": None}

    def units(effect: float, weeks: float) -> float:
        return clients(row, effect, control, weeks) / size

    def whole(weeks: float) -> int:
        return max(ceil(units(effect, weeks)), least)

    low, high = 0.0, 1e6
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if units(middle, weeks) <= available else (middle, high)
    enough = next((week for week in range(1, LONGEST_WEEKS + 1) if whole(week) <= available), None)
    return {
        "reason_code": "too_small" if enough is None else "ok",
        "clients_needed_count": ceil(whole(weeks) * size - 1e-9),
        "weeks_needed": enough,
        "min_effect_ratio": high if available >= least else None,
    }
