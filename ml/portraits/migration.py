"""Moves of clients between portraits: one model applied month by month, with spurious moves smoothed out.

Deciding each month end separately makes borderline clients move back and forth: almost nineteen moves for each true one
at 20,000 clients of the default twin. A hidden Markov model per client requires more evidence: the monthly scores are
its emissions, `MOVES_PER_MONTH` its transition probability, and the Viterbi path is kept (Rabiner 1989). The windows of
adjacent months overlap, so a visit enters up to three emissions; results are in docs/portraits.md.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa

from ml.portraits.model import PortraitModel, ordered, score
from ml.tables.columns import integers, numbers, require, strings
from vocabulary.codes import UNDEFINED

SILENT = "silent"
"""Status of a client without an identified visit in the window; not a portrait."""

MOVES_PER_MONTH = 0.01
"""Expected share of clients that move in a month; a smaller value gives fewer but surer moves (docs/portraits.md)."""

MIN_SCORE = 1e-9
"""Floor of a score, so that one month with a score of 0 does not rule out a path."""

CHUNK = 50_000
"""Clients processed at a time."""


def follow(model: PortraitModel, months: Iterable[tuple[date, pa.Table]]) -> pa.Table:
    """Assign each client a portrait on each of several days.

    Parameters
    ----------
    model : PortraitModel
        Fitted once, so that the portraits mean the same on every day and only clients move.
    months : iterable of (date, pyarrow.Table)
        Days in ascending order with the client metrics as of each day (see `ml.portraits.model.score`; `visits_count`
        is required). A client may first appear on a later day.

    Returns
    -------
    pyarrow.Table
        One row per day × client of that day's table, sorted by day and client: as_of_on (date32), client_id (int64),
        portrait_code (`silent` without an identified visit in the window; the month then adds no evidence to the
        path).
    """
    days: list[date] = []
    clients, active, scores = [], [], []
    for day, metrics in months:
        require(metrics, ("client_id", "visits_count"), "client metrics")
        table = ordered(metrics)
        found = score(model, table)["score_prob"].to_numpy().reshape(table.num_rows, -1)
        days.append(day)
        clients.append(integers(table, "client_id"))
        active.append(numbers(table, "visits_count") > 0)
        scores.append(found.astype(np.float32))
    if not days:
        return _table([], [], [], [])
    everyone = np.unique(np.concatenate(clients))
    share = _mean_score(scores, active)
    states = [np.empty(len(ids), dtype=np.int8) for ids in clients]
    for first in range(0, len(everyone), CHUNK):
        chunk = everyone[first : first + CHUNK]
        spans = [slice(*np.searchsorted(ids, (chunk[0], chunk[-1] + 1))) for ids in clients]
        gain = np.zeros((len(days), len(chunk), len(share)))
        for month, span in enumerate(spans):
            rows = np.searchsorted(chunk, clients[month][span])
            visited = active[month][span]
            emission = np.maximum(scores[month][span][visited].astype(np.float64), MIN_SCORE)
            gain[month, rows[visited]] = np.log(emission) - np.log(np.maximum(share, MIN_SCORE))
        path = most_probable_path(gain, share, MOVES_PER_MONTH)
        for month, span in enumerate(spans):
            states[month][span] = path[month, np.searchsorted(chunk, clients[month][span])]
    codes = [*model.portraits, UNDEFINED, SILENT]
    shown = [np.where(visited, state, len(codes) - 1) for visited, state in zip(active, states, strict=True)]
    return _table(days, clients, shown, codes)


def most_probable_path(gain: np.ndarray, share: np.ndarray, moves: float) -> np.ndarray:
    """Viterbi paths of many short chains.

    Parameters
    ----------
    gain : ndarray of shape (months, clients, states)
        Log-likelihood of the observations in each state, up to a constant per month and client; 0 without observations.
    share : ndarray of shape (states,)
        Share of clients in each state: the initial distribution, and the distribution of the state after a move.
    moves : float
        Probability of a move, a draw of a new state, between two months, 0–1.

    Returns
    -------
    ndarray of int8, shape (months, clients)
        Of equally probable paths, the one that stays.
    """
    months, clients, states = gain.shape
    prior = np.log(np.maximum(share, MIN_SCORE))
    stay, go = np.log(1 - moves), np.log(moves) + prior
    best = prior + gain[0]
    previous = np.empty((months, clients, states), dtype=np.int8)
    for month in range(1, months):
        # The target of a move does not depend on its origin, so the best origin is the same for every state.
        start = best.argmax(axis=1)
        moved = best[np.arange(clients), start][:, None] + go
        stayed = best + stay
        is_move = moved > stayed
        previous[month] = np.where(is_move, start[:, None], np.arange(states))
        best = np.where(is_move, moved, stayed) + gain[month]
    path = np.empty((months, clients), dtype=np.int8)
    path[-1] = best.argmax(axis=1)
    for month in range(months - 1, 0, -1):
        path[month - 1] = previous[month][np.arange(clients), path[month]]
    return path


def _mean_score(scores: list[np.ndarray], active: list[np.ndarray]) -> np.ndarray:
    """Share of each state among the client months with a visit; equal shares if there are none."""
    count = sum(int(month.sum()) for month in active)
    sums = [month[visited].sum(axis=0, dtype=np.float64) for month, visited in zip(scores, active, strict=True)]
    states = scores[0].shape[1]
    return np.sum(sums, axis=0) / count if count else np.full(states, 1 / states)


def _table(days: list[date], clients: list[np.ndarray], states: list[np.ndarray], codes: list[str]) -> pa.Table:
    counts = [len(ids) for ids in clients]
    return pa.table(
        {
            "as_of_on": pa.array(np.repeat(np.array(days, dtype="datetime64[D]"), counts), pa.date32()),
            "client_id": pa.array(np.concatenate([np.empty(0, np.int64), *clients])),
            "portrait_code": strings(np.concatenate([np.empty(0, np.int64), *states]), codes),
        }
    )
