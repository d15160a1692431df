"""Stability of the portraits: refits on resamples of the clients."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lab.portraits.grading import adjusted_rand
from ml.portraits.decision import decide
from ml.portraits.model import score_clients
from ml.tables.columns import integers, numbers, require
from ml.tables.errors import InvalidValueError
from ml.tables.random import stream

REFITS = 5
CLIENTS_AT_MOST = 20_000


@dataclass(frozen=True)
class Stability:
    """Agreement of each refit with the first fit.

    Attributes
    ----------
    adjusted_rand : ndarray, shape (refits,)
        Adjusted Rand index of the two assignments.
    same_share : ndarray, shape (refits,)
        Share of clients with the same portrait in both.
    """

    adjusted_rand: np.ndarray
    same_share: np.ndarray


def find_stability(
    metrics: pa.Table,
    criteria: pa.Table,
    *,
    seed: int,
    min_confidence: float,
    refits: int = REFITS,
    clients_at_most: int = CLIENTS_AT_MOST,
) -> Stability:
    """Compare the portraits of clients with those of refits on resamples of them.

    Clients of the resample with a visit in the window are compared, each counted once.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: client_id, visits_count and what `ml.portraits.model.score_clients` takes.
    criteria : pyarrow.Table
        See `ml.portraits.criteria.weigh`.
    seed : int
        Of the sample, the resamples and every fit: fits differ only by their clients.
    min_confidence : float
        See `ml.portraits.decision.decide`.
    refits : int
        Resamples, drawn with replacement.
    clients_at_most : int
        If there are more, all fits use a sample of that size.

    Returns
    -------
    Stability

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    require(metrics, ("client_id", "visits_count"), "client metrics")
    rng = stream(seed, "stability")
    rows = np.argsort(integers(metrics, "client_id"), kind="stable")
    if len(rows) > clients_at_most:
        rows = rows[np.sort(rng.permutation(len(rows))[:clients_at_most])]
    sample = metrics.take(pa.array(rows))
    is_seen = numbers(sample, "visits_count") > 0
    if not is_seen.any():
        raise InvalidValueError("clients with a visit", 0, "client metrics", "at least one")

    def portraits(chosen: np.ndarray) -> np.ndarray:
        """Portraits of rows of the sample, under new ids because a client may occur twice."""
        clients = sample.take(pa.array(chosen))
        clients = clients.set_column(
            clients.column_names.index("client_id"), "client_id", pa.array(np.arange(1, len(chosen) + 1))
        )
        found = decide(score_clients(clients, criteria, seed=seed), min_confidence)
        return np.asarray(found["portrait_code"].to_pylist())

    first = portraits(np.arange(len(rows)))
    rand, same = [], []
    for _ in range(refits):
        drawn = np.sort(rng.integers(0, len(rows), len(rows)))
        once, place = np.unique(drawn, return_index=True)
        compared = is_seen[once]
        again, before = portraits(drawn)[place][compared], first[once][compared]
        rand.append(adjusted_rand(before, again))
        same.append(float((before == again).mean()))
    return Stability(np.array(rand), np.array(same))
