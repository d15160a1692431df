"""Business criteria as a prior: how well each client matches each portrait.

A criterion tilts the population of the run: within the portrait, values follow ``p(x) · g(x) / E[g]``, where ``p`` is
the population density, ``g = ε + (1 − ε) · m`` and ``m`` is the soft match, 0–1. The evidence of a criterion is
``weight · log(g(x) / E[g])``, the log Bayes factor of naive Bayes with the criteria as features: a rare match is
stronger evidence than a common one, the number of criteria gives a portrait no advantage, and a missing value is no
evidence (0).

A range states where the middle 90 % of a portrait's clients are: the match is Gaussian in the distance from its centre
(on the log scale for amounts), so that of two overlapping ranges the one with the nearer centre wins. With one bound
the match is 1 inside and falls off beyond the bound. A hard criterion excludes clients known to be outside its exact,
half-open range.
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
"""ε, the value of g for a complete miss: a soft criterion never excludes a client."""

BOUND_SD = 1.64
"""Standard deviations from the centre of a range to its bounds: the middle 90 % of a normal distribution."""

SOFTNESS = 0.25
"""Standard deviation of the Gaussian tail beyond a single bound, as a share of the bound."""

PSEUDO_CLIENTS = 10.0
"""Clients with a match of 0.5 added to each E[g], so that a few clients do not determine it."""


@dataclass(frozen=True)
class Criterion:
    """A criterion of `portraits.json` with its average match in the population.

    Attributes
    ----------
    kind : str
        `range` or `category`.
    low, high : float or None
        Bounds of a range, half-open.
    values : list of str or None
        Values of a category.
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
    """Evidence of all criteria by client and portrait.

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
class CriterionEvidence:
    """Evidence of one criterion by client.

    Attributes
    ----------
    log_factor : ndarray of shape (clients,)
        Weighted log Bayes factor; 0 where the metric is unknown, −inf where a hard criterion excludes the client.
    is_known : ndarray of bool, shape (clients,)
    is_matched : ndarray of bool, shape (clients,)
        Whether the value is in the exact range or in the list of values.
    """

    log_factor: np.ndarray
    is_known: np.ndarray
    is_matched: np.ndarray


def learn(metrics: pa.Table, criteria: pa.Table, population: np.ndarray | None = None) -> list[Criterion]:
    """Validate the criteria and estimate E[g] of each.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, metric columns.
    criteria : pyarrow.Table
        portrait_code, criterion_code, metric_code, kind (`range` or `category`), low, high, values, weight, is_hard.
        The order of rows does not matter.
    population : ndarray of bool, shape (clients,), optional
        Clients over which E[g] is taken; all by default.

    Returns
    -------
    list of Criterion
        Sorted by portrait and criterion.

    Raises
    ------
    MissingColumnError
        If a column of `criteria` or the metric of a criterion is missing.
    ColumnTypeError
        If a range criterion is set on a text metric.
    InvalidValueError
        If a criterion has an invalid code, kind, weight, bound or list of values.
    """
    checked = _read(criteria)
    require(metrics, {criterion.metric_code for criterion in checked}, "client metrics")
    population = np.ones(metrics.num_rows, dtype=bool) if population is None else population
    learned = []
    for criterion in checked:
        match, is_known = _match(metrics, criterion)
        tilts = _tilt(match[is_known & population])
        expected = (tilts.sum() + PSEUDO_CLIENTS * _tilt(0.5)) / (len(tilts) + PSEUDO_CLIENTS)
        learned.append(replace(criterion, expected=float(expected)))
    return learned


def weigh(metrics: pa.Table, learned: Sequence[Criterion]) -> Evidence:
    """Sum the evidence of the criteria by client and portrait.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, metric columns.
    learned : sequence of Criterion
        As returned by `learn`.
    """
    portraits = sorted({criterion.portrait_code for criterion in learned})
    position = {code: i for i, code in enumerate(portraits)}
    log_evidence = np.zeros((metrics.num_rows, len(portraits)))
    known_count = np.zeros((metrics.num_rows, len(portraits)), dtype=np.int64)
    for criterion in learned:
        evidence = evaluate(metrics, criterion)
        log_evidence[:, position[criterion.portrait_code]] += evidence.log_factor
        known_count[:, position[criterion.portrait_code]] += evidence.is_known
    return Evidence(portraits, log_evidence, known_count)


def evaluate(metrics: pa.Table, criterion: Criterion) -> CriterionEvidence:
    """Evaluate one criterion, as returned by `learn`, for each client (row of `metrics`)."""
    match, is_known = _match(metrics, criterion)
    factor = np.where(is_known, criterion.weight * np.log(_tilt(match) / criterion.expected), 0.0)
    if criterion.is_hard:
        factor[is_known & (match == 0)] = -np.inf
    return CriterionEvidence(factor, is_known, _is_matched(metrics, criterion))


def _is_matched(metrics: pa.Table, criterion: Criterion) -> np.ndarray:
    if criterion.kind == "category":
        return in_values(metrics, criterion.metric_code, criterion.values or [])[0]
    return in_range(range_values(metrics, criterion.metric_code), criterion.low, criterion.high)


def _tilt(match: Any) -> Any:
    return EPSILON + (1 - EPSILON) * match


def _read(criteria: pa.Table) -> list[Criterion]:
    """Validate the criteria and sort them."""
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


def _match(metrics: pa.Table, criterion: Criterion) -> tuple[np.ndarray, np.ndarray]:
    """Match of each client, 0–1, and whether its value is known."""
    if criterion.kind == "category":
        is_match, is_known = in_values(metrics, criterion.metric_code, criterion.values or [])
        return is_match.astype(np.float64), is_known
    values = range_values(metrics, criterion.metric_code)
    if criterion.is_hard:
        return in_range(values, criterion.low, criterion.high).astype(np.float64), ~np.isnan(values)
    values, log_variance = smoothed(metrics, criterion.metric_code, values)
    is_amount = criterion.metric_code in LOG_METRICS
    match = _soft_match(values, criterion.low, criterion.high, log_variance, is_amount=is_amount)
    return np.nan_to_num(match), ~np.isnan(values)


def _soft_match(
    values: np.ndarray, low: float | None, high: float | None, log_variance: np.ndarray, *, is_amount: bool
) -> np.ndarray:
    """Match of a soft range, wider for uncertain values; a lower bound of 0 on an amount is an open bound."""
    if is_amount:
        values = np.log(np.maximum(values, 1e-3))
        low, high = (None if bound is None or bound <= 0 else np.log(bound) for bound in (low, high))
    if low is not None and high is not None:
        width = (high - low) / 2 / BOUND_SD
        distance = (values - (low + high) / 2) / np.sqrt(width**2 + log_variance)
    else:
        distance = np.zeros_like(values)
        for bound, sign in ((low, -1.0), (high, 1.0)):
            if bound is not None:
                edge = SOFTNESS if is_amount else SOFTNESS * max(abs(bound), 1e-3)
                distance = np.maximum(0.0, sign * (values - bound)) / np.sqrt(edge**2 + log_variance)
    return np.exp(-0.5 * np.minimum(distance**2, 1e3))
