"""Portraits against the truth, and against simpler methods on the same clients.

For evaluation only: it reads the truth. Clients with an identified visit in the window are graded; of the others
nothing is known. No client has the true portrait `undefined`, so it counts as an error.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lab.portraits.baselines import kmeans_portraits, prototype_portraits
from lab.portraits.grading import (
    adjusted_rand,
    grade_labels,
    macro_f1_difference,
    macro_f1_interval,
    reliability,
)
from lab.rows import Row
from ml.portraits.decision import decide
from ml.portraits.model import criteria_only
from ml.tables.columns import integers, require, require_unique
from ml.tables.intervals import Estimate
from ml.tables.random import stream
from vocabulary.codes import UNDEFINED

TWINLAB, CRITERIA_ONLY, KMEANS, PROTOTYPE = "twinlab", "criteria_only", "kmeans", "prototype"

PORTRAIT_SCHEMA = pa.schema(
    {
        "method_code": pa.string(),
        "grade_code": pa.string(),
        "portrait_code": pa.string(),
        "predicted_code": pa.string(),
        "bin_number": pa.int64(),
        "value": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
    }
)


@dataclass(frozen=True)
class _Method:
    """Portraits estimated by a method, shape (clients,), and their probabilities if it has any."""

    code: str
    found: np.ndarray
    probs: np.ndarray | None = None


def grade_portraits(
    metrics: pa.Table,
    criteria: pa.Table,
    portraits: pa.Table,
    truth: pa.Table,
    order: Sequence[str],
    *,
    seed: int,
    min_confidence: float,
) -> pa.Table:
    """Grade the portraits and the baselines on the same clients.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: client_id, visits_count and further metrics.
    criteria : pyarrow.Table
        See `ml.portraits.criteria.weigh`.
    portraits : pyarrow.Table
        Estimated: client_id, portrait_code, confidence_prob.
    truth : pyarrow.Table
        client_id and portrait_code; without rows nothing is graded.
    order : sequence of str
        Portraits in the order of the file, for the ties of the prototype.
    seed : int
        Of k-means and of the intervals.
    min_confidence : float
        Used for `portraits`, see `ml.portraits.decision.decide`.

    Returns
    -------
    pyarrow.Table
        `PORTRAIT_SCHEMA`; one row per grade, with null where it is not of a portrait, a pair or a bin. Shares are 0–1;
        low and high are a 95 % interval over clients. accuracy, macro_f1, ari and undefined_share of each method;
        macro_f1_difference: twinlab's less the method's; precision and recall by portrait; clients_count of the pairs
        of true and found portrait that occur. Of methods with probabilities also ece (clients with a portrait), ece_all
        (`undefined` too, which is never right) and by bin bin_mean_prob, bin_right_share and bin_clients_count;
        min_confidence as it was.

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError, UnknownCodeError
    """
    require(metrics, ("client_id", "visits_count"), "client metrics")
    for name, table in (("client metrics", metrics), ("portraits", portraits), ("truth", truth)):
        require_unique(integers(table, "client_id"), name, "client_id")
    known = graded_clients(metrics, truth)
    if not known.num_rows:
        return PORTRAIT_SCHEMA.empty_table()
    true = values_of(known, truth, "portrait_code").astype(str)

    def scored(code: str, table: pa.Table) -> _Method:
        found, probs = (values_of(known, table, name) for name in ("portrait_code", "confidence_prob"))
        return _Method(code, found.astype(str), probs)

    methods = [
        scored(TWINLAB, portraits),
        scored(CRITERIA_ONLY, decide(criteria_only(metrics, criteria), min_confidence)),
        _Method(KMEANS, kmeans_portraits(known, true, order, seed=seed)),
        _Method(PROTOTYPE, prototype_portraits(known, criteria, order)),
    ]
    rows = [_row(TWINLAB, "min_confidence", min_confidence)]
    for method in methods:
        rows += _agreement(method, true, seed)
        if method is not methods[0]:
            rng = stream(seed, "grading", "difference", method.code)
            ahead = macro_f1_difference(true, methods[0].found, method.found, rng=rng)
            rows.append(_row(method.code, "macro_f1_difference", ahead))
        if method.probs is not None:
            rows += _calibration(method, method.probs, true)
    return pa.Table.from_pylist(rows, PORTRAIT_SCHEMA)


def graded_clients(metrics: pa.Table, truth: pa.Table) -> pa.Table:
    """Return the metrics of the clients that are graded, by client_id: those with a visit and a true portrait."""
    known = metrics.filter(pc.field("visits_count") > 0)
    return known.filter(pc.is_in(known["client_id"], truth["client_id"])).sort_by("client_id")


def values_of(known: pa.Table, table: pa.Table, name: str) -> np.ndarray:
    """Return a column of a table in the order of the clients of `known`."""
    place = pc.index_in(known["client_id"], table["client_id"])
    return table[name].take(place).to_numpy(zero_copy_only=False)


def _agreement(method: _Method, true: np.ndarray, seed: int) -> Iterator[Row]:
    grades = grade_labels(true, method.found)
    yield _row(method.code, "accuracy", grades.accuracy)
    rng = stream(seed, "grading", "macro_f1", method.code)
    yield _row(method.code, "macro_f1", macro_f1_interval(true, method.found, rng=rng))
    yield _row(method.code, "ari", adjusted_rand(true, method.found))
    yield _row(method.code, "undefined_share", float((method.found == UNDEFINED).mean()))
    for name, shares in (("precision", grades.precision), ("recall", grades.recall)):
        for code, share in zip(grades.codes, shares.tolist(), strict=True):
            if code != UNDEFINED and not math.isnan(share):
                yield _row(method.code, name, share, portrait_code=code)
    for place, found in zip(*np.nonzero(grades.counts), strict=True):
        count = float(grades.counts[place, found])
        pair = {"portrait_code": grades.codes[place], "predicted_code": grades.codes[found]}
        yield _row(method.code, "clients_count", count, **pair)


def _calibration(method: _Method, probs: np.ndarray, true: np.ndarray) -> Iterator[Row]:
    is_right, is_defined = method.found == true, method.found != UNDEFINED
    curve = reliability(probs[is_defined], is_right[is_defined])
    if len(curve.bin_numbers):
        yield _row(method.code, "ece", curve.error)
    yield _row(method.code, "ece_all", reliability(probs, is_right).error)
    for number, bin_number in enumerate(curve.bin_numbers.tolist()):
        yield _row(method.code, "bin_mean_prob", float(curve.mean_prob[number]), bin_number=bin_number)
        yield _row(method.code, "bin_right_share", float(curve.right_share[number]), bin_number=bin_number)
        yield _row(method.code, "bin_clients_count", float(curve.clients_count[number]), bin_number=bin_number)


def _row(method_code: str, grade_code: str, value: float | Estimate, **where: str | int) -> Row:
    figures = {"value": value} if not isinstance(value, Estimate) else vars(value)
    return {"method_code": method_code, "grade_code": grade_code, **where, **figures}
