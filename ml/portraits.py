"""Which portrait a client belongs to: business criteria × clusters of the data.

``score ∝ prior × likelihood``. The prior comes from the criteria (`ml.criteria`), the likelihood from
k-means seeded by them in a scaled space (`ml.space`, `ml.clusters`): cluster i grew from the seed of
portrait i, and its centre says where such clients really are. `undefined` competes with a prior of
its own and the likelihood of a client that is far from everything. No truth is used.
"""

import numpy as np
import pyarrow as pa

from ml import clusters, space
from ml.columns import integers, require, require_unique, strings
from ml.criteria import Evidence, weigh

UNDEFINED = "undefined"
UNDEFINED_WEIGHT = 1.5
"""Prior of `undefined` relative to one portrait: evidence must at least lift a portrait above it."""

PRIOR_POWER = 1.0
LIKELIHOOD_POWER = 0.3
"""Criteria and clusters look at the same metrics, so neither counts in full (a log opinion pool)."""

FIT_CLIENTS = 100_000
MIN_CLIENTS_PER_CLUSTER = 5


def score_clients(metrics: pa.Table, criteria: pa.Table, *, seed: int) -> pa.Table:
    """Score every client on every portrait.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: `client_id` and metrics (numbers, booleans, text; null, NaN and infinite
        values are missing).
    criteria : pyarrow.Table
        See `ml.criteria.weigh`. The order of its rows does not matter.
    seed : int
        Chooses the sample to fit on when there are more than `FIT_CLIENTS` clients.

    Returns
    -------
    pyarrow.Table
        One row per client × portrait, `undefined` included: client_id (int64), portrait_code,
        score_prob (0–1, sums to 1 per client), cluster_id (int32: the client's nearest cluster,
        numbered by the sorted portrait codes; null when the criteria alone decided).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    evidence = _evidence(metrics, criteria)
    sample = _sample(metrics, seed)
    points = space.build(metrics, evidence.metric_codes, sample)
    prior = _log_prior(evidence)
    too_few = metrics.num_rows < MIN_CLIENTS_PER_CLUSTER * len(evidence.portraits)
    if too_few or not points.metric_codes:
        return _table(metrics, evidence.portraits, _normalise(prior, evidence), None)
    known = points.is_known
    by_criteria = _normalise(prior, evidence)[:, :-1]
    model = clusters.fit(points.points[sample], known[sample], by_criteria[sample], seed)
    if model is None:
        return _table(metrics, evidence.portraits, _normalise(prior, evidence), None)
    likelihood = clusters.log_likelihood(model, points.points, known)
    score = _normalise(PRIOR_POWER * prior + LIKELIHOOD_POWER * likelihood, evidence)
    nearest = clusters.nearest(model, points.points, by_criteria)
    nearest = np.where(known.any(axis=1), nearest, -1)
    return _table(metrics, evidence.portraits, score, nearest)


def criteria_only(metrics: pa.Table, criteria: pa.Table) -> pa.Table:
    """Baseline: the same table from the criteria alone (`cluster_id` is null everywhere)."""
    evidence = _evidence(metrics, criteria)
    score = _normalise(_log_prior(evidence), evidence)
    return _table(metrics, evidence.portraits, score, None)


def _evidence(metrics: pa.Table, criteria: pa.Table) -> Evidence:
    require(metrics, ["client_id"], "client metrics")
    require_unique(integers(metrics, "client_id"), "client metrics", "client_id")
    return weigh(metrics, criteria)


def _sample(metrics: pa.Table, seed: int) -> np.ndarray:
    """Rows to fit on, in the order of client_id: the order of the rows does not matter."""
    order = np.argsort(integers(metrics, "client_id"), kind="stable")
    if len(order) <= FIT_CLIENTS:
        return order
    chosen = np.random.default_rng([seed, 1]).permutation(len(order))[:FIT_CLIENTS]
    return order[np.sort(chosen)]


def _log_prior(evidence: Evidence) -> np.ndarray:
    """Shape (clients, k + 1); the last column is `undefined`."""
    undefined = np.full((len(evidence.known_count), 1), np.log(UNDEFINED_WEIGHT))
    return np.hstack([evidence.log_evidence, undefined])


def _normalise(log_score: np.ndarray, evidence: Evidence) -> np.ndarray:
    """Softmax per client; clients of whom no criterion knows anything are `undefined`."""
    score = np.exp(log_score - log_score.max(axis=1, keepdims=True))
    score[evidence.known_count == 0, :-1] = 0.0
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
