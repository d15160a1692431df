"""Parameters of a synthetic run: the configuration file and the run's own numbers, as frozen objects."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np

from generator.errors import GeneratorError

MAX_CLIENTS = 10_000_000
MAX_MONTHS = 36
FUTURE_DAYS = 26 * 7
"""Longest horizon of an experiment after period_end, days."""


@dataclass(frozen=True)
class Run:
    """Everything that determines the synthetic tables.

    Attributes
    ----------
    params : dict
        ``twin.json`` without units and sources: nested names to plain values.
    seed : int
        Seed, 0 … 2**32 − 1.
    clients : int
        Registered clients.
    months : int
        Months of history from ``period_start``.
    period_start : datetime.date
        First day of history; the first of a month.
    """

    params: dict[str, Any]
    seed: int
    clients: int
    months: int
    period_start: date

    @cached_property
    def period_end(self) -> date:
        """Last day of history."""
        month = self.period_start.month - 1 + self.months
        return date(self.period_start.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    @property
    def days(self) -> int:
        """Days of history."""
        return (self.period_end - self.period_start).days + 1

    @property
    def start64(self) -> np.datetime64:
        """``period_start`` as numpy sees it."""
        return np.datetime64(self.period_start, "D")

    @property
    def type_codes(self) -> list[str]:
        """Latent behaviours, in the order of their names so that the order of the file does not matter."""
        return sorted(self.params["types"])

    @property
    def grade_codes(self) -> list[str]:
        """Fuel grades in the order of the file."""
        return [grade["grade_code"] for grade in self.params["grades"]]


def load_run(folder: str | Path, *, seed: int, clients: int, months: int, period_start: str | date) -> Run:
    """Read ``twin.json`` with its schema from the reference folder and check the run's parameters.

    Parameters
    ----------
    folder : path
        Reference folder: holds ``twin.json`` and ``schemas/twin.schema.json``.
    seed, clients, months, period_start
        See `Run`.

    Raises
    ------
    GeneratorError
        Names the key, the value, what is allowed.
    """
    folder = Path(folder)
    _check_range("clients", clients, 1, MAX_CLIENTS)
    _check_range("months", months, 1, MAX_MONTHS)
    _check_range("seed", seed, 0, 2**32 - 1)
    start = date.fromisoformat(period_start) if isinstance(period_start, str) else period_start
    if start.day != 1:
        raise GeneratorError(
            f"period_start = {start}: allowed is the first day of a month; give {start.replace(day=1)}"
        )
    document = json.loads((folder / "twin.json").read_text(encoding="utf-8"))
    schema = json.loads((folder / "schemas" / "twin.schema.json").read_text(encoding="utf-8"))
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(document))
    if problem is not None:
        raise GeneratorError(f"twin.json, {problem.json_path}: {problem.message}")
    params = _values(document)
    check_params(params)
    return Run(params, seed, clients, months, start)


def run_of_model(meta: dict[str, Any]) -> Run:
    """Build the run from what dbt passes to a model: texts, and the source of the data.

    With own data there are no synthetic clients: the run holds 0, and every table comes out empty but well-typed.
    """
    run = load_run(
        meta["reference"],
        seed=int(meta["seed"]),
        clients=int(meta["clients"]),
        months=int(meta["months"]),
        period_start=str(meta["period_start"]),
    )
    return run if meta["source"] == "synthetic" else replace(run, clients=0)


def check_params(params: dict[str, Any]) -> None:
    """Check what a JSON Schema cannot: shares that must add up to 1."""
    sums = {"types.*.share": sum(kind["share"] for kind in params["types"].values())}
    for code, kind in params["types"].items():
        sums[f"types.{code}.grades"] = sum(kind["grades"].values())
        sums[f"types.{code}.main_payment"] = sum(kind["main_payment"].values())
    for key, total in sums.items():
        if abs(total - 1) > 1e-6:
            raise GeneratorError(f"twin.json, {key}: the shares add up to {total:g}; they must add up to 1")


def _values(node: Any) -> Any:
    """Strip units and sources: a leaf ``{value, unit, source}`` becomes its value."""
    if isinstance(node, dict):
        if set(node) == {"value", "unit", "source"}:
            return node["value"]
        return {key: _values(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_values(child) for child in node]
    return node


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise GeneratorError(f"{name} = {value}: allowed is a whole number from {low} to {high}")
