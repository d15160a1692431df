"""Client traits that the network also observes, by which a rule may distinguish clients of one portrait."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from generator.config import Run
from generator.people.clients import PAYMENT_METHODS, People

TRAITS: dict[str, Callable[[Run, People], np.ndarray]] = {
    "has_loyalty_card": lambda run, people: people.has_loyalty_card,
    "has_fuel_card": lambda run, people: people.has_fuel_card,
    "has_contract": lambda run, people: people.has_contract,
    "is_corporate": lambda run, people: people.is_corporate,
    "main_payment_method": lambda run, people: np.array(PAYMENT_METHODS)[people.payment],
    "main_fuel_grade": lambda run, people: _main_grade(run, people),
    "vehicles_count": lambda run, people: np.bincount(people.vehicles.owner, minlength=len(people.number)),
    "tank_volume_l": lambda run, people: _largest_tank(people),
    "tenure_days": lambda run, people: run.days - 1 - people.life.registered_day,
}
"""Traits by the codes of the client metrics that observe them, each of shape (people,)."""


def meets(run: Run, people: People, condition: Mapping[str, Any]) -> np.ndarray:
    """Whether each person meets a condition, shape (people,).

    Parameters
    ----------
    condition : mapping
        metric_code (one of `TRAITS`), and `values` (list) or `low` / `high` (half-open range).
    """
    trait = TRAITS[condition["metric_code"]](run, people)
    low, high, values = (condition.get(key) for key in ("low", "high", "values"))
    result = np.ones(len(people.number), dtype=bool)
    if values is not None:
        result &= np.isin(trait, [value in (True, "true") for value in values] if trait.dtype == bool else values)
    if low is not None:
        result &= trait >= low
    if high is not None:
        result &= trait < high
    return result


def _main_grade(run: Run, people: People) -> np.ndarray:
    """Fuel grade that a person's vehicles burn most of."""
    vehicles, grades = people.vehicles, len(run.grade_codes)
    cell = vehicles.owner * grades + vehicles.grade
    use = np.bincount(cell, vehicles.use_l_per_day, minlength=len(people.number) * grades)
    return np.array(run.grade_codes)[use.reshape(-1, grades).argmax(axis=1)]


def _largest_tank(people: People) -> np.ndarray:
    result = np.zeros(len(people.number))
    np.maximum.at(result, people.vehicles.owner, people.vehicles.tank_l)
    return result
