"""Which portrait a client belongs to: business criteria × what the data say.

``score ∝ share × criteria ^ criteria_weight × density``. The criteria (`ml.portraits.criteria`) start a mixture with one
component per portrait (`ml.portraits.mixture`) in a scaled space (`ml.portraits.space`) and go on guiding it; the mixture finds where the
clients of each portrait really are. `undefined` competes as a client that could be anywhere. The scores are calibrated
by a power (`ml.portraits.calibration`). No truth is used in fitting.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from ml.portraits import criteria as business
from ml.portraits import mixture, space
from ml.portraits.calibration import calibrated, power_for
from ml.portraits.criteria import Criterion, Evidence
from ml.portraits.mixture import Mixture
from ml.portraits.rates import without_short_silences
from ml.portraits.space import Space
from ml.tables.columns import integers, numbers, require, require_unique, strings
from ml.tables.random import stream
from vocabulary.codes import UNDEFINED

UNDEFINED_WEIGHT = 1.5
"""Where the criteria decide alone: prior of `undefined` relative to one portrait, which evidence must lift above it."""

MIN_CLIENTS_PER_PORTRAIT = 5
"""With fewer clients than this per portrait the criteria decide alone."""

CHUNK = 100_000
"""Clients scored at a time."""


@dataclass(frozen=True)
class Settings:
    """What a fit can be told; docs/portraits.md has what each of them decides.

    Attributes
    ----------
    criteria_weight : float
        What a criterion counts for whose metric the mixture looks at too (a log opinion pool); others count in full.
    anywhere_share : float
        Share of clients expected to be like none of the portraits.
    degrees, min_share : float
        Of `ml.portraits.mixture.Mixture`.
    share_visits : float
        Of `ml.portraits.space.Space`.
    left_out : tuple of str
        Metrics that the mixture does not look at; what the criteria say of them counts in full.
    further : tuple of str
        Metrics that it looks at beside `ml.portraits.space.SPACE_METRICS`.
    fit_clients : int
        Clients to fit on at most.
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
    """What was learned of the portraits; `score` scores clients by it.

    Attributes
    ----------
    criteria : list of Criterion
        With the weights that they have beside the mixture.
    space : Space
    mixture : Mixture or None
        None where the clients were too few, or nothing varied: the criteria decide alone.
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
        return sorted({one.portrait_code for one in self.criteria})


def fit(metrics: pa.Table, criteria: pa.Table, *, seed: int, settings: Settings | None = None) -> PortraitModel:
    """Learn the portraits of a population.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: `client_id` and metrics (numbers, booleans, text; null, NaN and infinite values are
        missing).
    criteria : pyarrow.Table
        See `ml.portraits.criteria.learn`. The order of its rows does not matter.
    seed : int
        Chooses the sample to fit on when there are more than `Settings.fit_clients` clients.
    settings : Settings, optional
        The usual ones by default.

    Returns
    -------
    PortraitModel

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    settings = settings or Settings()
    metrics = ordered(metrics)
    active = is_active(metrics)
    learned = business.learn(metrics, criteria, active)
    sample = metrics.take(pa.array(_sample(active, seed, settings.fit_clients)))
    usual = {*space.SPACE_METRICS, *settings.further} - set(settings.left_out)
    found = space.learn(sample, codes_of_space=usual, share_visits=settings.share_visits)
    portraits = len({one.portrait_code for one in learned})
    if not (found.columns or found.traits) or sample.num_rows < MIN_CLIENTS_PER_PORTRAIT * portraits:
        return PortraitModel(learned, found, None, 1.0, settings.anywhere_share)
    beside = _beside(learned, found, settings.criteria_weight)
    alone, prior = (_possible(business.weigh(sample, criteria)) for criteria in (learned, beside))
    counted = np.isfinite(alone).any(axis=1)
    alone, prior, points = alone[counted], prior[counted], space.project(found, sample).take(counted)
    if len(alone) < MIN_CLIENTS_PER_PORTRAIT * portraits:
        return PortraitModel(learned, found, None, 1.0, settings.anywhere_share)
    # One thread: sums over threads differ in the last digits, and the same seed must give the same bytes.
    with threadpool_limits(limits=1):
        levels = [len(trait.levels) for trait in found.traits]
        start = _softmax(alone)
        fitted = mixture.fit(points, levels, prior, start, degrees=settings.degrees, min_share=settings.min_share)
        joint = mixture.log_joint(fitted, points)
        raw = _softmax(_log_score(fitted, prior, points, joint, settings.anywhere_share))
    return PortraitModel(beside, found, fitted, power_for(raw), settings.anywhere_share)


