"""Parameters of a synthetic run: the configuration file and the run's own numbers, as frozen objects."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa

from generator.errors import GeneratorError, ParameterError
from generator.separation import separate

MAX_CLIENTS = 10_000_000
MAX_MONTHS = 36
FUTURE_DAYS = 27 * 7
"""Longest future after period_end, days: 26 weeks of an experiment, and one from which visits can be pulled forward."""

_LEAF = {"value", "unit", "source"}


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
    def kinds(self) -> list[dict[str, Any]]:
        """Parameters of each latent behaviour in the order of `type_codes`, and of walk-ins last."""
        return [self.params["types"][code] for code in self.type_codes] + [self.params["walk_in"]]

    def of_kind(self, name: str, kind: np.ndarray) -> np.ndarray:
        """Look a parameter of latent behaviours up: shape (n,), or (n, 2) for a pair."""
        return np.array([item[name] for item in self.kinds])[kind]

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
    params = plain_values(document)
    check_params(params, months)
    return Run(
        params | {"types": separate(params["types"], params["knobs"]["separation"])}, seed, clients, months, start
    )


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


def check_params(params: dict[str, Any], months: int) -> None:
    """Check what a JSON Schema cannot: shares that must add up to 1, names that must be known, months that exist.

    Parameters
    ----------
    params : dict
        From `plain_values`; fits the schema.
    months : int
        Months of the run.

    Raises
    ------
    ParameterError
        Of the first mistake found.
    """
    sums = {"types.*.share": sum(kind["share"] for kind in params["types"].values())}
    behaviours = {f"types.{code}": kind for code, kind in params["types"].items()} | {"walk_in": params["walk_in"]}
    calendar = params["calendar"]
    grades = [grade["grade_code"] for grade in params["grades"]]
    if len(set(grades)) < len(grades):
        raise ParameterError("grades", f"found {', '.join(grades)}; allowed: every grade once")
    for place, kind in behaviours.items():
        sums[f"{place}.grades"] = sum(kind["grades"].values())
        sums[f"{place}.main_payment"] = sum(kind["main_payment"].values())
        _check_known(f"{place}.hour_profile", kind["hour_profile"], calendar["hour"])
        _check_known(f"{place}.week_profile", kind["week_profile"], calendar["weekday"])
    for key, total in sums.items():
        if abs(total - 1) > 1e-6:
            raise ParameterError(key, f"the shares add up to {total:g}; they must add up to 1")
    for number, region in enumerate(params["regions"]):
        _check_known(f"regions[{number}] ({region['region_code']}).season", region["season"], calendar["month"])
    for number, step in enumerate(params["life_cycle"]["transitions"]):
        for end in ("from", "to"):
            _check_known(f"life_cycle.transitions[{number}].{end}", step[end], params["types"])
    shortest, longest = params["life_cycle"]["lull_days"]
    if shortest > longest:
        raise ParameterError("life_cycle.lull_days", f"found [{shortest}, {longest}]; allowed: shortest ≤ longest")
    shock = params["knobs"]["price_shock"]
    if shock["change"] and shock["month"] > months:
        message = f"found {shock['month']}, the run has {months} months; allowed: 1 to {months}, or change = 0"
        raise ParameterError("knobs.price_shock.month", message)


def parameters_table(folder: str | Path) -> pa.Table:
    """List every parameter of ``twin.json`` with its source.

    Returns
    -------
    pyarrow.Table
        parameter_code (dotted path), value_text (JSON), unit, source; in the order of the file.
    """
    document = json.loads((Path(folder) / "twin.json").read_text(encoding="utf-8"))
    rows = [
        {"parameter_code": path, "value_text": json.dumps(leaf["value"], ensure_ascii=False)}
        | {"unit": leaf["unit"], "source": leaf["source"]}
        for path, leaf in _leaves(document, "")
    ]
    names = ("parameter_code", "value_text", "unit", "source")
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names]))


def _leaves(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk the leaves ``{value, unit, source}``; items of a list go by their code where they have one."""
    if isinstance(node, dict) and set(node) == _LEAF:
        yield path, node
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for number, child in enumerate(node):
            codes = [value for key, value in child.items() if key.endswith("_code")] if isinstance(child, dict) else []
            yield from _leaves(child, f"{path}.{codes[0] if codes else number}")


def plain_values(node: Any) -> Any:
    """Strip units and sources of a document: a leaf ``{value, unit, source}`` becomes its value."""
    if isinstance(node, dict):
        if set(node) == _LEAF:
            return node["value"]
        return {key: plain_values(child) for key, child in node.items()}
    if isinstance(node, list):
        return [plain_values(child) for child in node]
    return node


def _check_known(place: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ParameterError(place, f"found {value!r}; allowed: {', '.join(known)}")


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise GeneratorError(f"{name} = {value}: allowed is a whole number from {low} to {high}")
