"""Checks of ``twin.json`` beyond its JSON Schema: sums, orderings, known and distinct codes, existing months."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from generator.errors import ParameterError

_BY_PRICE = ("lpg", "ai92", "ai95", "ai95_eco", "ai98", "ai100")
"""Grades from the cheapest to the most expensive; diesel may have any price."""

_OTHER_CODES = ("new", "undefined", "walk_in")
"""Codes used in the tables in addition to the types."""


def check_params(params: dict[str, Any], months: int) -> None:
    """Check parameters that match the schema for consistency with each other and with the run.

    Parameters
    ----------
    params : dict
        ``twin.json`` as returned by `generator.config.plain_values`; matches the schema.
    months : int
        Months of the run.

    Raises
    ------
    ParameterError
        For the first mistake found.
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
    """JSON Schema accepts 18.0 as an integer; numpy needs integers for counts."""
    counts = {"knobs.price_shock.month": params["knobs"]["price_shock"]["month"]}
    counts |= {f"regions[{i}].stations_count": row["stations_count"] for i, row in enumerate(params["regions"])}
    counts |= {f"life_cycle.lull_days[{i}]": days for i, days in enumerate(params["life_cycle"]["lull_days"])}
    for place, value in counts.items():
        if not isinstance(value, int):
            raise ParameterError(place, f"found {value}; allowed: a whole number without a decimal point")


def _check_codes_differ(params: dict[str, Any]) -> None:
    for place, key in (("regions", "region_code"), ("grades", "grade_code"), ("basket", "category_code")):
        codes = [row[key] for row in params[place]]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                raise ParameterError(f"{place}[{index}].{key}", f"found {code!r} again; allowed: each {key} once")


def _check_type_names(params: dict[str, Any]) -> None:
    for code in params["types"]:
        if code in _OTHER_CODES:
            message = f"found a reserved name; allowed: any name except {', '.join(_OTHER_CODES)}"
            raise ParameterError(f"types.{code}", message)


def _check_price_order(params: dict[str, Any]) -> None:
    prices = {grade["grade_code"]: grade["price_rub_per_l"] for grade in params["grades"]}
    for cheaper, costlier in pairwise(_BY_PRICE):
        if prices[cheaper] >= prices[costlier]:
            message = f"found {prices[costlier]:g}; allowed: above the price of {cheaper}, {prices[cheaper]:g}"
            raise ParameterError(f"grades.{costlier}.price_rub_per_l", message)


def _check_margins(params: dict[str, Any]) -> None:
    """A margin in roubles applies in all regions, so it must be below the price of the cheapest one."""
    lowest = min(region["price_factor"] for region in params["regions"])
    for grade in params["grades"]:
        margin, price = grade["margin_rub_per_l"], grade["price_rub_per_l"] * lowest
        if margin >= price:
            message = f"found {margin:g}; allowed: below the price in the cheapest region, {price:g}"
            raise ParameterError(f"grades.{grade['grade_code']}.margin_rub_per_l", message)


def _check_shares(params: dict[str, Any]) -> None:
    sums = {"types.*.share": sum(kind["share"] for kind in params["types"].values())}
    for place, kind in _behaviours(params).items():
        sums |= {f"{place}.{name}": sum(kind[name].values()) for name in ("grades", "main_payment")}
    for place, total in sums.items():
        if abs(total - 1) > 1e-6:
            raise ParameterError(place, f"found shares that add up to {total:g}; allowed: a sum of 1")


def _check_profiles(params: dict[str, Any]) -> None:
    calendar = params["calendar"]
    for code, weights in calendar["hour"].items():
        if sum(weights) <= 0:
            raise ParameterError(f"calendar.hour.{code}", "found 0 at every hour; allowed: a sum above 0")
    for place, kind in _behaviours(params).items():
        _check_known(f"{place}.hour_profile", kind["hour_profile"], calendar["hour"])
        _check_known(f"{place}.week_profile", kind["week_profile"], calendar["weekday"])
    for index, region in enumerate(params["regions"]):
        _check_known(f"regions[{index}] ({region['region_code']}).season", region["season"], calendar["month"])


def _check_transitions(params: dict[str, Any]) -> None:
    shares = dict.fromkeys(params["types"], 0.0)
    for index, step in enumerate(params["life_cycle"]["transitions"]):
        place = f"life_cycle.transitions[{index}]"
        for end in ("from", "to"):
            _check_known(f"{place}.{end}", step[end], params["types"])
        if step["from"] == step["to"]:
            raise ParameterError(
                f"{place}.to", f"found {step['to']!r}, the same type as in from; allowed: another type"
            )
        shares[step["from"]] += step["share_per_year"]
    for code, share in shares.items():
        if share > 1 + 1e-6:
            message = f"found a total share of {share:g} leaving {code} in a year; allowed: at most 1"
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
    """Behaviours by their key in the file: the types, then walk-ins."""
    return {f"types.{code}": kind for code, kind in params["types"].items()} | {"walk_in": params["walk_in"]}


def _check_known(place: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise ParameterError(place, f"found {value!r}; allowed: {', '.join(known)}")
