"""Business criteria as a prior: how much each client looks like each portrait.

A criterion tilts the population of the run: of clients of the portrait the values follow ``p(x) · g(x) / E[g]``, where
``p`` is the population, ``g = ε + (1 − ε) · m`` and ``m`` is the soft match, 0–1. The evidence of a criterion is
``weight · log(g(x) / E[g])``, the log Bayes factor of naive Bayes with the criteria as features: a match that few
clients share says more than one that most share, a portrait gains nothing by having few or many criteria, and a
missing value says nothing (0).

A range says where the middle 90 % of a portrait's clients are: the match is a bell over it (on the log scale for
amounts), so that of two overlapping ranges the one whose middle is nearer wins. With one bound the match is 1 inside
and falls off beyond it. A hard criterion excludes whoever is known to be outside its exact, half-open range.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from ml.portraits.rates import smoothed
from ml.portraits.space import LOG_METRICS
from ml.tables.columns import require
from ml.tables.conditions import in_range, in_values, range_values
from ml.tables.errors import InvalidValueError

EPSILON = 0.02
"""Smallest share of a match that a miss still counts: criteria are a guide, not a law."""

BOUND_SD = 1.64
"""Standard deviations from the middle of a range to its bounds: the middle 90 % of a normal distribution."""

SOFTNESS = 0.25
"""Standard deviation of the fall beyond a single bound, as a share of the bound."""

PSEUDO_CLIENTS = 10.0
"""Clients with half a match added to each E[g], so that one client is not its own population."""


@dataclass(frozen=True)
class Criterion:
    """A criterion as it stands in `portraits.json`, and what a client of the population satisfies of it on average.

    Attributes
    ----------
    portrait_code, criterion_code, metric_code : str
    kind : str
        `range` or `category`.
    low, high : float or None
        Bounds of a range, half-open.
    values : list of str or None
        Of a category.
    weight : float
    is_hard : bool
    expected : float
        E[g] over the population.
    """

    portrait_code: str
    criterion_code: str
    metric_code: str
    kind: str
    low: float | None
    high: float | None
    values: list[str] | None
    weight: float
    is_hard: bool
    expected: float = 1.0


@dataclass(frozen=True)
class Evidence:
    """What the criteria say.

    Attributes
    ----------
    portraits : list of str
        Sorted codes, length k.
    log_evidence : ndarray of shape (clients, k)
        Sum of weighted log Bayes factors; −inf where a hard criterion excludes the portrait.
    known_count : ndarray of shape (clients, k)
        Number of the portrait's criteria whose metric is known.
    """

    portraits: list[str]
    log_evidence: np.ndarray
    known_count: np.ndarray


@dataclass(frozen=True)
class Said:
    """What one criterion says of each client.

    Attributes
    ----------
    log_factor : ndarray of shape (clients,)
        Its weighted log Bayes factor; 0 where the metric is not known, −inf where it excludes the client.
    is_known : ndarray of bool, shape (clients,)
    is_matched : ndarray of bool, shape (clients,)
        Whether the value lies in the exact range, or is one of the values.
    """

    log_factor: np.ndarray
    is_known: np.ndarray
    is_matched: np.ndarray


def learn(metrics: pa.Table, criteria: pa.Table, population: np.ndarray | None = None) -> list[Criterion]:
    """Check the criteria and learn how many clients satisfy each.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, metric columns.
    criteria : pyarrow.Table
        portrait_code, criterion_code, metric_code, kind (`range` or `category`), low, high, values, weight, is_hard.
        The order of rows does not matter.
    population : ndarray of bool, shape (clients,), optional
        Clients that make up the population of E[g]; all by default.

    Returns
    -------
    list of Criterion
        By portrait and criterion.

    Raises
    ------
    MissingColumnError, ColumnTypeError, InvalidValueError
    """
    found = _read(criteria)
    require(metrics, {one.metric_code for one in found}, "client metrics")
    population = np.ones(metrics.num_rows, dtype=bool) if population is None else population
    learned = []
    for one in found:
        match, is_known = _match(metrics, one)
        counted = _tilt(match[is_known & population])
        expected = (counted.sum() + PSEUDO_CLIENTS * _tilt(0.5)) / (len(counted) + PSEUDO_CLIENTS)
        learned.append(replace(one, expected=float(expected)))
    return learned


def weigh(metrics: pa.Table, learned: Sequence[Criterion]) -> Evidence:
    """Sum up the evidence of the criteria for every client and portrait.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, metric columns.
    learned : sequence of Criterion
        Of `learn`.
    """
    portraits = sorted({one.portrait_code for one in learned})
    position = {code: i for i, code in enumerate(portraits)}
    log_evidence = np.zeros((metrics.num_rows, len(portraits)))
    known_count = np.zeros((metrics.num_rows, len(portraits)), dtype=np.int64)
    for one in learned:
        said = hear(metrics, one)
        log_evidence[:, position[one.portrait_code]] += said.log_factor
        known_count[:, position[one.portrait_code]] += said.is_known
    return Evidence(portraits, log_evidence, known_count)


def hear(metrics: pa.Table, criterion: Criterion) -> Said:
    """Evaluate one criterion.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, with the metric of the criterion.
    criterion : Criterion
        Of `learn`.
    """
    match, is_known = _match(metrics, criterion)
    factor = np.where(is_known, criterion.weight * np.log(_tilt(match) / criterion.expected), 0.0)
    if criterion.is_hard:
        factor[is_known & (match == 0)] = -np.inf
    return Said(factor, is_known, _is_matched(metrics, criterion))


def _is_matched(metrics: pa.Table, one: Criterion) -> np.ndarray:
    if one.kind == "category":
        return in_values(metrics, one.metric_code, one.values or [])[0]
    return in_range(range_values(metrics, one.metric_code), one.low, one.high)


def _tilt(match: Any) -> Any:
    return EPSILON + (1 - EPSILON) * match


def _read(criteria: pa.Table) -> list[Criterion]:
    """Criteria in an order of their own, checked."""
    names = ["portrait_code", "criterion_code", "metric_code", "kind", "low", "high", "values", "weight", "is_hard"]
    require(criteria, names, "criteria")
    rows = criteria.select(names).to_pylist()
    rows.sort(key=lambda row: (row["portrait_code"], row["criterion_code"], row["metric_code"]))
    for row in rows:
        where = f"portrait '{row['portrait_code']}', criterion '{row['criterion_code']}'"
        low, high = row["low"], row["high"]
        if row["portrait_code"] == "undefined":
            raise InvalidValueError("portrait_code", "undefined", where, "any other code")
        if row["kind"] not in ("range", "category"):
            raise InvalidValueError("kind", row["kind"], where, "'range' or 'category'")
        if row["weight"] is None or not 0 < row["weight"] < np.inf:
            raise InvalidValueError("weight", row["weight"], where, "above 0")
        if row["kind"] == "category" and not row["values"]:
            raise InvalidValueError("values", row["values"], where, "a list of one or more")
        if row["kind"] == "range" and low is None and high is None:
            raise InvalidValueError("low and high", None, where, "at least one bound")
        if low is not None and high is not None and not low < high:
            raise InvalidValueError("low, high", (low, high), where, "low below high")
    return [Criterion(**row) for row in rows]


def _match(metrics: pa.Table, one: Criterion) -> tuple[np.ndarray, np.ndarray]:
    """Match 0–1 of every client, and whether its value is known."""
    if one.kind == "category":
        is_match, is_known = in_values(metrics, one.metric_code, one.values or [])
        return is_match.astype(np.float64), is_known
    values = range_values(metrics, one.metric_code)
    if one.is_hard:
        return in_range(values, one.low, one.high).astype(np.float64), ~np.isnan(values)
    values, log_variance = smoothed(metrics, one.metric_code, values)
    is_amount = one.metric_code in LOG_METRICS
    match = _bell(values, one.low, one.high, log_variance, is_amount=is_amount)
    return np.nan_to_num(match), ~np.isnan(values)


def _bell(
    values: np.ndarray, low: float | None, high: float | None, log_variance: np.ndarray, *, is_amount: bool
) -> np.ndarray:
    """Match of a soft range, wider where the value is uncertain; a lower bound of 0 on an amount bounds nothing."""
    if is_amount:
        values = np.log(np.maximum(values, 1e-3))
        low, high = (None if bound is None or bound <= 0 else np.log(bound) for bound in (low, high))
    if low is not None and high is not None:
        width = (high - low) / 2 / BOUND_SD
        distance = (values - (low + high) / 2) / np.sqrt(width**2 + log_variance)
    elif low is None and high is None:
        distance = np.zeros_like(values)
    else:
        bound, sign = (low, -1.0) if low is not None else (high, 1.0)
        edge = SOFTNESS if is_amount else SOFTNESS * max(abs(bound), 1e-3)
        distance = np.maximum(0.0, sign * (values - bound)) / np.sqrt(edge**2 + log_variance)
    return np.exp(-0.5 * np.minimum(distance**2, 1e3))
