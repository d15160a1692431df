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

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml.columns import require
from ml.errors import InvalidValueError
from ml.predicates import in_range, in_values, range_values
from ml.rates import smoothed
from ml.space import LOG_METRICS

EPSILON = 0.02
"""Smallest share of a match that a miss still counts: criteria are a guide, not a law."""

BOUND_SD = 1.64
"""Standard deviations from the middle of a range to its bounds: the middle 90 % of a normal distribution."""

SOFTNESS = 0.25
"""Standard deviation of the fall beyond a single bound, as a share of the bound."""

PSEUDO_CLIENTS = 10.0
"""Clients with half a match added to each E[g], so that one client is not its own population."""


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
    metric_codes : list of str
        Metrics that some criterion names, sorted.
    """

    portraits: list[str]
    log_evidence: np.ndarray
    known_count: np.ndarray
    metric_codes: list[str]


def weigh(metrics: pa.Table, criteria: pa.Table, population: np.ndarray | None = None) -> Evidence:
    """Sum up the evidence of the criteria for every client and portrait.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, metric columns.
    criteria : pyarrow.Table
        portrait_code, criterion_code, metric_code, kind (`range` or `category`), low, high, values, weight, is_hard.
        The order of rows does not matter.
    population : ndarray of bool, shape (clients,), optional
        Clients that make up the population of E[g]; all by default.

    Raises
    ------
    MissingColumnError, ColumnTypeError, InvalidValueError
    """
    rows = _rows(criteria)
    require(metrics, {row["metric_code"] for row in rows}, "client metrics")
    portraits = sorted({row["portrait_code"] for row in rows})
    position = {code: i for i, code in enumerate(portraits)}
    log_evidence = np.zeros((metrics.num_rows, len(portraits)))
    known_count = np.zeros((metrics.num_rows, len(portraits)), dtype=np.int64)
    population = np.ones(metrics.num_rows, dtype=bool) if population is None else population
    for row in rows:
        match, is_known = _match(metrics, row)
        column = log_evidence[:, position[row["portrait_code"]]]
        column += row["weight"] * _log_factor(match, is_known, population)
        if row["is_hard"]:
            column[is_known & (match == 0)] = -np.inf
        known_count[:, position[row["portrait_code"]]] += is_known
    metric_codes = sorted({row["metric_code"] for row in rows})
    return Evidence(portraits, log_evidence, known_count, metric_codes)


def _rows(criteria: pa.Table) -> list[dict[str, Any]]:
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
    return rows


def _log_factor(match: np.ndarray, is_known: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Log of g(x) / E[g] where the value is known, else 0."""
    counted = is_known & population
    tilt = EPSILON + (1 - EPSILON) * match
    half = EPSILON + (1 - EPSILON) * 0.5
    expected = (tilt[counted].sum() + PSEUDO_CLIENTS * half) / (counted.sum() + PSEUDO_CLIENTS)
    return np.where(is_known, np.log(tilt / expected), 0.0)


def _match(metrics: pa.Table, row: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Match 0–1 of every client, and whether its value is known."""
    if row["kind"] == "category":
        is_match, is_known = in_values(metrics, row["metric_code"], row["values"])
        return is_match.astype(np.float64), is_known
    values = range_values(metrics, row["metric_code"])
    if row["is_hard"]:
        return in_range(values, row["low"], row["high"]).astype(np.float64), ~np.isnan(values)
    values, log_variance = smoothed(metrics, row["metric_code"], values)
    is_amount = row["metric_code"] in LOG_METRICS
    match = _bell(values, row["low"], row["high"], log_variance, is_amount=is_amount)
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
