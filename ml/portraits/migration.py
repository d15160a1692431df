"""Who moves from portrait to portrait: the same model month by month, and only the moves that the history bears out.

Assigning each month end by itself makes borderline clients move back and forth: almost nineteen moves for each true one
at 20,000 clients of the default twin. A hidden Markov chain per client asks for more: the scores of the months are its
emissions, a move is as rare as `MOVES_PER_MONTH`, and the most probable path is kept (Rabiner 1989). Windows of
neighbouring months overlap, so the chain hears a visit up to three times; what it finds stands in docs/portraits.md.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa

from ml.portraits.model import PortraitModel, ordered, score
from ml.tables.columns import integers, numbers, require, strings
from vocabulary.codes import UNDEFINED

SILENT = "silent"
"""Status of a client without an identified visit in the window: having left is no portrait."""

MOVES_PER_MONTH = 0.01
"""Share of clients expected to change in a month: a smaller one gives fewer and surer moves (docs/portraits.md)."""

LEAST_SCORE = 1e-9
"""Score of an impossible portrait, so that a path through one unlucky month remains possible."""

CHUNK = 50_000
"""Clients followed at a time."""


def follow(model: PortraitModel, months: Iterable[tuple[date, pa.Table]]) -> pa.Table:
    """Find the portrait of each client at each of several days.

    Parameters
    ----------
    model : PortraitModel
        Fitted once: what a portrait means does not move with the day, so that only clients do.
    months : iterable of (date, pyarrow.Table)
        Days in ascending order, and the client metrics as of each (see `ml.portraits.model.score`, with `visits_count`). A
        client may appear on a later day.

    Returns
    -------
    pyarrow.Table
        One row per day × client of its table, by day and client: as_of_on (date32), client_id (int64), portrait_code
        (`silent` without an identified visit in the window: the chain goes on behind it, and waits).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, ColumnTypeError
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
            came = active[month][span]
            heard = np.maximum(scores[month][span][came].astype(np.float64), LEAST_SCORE)
            gain[month, rows[came]] = np.log(heard) - np.log(np.maximum(share, LEAST_SCORE))
        path = most_probable_path(gain, share, MOVES_PER_MONTH)
        for month, span in enumerate(spans):
            states[month][span] = path[month, np.searchsorted(chunk, clients[month][span])]
    codes = [*model.portraits, UNDEFINED, SILENT]
    shown = [np.where(came, state, len(codes) - 1) for came, state in zip(active, states, strict=True)]
    return _table(days, clients, shown, codes)


def most_probable_path(gain: np.ndarray, share: np.ndarray, moves: float) -> np.ndarray:
    """Most probable sequence of states of many short chains (Viterbi).

    Parameters
    ----------
    gain : ndarray of shape (months, clients, states)
        Log likelihood of what was seen in each state, up to a constant per month and client; 0 where nothing was.
    share : ndarray of shape (states,)
        Share of clients in each state: of the first month, and of where a move leads.
    moves : float
        Probability of a draw of a new state between two months, 0–1.

    Returns
    -------
    ndarray of int8, shape (months, clients)
        Of equal paths the one that stays.
    """
    months, clients, states = gain.shape
    prior = np.log(np.maximum(share, LEAST_SCORE))
    stay, go = np.log(1 - moves), np.log(moves) + prior
    best = prior + gain[0]
    came_from = np.empty((months, clients, states), dtype=np.int8)
    for month in range(1, months):
        # Where a move starts does not matter to where it leads: the best start serves every state.
        start = best.argmax(axis=1)
        moved = best[np.arange(clients), start][:, None] + go
        stayed = best + stay
        is_move = moved > stayed
        came_from[month] = np.where(is_move, start[:, None], np.arange(states))
        best = np.where(is_move, moved, stayed) + gain[month]
    path = np.empty((months, clients), dtype=np.int8)
    path[-1] = best.argmax(axis=1)
    for month in range(months - 1, 0, -1):
        path[month - 1] = came_from[month][np.arange(clients), path[month]]
    return path


def _mean_score(scores: list[np.ndarray], active: list[np.ndarray]) -> np.ndarray:
    """Share of each state among the client months with a visit; equal shares without any."""
    came = sum(int(month.sum()) for month in active)
    sums = [month[seen].sum(axis=0, dtype=np.float64) for month, seen in zip(scores, active, strict=True)]
    states = scores[0].shape[1]
    return np.sum(sums, axis=0) / came if came else np.full(states, 1 / states)


def _table(days: list[date], clients: list[np.ndarray], states: list[np.ndarray], codes: list[str]) -> pa.Table:
    counts = [len(ids) for ids in clients]
    return pa.table(
        {
            "as_of_on": pa.array(np.repeat(np.array(days, dtype="datetime64[D]"), counts), pa.date32()),
            "client_id": pa.array(np.concatenate([np.empty(0, np.int64), *clients])),
            "portrait_code": strings(np.concatenate([np.empty(0, np.int64), *states]), codes),
        }
    )
