"""Parameters of a synthetic run: the configuration file and the arguments of the run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from documents.problems import DocumentError
from documents.schema import load_document
from generator.checks import check_params
from generator.errors import GeneratorError
from generator.separation import separate
from vocabulary.codes import SYNTHETIC

MAX_CLIENTS = 10_000_000
MAX_MONTHS = 36
FUTURE_DAYS = 27 * 7
"""Longest future after period_end, days: 26 weeks of an experiment, and one more whose visits can be pulled forward."""

_LEAF = {"value", "unit", "source"}
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Run:
    """Everything that determines the synthetic tables.

    Attributes
    ----------
    params : dict
        ``twin.json`` as nested plain values, without units and sources.
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
        """``period_start`` as datetime64[D]."""
        return np.datetime64(self.period_start, "D")

    @property
    def type_codes(self) -> list[str]:
        """Codes of the latent behaviours, sorted so that their order in the file does not matter."""
        return sorted(self.params["types"])

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """Parameters of each latent behaviour in the order of `type_codes`, walk-ins last."""
        return [self.params["types"][code] for code in self.type_codes] + [self.params["walk_in"]]

    def of_kind(self, name: str, kind: np.ndarray) -> np.ndarray:
        """Return a parameter by index into `kinds`, shape (n,); (n, 2) if the parameter is a pair."""
        return np.array([item[name] for item in self.kinds])[kind]

    @property
    def grade_codes(self) -> list[str]:
        """Fuel grades in the order of the file."""
        return [grade["grade_code"] for grade in self.params["grades"]]


def load_run(folder: str | Path, *, seed: int, clients: int, months: int, period_start: str | date) -> Run:
    """Check the arguments of a run, then read and check ``twin.json``.

    Parameters
    ----------
    folder : path
        Reference folder with ``twin.json`` and ``schemas/twin.schema.json``.
    seed, clients, months, period_start
        See `Run`.

    Raises
    ------
    GeneratorError
        Names the parameter, its value and what is allowed; for ``twin.json``, every violation of its schema.
    """
    _check_range("clients", clients, 1, MAX_CLIENTS)
    _check_range("months", months, 1, MAX_MONTHS)
    _check_range("seed", seed, 0, 2**32 - 1)
    start = _first_day(period_start)
    params = plain_values(_twin(folder))
    check_params(params, months)
    return Run(
        params | {"types": separate(params["types"], params["knobs"]["separation"])}, seed, clients, months, start
    )


def run_of_model(meta: dict[str, Any]) -> Run:
    """Build the run from the ``meta`` of a dbt model: parameters as text, and the source of the data.

    With own data the run has 0 clients, so that every synthetic table is empty but has its columns and types.
    """
    run = load_run(
        meta["reference"],
        seed=int(meta["seed"]),
        clients=int(meta["clients"]),
        months=int(meta["months"]),
        period_start=str(meta["period_start"]),
    )
    return run if meta["source"] == SYNTHETIC else replace(run, clients=0)


def parameters_table(folder: str | Path) -> pa.Table:
    """List every parameter of ``twin.json`` with its source.

    Returns
    -------
    pyarrow.Table
        Columns parameter_code (dotted path), value_text (JSON), unit and source; in the order of the file.
    """
    rows = [
        {"parameter_code": path, "value_text": json.dumps(leaf["value"], ensure_ascii=False)}
        | {"unit": leaf["unit"], "source": leaf["source"]}
        for path, leaf in _leaves(_twin(folder), "")
    ]
    names = ("parameter_code", "value_text", "unit", "source")
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names]))


def _twin(folder: str | Path) -> dict[str, Any]:
    folder = Path(folder)
    try:
        return load_document(folder / "twin.json", folder / "schemas" / "twin.schema.json")
    except DocumentError as error:
        advice = "Correct the file; its schema is schemas/twin.schema.json, in the same folder."
        raise GeneratorError(f"{error}\n{advice}") from error


def _leaves(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path and leaf ``{value, unit, source}``; the path of a list item has its code, else its position."""
    if isinstance(node, dict) and set(node) == _LEAF:
        yield path, node
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for position, child in enumerate(node):
            codes = [value for key, value in child.items() if key.endswith("_code")] if isinstance(child, dict) else []
            yield from _leaves(child, f"{path}.{codes[0] if codes else position}")


def plain_values(node: Any) -> Any:
    """Strip units and sources: replace each leaf ``{value, unit, source}`` by its value."""
    if isinstance(node, dict):
        if set(node) == _LEAF:
            return node["value"]
        return {key: plain_values(child) for key, child in node.items()}
    if isinstance(node, list):
        return [plain_values(child) for child in node]
    return node


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise GeneratorError(f"{name} = {value}; allowed: a whole number from {low} to {high}")


def _first_day(period_start: str | date) -> date:
    """Parse the first day of history; numpy and Arrow must be able to hold the days of `MAX_MONTHS` from it on."""
    try:
        start = date.fromisoformat(period_start) if isinstance(period_start, str) else period_start
    except ValueError:
        message = f"period_start = {period_start!r}; allowed: the first day of a month, for example 2025-01-01"
        raise GeneratorError(message) from None
    if start.day != 1:
        raise GeneratorError(
            f"period_start = {start}; allowed: the first day of a month, for example {start.replace(day=1)}"
        )
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
        raise GeneratorError(f"period_start = {start}; allowed: a month from {_FIRST_YEAR} to {_LAST_YEAR}")
    return start
