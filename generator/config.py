"""Parameters of a synthetic run: the configuration file and the run's own numbers, as frozen objects."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

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
_BY_PRICE = ("lpg", "ai92", "ai95", "ai95_eco", "ai98", "ai100")
"""Grades from the cheapest to the dearest; diesel may cost anything."""

_OTHER_CODES = ("new", "undefined", "walk_in")
"""Codes that stand beside those of the types in the tables."""

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


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
    start = _first_day(period_start)
    document = json.loads((folder / "twin.json").read_text(encoding="utf-8"), parse_constant=_refuse_constant)
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
    """Check what a JSON Schema cannot: sums, orders, codes that must be known or differ, months that exist.

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
    for rule in (
        _check_whole_numbers,
        _check_codes_differ,
        _check_type_names,
        _check_price_order,
        _check_margins,
        _check_shares,
        _check_profiles,
        _check_transitions,
        _check_lulls,
    ):
        rule(params)
    _check_shock(params, months)


def _check_whole_numbers(params: dict[str, Any]) -> None:
    """JSON Schema takes 18.0 for an integer; numpy counts only by whole numbers."""
    counts = {"knobs.price_shock.month": params["knobs"]["price_shock"]["month"]}
    counts |= {f"regions[{place}].stations_count": row["stations_count"] for place, row in enumerate(params["regions"])}
    counts |= {f"life_cycle.lull_days[{place}]": days for place, days in enumerate(params["life_cycle"]["lull_days"])}
    for place, value in counts.items():
        if not isinstance(value, int):
            raise ParameterError(place, f"found {value}; allowed: a whole number without a point")


def _check_codes_differ(params: dict[str, Any]) -> None:
    for place, key in (("regions", "region_code"), ("grades", "grade_code"), ("basket", "category_code")):
        codes = [row[key] for row in params[place]]
        for number, code in enumerate(codes):
            if code in codes[:number]:
                raise ParameterError(f"{place}[{number}].{key}", f"found {code!r} again; allowed: every {key} once")


def _check_type_names(params: dict[str, Any]) -> None:
    for code in params["types"]:
        if code in _OTHER_CODES:
            message = f"found a type of this name; allowed: any name but {', '.join(_OTHER_CODES)}"
            raise ParameterError(f"types.{code}", message)


def _check_price_order(params: dict[str, Any]) -> None:
    prices = {grade["grade_code"]: grade["price_rub_per_l"] for grade in params["grades"]}
    for cheaper, dearer in pairwise(_BY_PRICE):
        if prices[cheaper] >= prices[dearer]:
            message = f"found {prices[dearer]:g}; allowed: more than the price of {cheaper}, {prices[cheaper]:g}"
            raise ParameterError(f"grades.{dearer}.price_rub_per_l", message)


def _check_margins(params: dict[str, Any]) -> None:
    """A margin is in roubles everywhere; it must be below the price of the cheapest region too."""
    lowest = min(region["price_factor"] for region in params["regions"])
    for grade in params["grades"]:
        margin, price = grade["margin_rub_per_l"], grade["price_rub_per_l"] * lowest
        if margin >= price:
            message = f"found {margin:g}; allowed: less than the price in the cheapest region, {price:g}"
            raise ParameterError(f"grades.{grade['grade_code']}.margin_rub_per_l", message)


def _check_shares(params: dict[str, Any]) -> None:
    sums = {"types.*.share": sum(kind["share"] for kind in params["types"].values())}
    for place, kind in _behaviours(params).items():
        sums |= {f"{place}.{name}": sum(kind[name].values()) for name in ("grades", "main_payment")}
    for place, total in sums.items():
        if abs(total - 1) > 1e-6:
            raise ParameterError(place, f"the shares add up to {total:g}; they must add up to 1")


def _check_profiles(params: dict[str, Any]) -> None:
    calendar = params["calendar"]
    for code, weights in calendar["hour"].items():
        if sum(weights) <= 0:
            raise ParameterError(f"calendar.hour.{code}", "found 0 at every hour; allowed: a sum more than 0")
    for place, kind in _behaviours(params).items():
        _check_known(f"{place}.hour_profile", kind["hour_profile"], calendar["hour"])
        _check_known(f"{place}.week_profile", kind["week_profile"], calendar["weekday"])
    for number, region in enumerate(params["regions"]):
        _check_known(f"regions[{number}] ({region['region_code']}).season", region["season"], calendar["month"])


def _check_transitions(params: dict[str, Any]) -> None:
    shares = dict.fromkeys(params["types"], 0.0)
    for number, step in enumerate(params["life_cycle"]["transitions"]):
        place = f"life_cycle.transitions[{number}]"
        for end in ("from", "to"):
            _check_known(f"{place}.{end}", step[end], params["types"])
        if step["from"] == step["to"]:
            raise ParameterError(f"{place}.to", f"found {step['to']!r}; allowed: another type than in from")
        shares[step["from"]] += step["share_per_year"]
    for code, share in shares.items():
        if share > 1 + 1e-6:
            message = f"found {share:g} in all that leave {code} in a year; allowed: 1 or less"
            raise ParameterError("life_cycle.transitions.*.share_per_year", message)


def _check_lulls(params: dict[str, Any]) -> None:
    shortest, longest = params["life_cycle"]["lull_days"]
    if shortest > longest:
        raise ParameterError("life_cycle.lull_days", f"found [{shortest}, {longest}]; allowed: shortest ≤ longest")


def _check_shock(params: dict[str, Any], months: int) -> None:
    shock = params["knobs"]["price_shock"]
    if shock["change"] and shock["month"] > months:
        message = f"found {shock['month']}, the run has {months} months; allowed: 1 to {months}, or change = 0"
        raise ParameterError("knobs.price_shock.month", message)


def _behaviours(params: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Behaviours by their place in the file: the types, and walk-ins last."""
    return {f"types.{code}": kind for code, kind in params["types"].items()} | {"walk_in": params["walk_in"]}


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


def _first_day(period_start: str | date) -> date:
    """Read the first day of history; it and 36 months on must be dates that numpy and Arrow know."""
    try:
        start = date.fromisoformat(period_start) if isinstance(period_start, str) else period_start
    except ValueError:
        message = f"period_start = {period_start!r}: allowed is the first day of a month, such as 2025-01-01"
        raise GeneratorError(message) from None
    if start.day != 1:
        raise GeneratorError(
            f"period_start = {start}: allowed is the first day of a month; give {start.replace(day=1)}"
        )
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
        raise GeneratorError(f"period_start = {start}: allowed is a month of {_FIRST_YEAR} to {_LAST_YEAR}")
    return start


def _refuse_constant(name: str) -> NoReturn:
    raise GeneratorError(f"twin.json: found {name}; allowed: a number")