def score(model: PortraitModel, metrics: pa.Table) -> pa.Table:
    """Score every client on every portrait.

    Parameters
    ----------
    model : PortraitModel
        Of `fit`, on these clients or others.
    metrics : pyarrow.Table
        As for `fit`.

    Returns
    -------
    pyarrow.Table
        One row per client × portrait, `undefined` included, in the order of client_id: client_id (int64),
        portrait_code, score_prob (0–1, sums to 1 per client), cluster_id (int32: the component that the data alone
        would choose, numbered by the sorted portrait codes; null when the criteria alone decided).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, ColumnTypeError
    """
    metrics = ordered(metrics)
    with threadpool_limits(limits=1):
        parts = [_scored(model, metrics.slice(first, CHUNK)) for first in range(0, max(metrics.num_rows, 1), CHUNK)]
    return pa.concat_tables(parts)


def score_clients(metrics: pa.Table, criteria: pa.Table, *, seed: int) -> pa.Table:
    """Fit and score the same clients; see `fit` and `score`."""
    return score(fit(metrics, criteria, seed=seed), metrics)


def criteria_only(metrics: pa.Table, criteria: pa.Table) -> pa.Table:
    """Score by the criteria alone: the baseline, a table like that of `score` without clusters."""
    metrics = ordered(metrics)
    learned = business.learn(metrics, criteria, is_active(metrics))
    return score(PortraitModel(learned, Space([], []), None, 1.0, 0.0), metrics)


def is_active(metrics: pa.Table) -> np.ndarray:
    """Clients that came at all, shape (clients,): the others have no behaviour to learn from, however many they are."""
    if "visits_count" not in metrics.column_names:
        return np.ones(metrics.num_rows, dtype=bool)
    came = numbers(metrics, "visits_count") > 0
    return came if came.any() else np.ones(metrics.num_rows, dtype=bool)


def ordered(metrics: pa.Table) -> pa.Table:
    """Check the client ids, sort by them, and forget silences too short to mean anything."""
    require(metrics, ["client_id"], "client metrics")
    client_id = integers(metrics, "client_id")
    require_unique(client_id, "client metrics", "client_id")
    if (np.diff(client_id) < 0).any():
        metrics = metrics.take(pa.array(np.argsort(client_id, kind="stable")))
    return without_short_silences(metrics)


def _sample(active: np.ndarray, seed: int, clients: int) -> np.ndarray:
    """Choose the rows to fit on, ascending."""
    rows = np.flatnonzero(active)
    if len(rows) <= clients:
        return rows
    return np.sort(stream(seed, "portraits", "sample").permutation(rows)[:clients])


def _possible(evidence: Evidence) -> np.ndarray:
    """Log evidence, −inf for portraits of which no criterion can be judged: nothing speaks for them."""
    return np.where(evidence.known_count > 0, evidence.log_evidence, -np.inf)


def _beside(learned: list[Criterion], found: Space, criteria_weight: float) -> list[Criterion]:
    """Discount the criteria of what the mixture looks at too."""
    seen = {part.code for part in (*found.columns, *found.traits)}
    weight = {True: criteria_weight, False: 1.0}
    return [replace(one, weight=one.weight * weight[one.metric_code in seen]) for one in learned]


def _scored(model: PortraitModel, metrics: pa.Table) -> pa.Table:
    evidence = _possible(business.weigh(metrics, model.criteria))
    undefined = np.full((len(evidence), 1), np.log(UNDEFINED_WEIGHT))
    alone = _softmax(np.hstack([evidence, undefined]))
    if model.mixture is None:
        return _table(metrics, model.portraits, alone, None)
    points = space.project(model.space, metrics)
    joint = mixture.log_joint(model.mixture, points)
    score = _log_score(model.mixture, evidence, points, joint, model.anywhere_share)
    found = calibrated(_softmax(score), model.power)
    # A contract and a card fit many portraits: who was never seen would be given the most frequent of them.
    of_visits = [place for place, column in enumerate(model.space.columns) if column.code in space.VISIT_METRICS]
    is_seen = (~np.isnan(points.values[:, of_visits])).any(axis=1)
    nearest = np.where(is_seen, joint.argmax(axis=1), -1)
    return _table(metrics, model.portraits, np.where(is_seen[:, None], found, alone), nearest)


def _log_score(
    fitted: Mixture, prior: np.ndarray, points: space.Points, joint: np.ndarray, anywhere_share: float
) -> np.ndarray:
    """Log score, shape (clients, k + 1), with `joint` of `mixture.log_joint`; the last column is `undefined`."""
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
