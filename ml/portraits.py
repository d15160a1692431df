"""Which portrait a client belongs to: business criteria × clusters of the data.

``score ∝ prior × likelihood``. The prior comes from the criteria (`ml.criteria`), the likelihood from
k-means seeded by them in a scaled space (`ml.space`, `ml.clusters`): cluster i grew from the seed of
portrait i, and its centre says where such clients really are. `undefined` competes with a prior of
its own and the likelihood of a client that is far from everything. No truth is used.
"""

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from ml import clusters, space
from ml.columns import integers, numbers, require, require_unique, strings
from ml.criteria import Evidence, weigh
from ml.rates import without_short_silences
from ml.streams import stream

UNDEFINED = "undefined"
UNDEFINED_WEIGHT = 1.5
"""Prior of `undefined` relative to one portrait: evidence must at least lift a portrait above it."""

LIKELIHOOD_POWER = 0.4
"""Criteria and clusters look at the same metrics, so the second does not count in full (a log opinion pool)."""

FIT_CLIENTS = 100_000
MIN_CLIENTS_PER_CLUSTER = 5
"""With fewer clients than this per portrait the criteria decide alone."""


def score_clients(metrics: pa.Table, criteria: pa.Table, *, seed: int) -> pa.Table:
    """Score every client on every portrait.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: `client_id` and metrics (numbers, booleans, text; null, NaN and infinite values are
        missing).
    criteria : pyarrow.Table
        See `ml.criteria.weigh`. The order of its rows does not matter.
    seed : int
        Chooses the sample to fit on when there are more than `FIT_CLIENTS` clients.

    Returns
    -------
    pyarrow.Table
        One row per client × portrait, `undefined` included, in the order of client_id: client_id (int64),
        portrait_code, score_prob (0–1, sums to 1 per client), cluster_id (int32: the client's nearest cluster, numbered
        by the sorted portrait codes; null when the criteria alone decided).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    metrics = _ordered(metrics)
    active = _active(metrics)
    evidence = weigh(metrics, criteria, active)
    prior = _log_prior(evidence)
    by_criteria = _normalise(prior, evidence)
    sample = _sample(active, seed)
    points, is_known, columns = space.build(metrics, evidence.metric_codes, sample)
    model = None
    # One thread: sums over threads differ in the last digits, and the same seed must give the same bytes.
    with threadpool_limits(limits=1):
        if columns and len(sample) >= MIN_CLIENTS_PER_CLUSTER * len(evidence.portraits):
            model = clusters.fit(points[sample], is_known[sample], by_criteria[sample, :-1], seed)
        if model is None:
            return _table(metrics, evidence.portraits, by_criteria, None)
        likelihood = clusters.log_likelihood(model, points, is_known, LIKELIHOOD_POWER)
        nearest = clusters.nearest(model, points, by_criteria[:, :-1])
    score = _normalise(prior + likelihood, evidence)
    return _table(metrics, evidence.portraits, score, np.where(is_known.any(axis=1), nearest, -1))


def criteria_only(metrics: pa.Table, criteria: pa.Table) -> pa.Table:
    """Score by the criteria alone: the baseline, a table like that of `score_clients` without clusters."""
    metrics = _ordered(metrics)
    evidence = weigh(metrics, criteria, _active(metrics))
    return _table(metrics, evidence.portraits, _normalise(_log_prior(evidence), evidence), None)


def _ordered(metrics: pa.Table) -> pa.Table:
    require(metrics, ["client_id"], "client metrics")
    client_id = integers(metrics, "client_id")
    require_unique(client_id, "client metrics", "client_id")
    return without_short_silences(metrics.take(pa.array(np.argsort(client_id, kind="stable"))))


def _active(metrics: pa.Table) -> np.ndarray:
    """Clients that came at all, shape (clients,): the others have no behaviour to learn from, however many they are."""
    if "visits_count" not in metrics.column_names:
        return np.ones(metrics.num_rows, dtype=bool)
    came = numbers(metrics, "visits_count") > 0
    return came if came.any() else np.ones(metrics.num_rows, dtype=bool)


def _sample(active: np.ndarray, seed: int) -> np.ndarray:
    """Choose the rows to fit on, ascending."""
    rows = np.flatnonzero(active)
    if len(rows) <= FIT_CLIENTS:
        return rows
    return np.sort(stream(seed, "portraits", "sample").permutation(rows)[:FIT_CLIENTS])


def _log_prior(evidence: Evidence) -> np.ndarray:
    """Log prior, shape (clients, k + 1); the last column is `undefined`."""
    undefined = np.full((len(evidence.known_count), 1), np.log(UNDEFINED_WEIGHT))
    return np.hstack([evidence.log_evidence, undefined])


def _normalise(log_score: np.ndarray, evidence: Evidence) -> np.ndarray:
    """Softmax per client, without the portraits of which no criterion can be judged: nothing speaks for them."""
    score = np.exp(log_score - log_score.max(axis=1, keepdims=True))
    score[:, :-1][evidence.known_count == 0] = 0.0
    return score / score.sum(axis=1, keepdims=True)


def _table(metrics: pa.Table, portraits: list[str], score: np.ndarray, nearest: np.ndarray | None) -> pa.Table:
    rows, columns = score.shape
    if nearest is None:
        cluster_id = pa.nulls(rows * columns, pa.int32())
    else:
        repeated = np.repeat(nearest, columns)
        cluster_id = pa.array(repeated.astype(np.int32), mask=repeated < 0)
    return pa.table(
        {
            "client_id": pa.array(np.repeat(integers(metrics, "client_id"), columns)),
            "portrait_code": strings(np.tile(np.arange(columns), rows), [*portraits, UNDEFINED]),
            "score_prob": pa.array(score.ravel()),
            "cluster_id": cluster_id,
        }
    )
