"""Iteration over features, portraits and traits, shared by all predictions from the rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa

from ml.rules.distributions import draw_modifiers, draw_rules, met_modifiers, modify, read_rules
from ml.tables.columns import codes, numbers, require
from ml.tables.conditions import is_eligible
from ml.tables.features import by_code
from ml.tables.periods import AMOUNTS_PER_MONTH


@dataclass(frozen=True)
class Group:
    """Clients of one portrait with the same modifiers: their factors are equal, so their totals suffice.

    Attributes
    ----------
    clients_count : int
    rule : dict of str to ndarray of shape (draws + 1,)
        Draws of the rule's effects after the modifiers, with the means first.
    before : dict of str to float
        Totals of the group by the names of `AMOUNTS_PER_MONTH`; NaN where unknown.
    """

    clients_count: int
    rule: dict[str, np.ndarray]
    before: dict[str, float]


@dataclass(frozen=True)
class Portion:
    """Eligible clients of one portrait; no groups if the feature has no rule for it."""

    portrait_code: str
    clients_count: int
    groups: list[Group]


def walk(
    clients: pa.Table, rules: pa.Table, features: Iterable[Mapping[str, Any]], *, seed: int, draws_count: int
) -> Iterator[tuple[Mapping[str, Any], list[Portion]]]:
    """Iterate over features and their eligible clients.

    Parameters
    ----------
    clients : pyarrow.Table
        One row per client: portrait_code, the metrics used in conditions and modifiers, and `AMOUNTS_PER_MONTH`. A
        missing amount counts as 0; an amount missing for all clients of a portrait stays unknown.
    rules : pyarrow.Table
        See `ml.rules.distributions.read_rules`.
    features : iterable of mappings
        As in `feature_hypotheses.json`.
    seed, draws_count : int
        Of the draws.

    Yields
    ------
    feature : mapping
        Ordered by code.
    portions : list of Portion
        Portraits with an eligible client, ordered by code.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    known = by_code(list(features))
    require(clients, ["portrait_code", *AMOUNTS_PER_MONTH], "clients")
    portrait, portraits = codes(clients, "portrait_code")
    amounts = {name: numbers(clients, name) for name in AMOUNTS_PER_MONTH}
    rule_of = read_rules(rules, known)
    for code in sorted(known):
        eligible = is_eligible(clients, known[code].get("eligibility") or ())
        portions = []
        for index, portrait_code in enumerate(portraits):
            rows = np.flatnonzero(eligible & (portrait == index))
            if not len(rows):
                continue
            rule, groups = rule_of.get((portrait_code, code)), []
            if rule is not None:
                drawn, factors = draw_rules(rule, seed, draws_count), draw_modifiers(rule, seed, draws_count)
                before = {name: _fill_missing(values[rows]) for name, values in amounts.items()}
                for met, members in _group_equal_rows(met_modifiers(clients, rows, rule["modifiers"])):
                    totals = {name: float(values[members].sum()) for name, values in before.items()}
                    groups.append(Group(len(members), modify(drawn, compress(factors, met)), totals))
            portions.append(Portion(portrait_code, len(rows), groups))
        yield known[code], portions


def _fill_missing(values: np.ndarray) -> np.ndarray:
    """Replace missing amounts with 0, unless all are missing."""
    return values if np.isnan(values).all() else np.nan_to_num(values)


def _group_equal_rows(met: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group equal rows: yield each distinct row and the positions where it occurs."""
    rows, group = np.unique(met, axis=0, return_inverse=True)
    for index, row in enumerate(rows):
        yield row, np.flatnonzero(group == index)
