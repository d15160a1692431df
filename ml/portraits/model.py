"""Portrait model: business criteria as a prior, a mixture as the likelihood.

``score ∝ share × criteria ^ criteria_weight × density``. The criteria (`ml.portraits.criteria`) initialise a mixture
with one component per portrait (`ml.portraits.mixture`) in a scaled space (`ml.portraits.space`) and remain its prior;
the mixture learns where the clients of each portrait are. `undefined` competes as a uniform noise component. The scores
are calibrated by a power (`ml.portraits.calibration`). The fit uses no truth.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ml.portraits import criteria as business
from ml.portraits import mixture, space
from ml.portraits.calibration import calibrated, power_for
from ml.portraits.criteria import Criterion, Evidence
from ml.portraits.mixture import Mixture
from ml.portraits.rates import without_short_silences
from ml.portraits.space import Space
from ml.tables.columns import integers, numbers, require, require_unique, strings
from ml.tables.random import stream
from ml.tables.threads import one_thread
from vocabulary.codes import UNDEFINED

UNDEFINED_WEIGHT = 1.5
"""Prior weight of `undefined` relative to one portrait, where only the criteria are used."""

MIN_CLIENTS_PER_PORTRAIT = 5
"""With fewer clients per portrait, only the criteria are used."""

CHUNK = 100_000
"""Clients scored at a time."""


@dataclass(frozen=True)
class Settings:
    """Settings of a fit; docs/portraits.md shows the effect of each.

    Attributes
    ----------
    criteria_weight : float
        Weight of a criterion whose metric is also in the space of the mixture (a log opinion pool); others have
        weight 1.
    anywhere_share : float
        Prior share of clients that fit no portrait.
    degrees, min_share : float
        See `ml.portraits.mixture.Mixture`.
    share_visits : float
        See `ml.portraits.space.Space`.
    left_out : tuple of str
        Metrics excluded from the space; their criteria then have weight 1.
    further : tuple of str
        Metrics added to `ml.portraits.space.SPACE_METRICS`.
    fit_clients : int
        Maximum number of clients to fit on.
    """

    criteria_weight: float = 0.25
    anywhere_share: float = 0.001
    degrees: float = mixture.DEGREES
    min_share: float = mixture.MIN_SHARE
    share_visits: float = space.SHARE_VISITS
    left_out: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    fit_clients: int = 100_000


@dataclass(frozen=True)
class PortraitModel:
    """Fitted portrait model.

    Attributes
    ----------
    criteria : list of Criterion
        With the weights used together with the mixture.
    space : Space
    mixture : Mixture or None
        None if there were too few clients or no metric varied: only the criteria are used.
    power : float
        Exponent of the calibration.
    anywhere_share : float
        See `Settings`.
    """

    criteria: list[Criterion]
    space: Space
    mixture: Mixture | None
    power: float
    anywhere_share: float

    @property
    def portraits(self) -> list[str]:
        """Sorted codes."""
        return sorted({criterion.portrait_code for criterion in self.criteria})


def fit(metrics: pa.Table, criteria: pa.Table, *, seed: int, settings: Settings | None = None) -> PortraitModel:
    """Fit the portrait model to a population.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: `client_id` and metrics (numbers, booleans, text; null, NaN and infinite values are
        missing).
    criteria : pyarrow.Table
        See `ml.portraits.criteria.learn`.
    seed : int
        Seed of the sample to fit on, used if there are more than `Settings.fit_clients` clients.
    settings : Settings, optional

    Raises
    ------
    MissingColumnError
        If `client_id`, a column of `criteria` or the metric of a criterion is missing.
    DuplicateKeyError
        If a client occurs twice.
    ColumnTypeError
        If a range criterion is set on a text metric.
    InvalidValueError
        If a criterion is invalid.
    """
    settings = settings or Settings()
    metrics = ordered(metrics)
    active = is_active(metrics)
    learned = business.learn(metrics, criteria, active)
    sample = metrics.take(pa.array(_sample(active, seed, settings.fit_clients)))
    space_metrics = {*space.SPACE_METRICS, *settings.further} - set(settings.left_out)
    fitted_space = space.learn(sample, metric_codes=space_metrics, share_visits=settings.share_visits)
    portraits = len({criterion.portrait_code for criterion in learned})
    if not (fitted_space.columns or fitted_space.traits) or sample.num_rows < MIN_CLIENTS_PER_PORTRAIT * portraits:
        return PortraitModel(learned, fitted_space, None, 1.0, settings.anywhere_share)
    discounted = _discounted(learned, fitted_space, settings.criteria_weight)
    alone, prior = (_possible(business.weigh(sample, criteria)) for criteria in (learned, discounted))
    kept = np.isfinite(alone).any(axis=1)
    alone, prior, points = alone[kept], prior[kept], space.project(fitted_space, sample).take(kept)
    if len(alone) < MIN_CLIENTS_PER_PORTRAIT * portraits:
        return PortraitModel(learned, fitted_space, None, 1.0, settings.anywhere_share)
    # One thread: multi-threaded sums differ in the last digits, and the same seed must give the same bytes.
    with one_thread():
        levels = [len(trait.levels) for trait in fitted_space.traits]
        start = _softmax(alone)
        fitted = mixture.fit(points, levels, prior, start, degrees=settings.degrees, min_share=settings.min_share)
        joint = mixture.log_joint(fitted, points)
        raw = _softmax(_log_score(fitted, prior, points, joint, settings.anywhere_share))
    return PortraitModel(discounted, fitted_space, fitted, power_for(raw), settings.anywhere_share)


def score(model: PortraitModel, metrics: pa.Table) -> pa.Table:
    """Score every client on every portrait.

    Parameters
    ----------
    model : PortraitModel
        Fitted on these clients or on others.
    metrics : pyarrow.Table
        As for `fit`.

    Returns
    -------
    pyarrow.Table
        One row per client × portrait including `undefined`, sorted by client_id: client_id (int64), portrait_code,
        score_prob (0–1, sums to 1 per client), cluster_id (int32: the most probable component without the criteria, as
        an index into the sorted portrait codes; null where only the criteria were used).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, ColumnTypeError
        As for `fit`.
    """
    metrics = ordered(metrics)
    with one_thread():
        parts = [_scored(model, metrics.slice(first, CHUNK)) for first in range(0, max(metrics.num_rows, 1), CHUNK)]
    return pa.concat_tables(parts)


def score_clients(metrics: pa.Table, criteria: pa.Table, *, seed: int) -> pa.Table:
    """Fit the model and score the same clients; see `fit` and `score`."""
    return score(fit(metrics, criteria, seed=seed), metrics)


def criteria_only(metrics: pa.Table, criteria: pa.Table) -> pa.Table:
    """Score by the criteria alone (the baseline); returns a table as `score` does, without clusters."""
    metrics = ordered(metrics)
    learned = business.learn(metrics, criteria, is_active(metrics))
    return score(PortraitModel(learned, Space([], []), None, 1.0, 0.0), metrics)


def is_active(metrics: pa.Table) -> np.ndarray:
    """Whether each client has a visit, shape (clients,); True for all if none has or `visits_count` is missing.

    Clients without a visit have no behaviour to fit on.
    """
    if "visits_count" not in metrics.column_names:
        return np.ones(metrics.num_rows, dtype=bool)
    visited = numbers(metrics, "visits_count") > 0
    return visited if visited.any() else np.ones(metrics.num_rows, dtype=bool)


def ordered(metrics: pa.Table) -> pa.Table:
    """Validate the client ids, sort by them and null the rates of clients silent for too short a time."""
    require(metrics, ["client_id"], "client metrics")
    client_id = integers(metrics, "client_id")
    require_unique(client_id, "client metrics", "client_id")
    if (np.diff(client_id) < 0).any():
        metrics = metrics.take(pa.array(np.argsort(client_id, kind="stable")))
    return without_short_silences(metrics)


def _sample(active: np.ndarray, seed: int, clients: int) -> np.ndarray:
    """Rows to fit on, ascending."""
    rows = np.flatnonzero(active)
    if len(rows) <= clients:
        return rows
    return np.sort(stream(seed, "portraits", "sample").permutation(rows)[:clients])


def _possible(evidence: Evidence) -> np.ndarray:
    """Log evidence; −inf for portraits without a criterion whose metric is known."""
    return np.where(evidence.known_count > 0, evidence.log_evidence, -np.inf)


def _discounted(learned: list[Criterion], fitted_space: Space, criteria_weight: float) -> list[Criterion]:
    """Reduce the weight of criteria on metrics that are also in the space of the mixture."""
    in_space = {column.code for column in fitted_space.columns} | {trait.code for trait in fitted_space.traits}
    factor = {True: criteria_weight, False: 1.0}
    return [
        replace(criterion, weight=criterion.weight * factor[criterion.metric_code in in_space]) for criterion in learned
    ]


def _scored(model: PortraitModel, metrics: pa.Table) -> pa.Table:
    evidence = _possible(business.weigh(metrics, model.criteria))
    undefined = np.full((len(evidence), 1), np.log(UNDEFINED_WEIGHT))
    alone = _softmax(np.hstack([evidence, undefined]))
    if model.mixture is None:
        return _table(metrics, model.portraits, alone, None)
    points = space.project(model.space, metrics)
    joint = mixture.log_joint(model.mixture, points)
    score = _log_score(model.mixture, evidence, points, joint, model.anywhere_share)
    prob = calibrated(_softmax(score), model.power)
    # Without any visit, flags such as a contract or a card fit many portraits, and the most frequent one would win.
    of_visits = [i for i, column in enumerate(model.space.columns) if column.code in space.VISIT_METRICS]
    is_seen = (~np.isnan(points.values[:, of_visits])).any(axis=1)
    nearest = np.where(is_seen, joint.argmax(axis=1), -1)
    return _table(metrics, model.portraits, np.where(is_seen[:, None], prob, alone), nearest)


def _log_score(
    fitted: Mixture, prior: np.ndarray, points: space.Points, joint: np.ndarray, anywhere_share: float
) -> np.ndarray:
    """Log score, shape (clients, k + 1), from `joint` of `mixture.log_joint`; the last column is `undefined`."""
    undefined = np.log(anywhere_share) + mixture.log_anywhere(fitted, points)
    return np.hstack([prior + joint, undefined[:, None]])


def _softmax(log_score: np.ndarray) -> np.ndarray:
    score = np.exp(log_score - log_score.max(axis=1, keepdims=True))
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
