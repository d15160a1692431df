"""Decision on one portrait per client from the scores."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.tables.columns import require, strings
from vocabulary.codes import UNDEFINED

DECISIONS = pa.schema(
    {
        "client_id": pa.int64(),
        "portrait_code": pa.string(),
        "confidence_prob": pa.float64(),
        "second_portrait_code": pa.string(),
        "second_prob": pa.float64(),
        "likeliest_portrait_code": pa.string(),
        "cluster_id": pa.int32(),
    }
)


def decide(scores: pa.Table, min_confidence: float) -> pa.Table:
    """Assign each client its most probable portrait and the runner-up; `undefined` if the best is too improbable.

    Parameters
    ----------
    scores : pyarrow.Table
        As returned by `ml.portraits.model.score`: one block of rows per client, each with the same portraits in the
        same order, including `undefined`. cluster_id is optional.
    min_confidence : float
        If the best portrait is less probable than this (0–1), the client is `undefined` and that portrait becomes the
        runner-up.

    Returns
    -------
    pyarrow.Table
        Columns of `DECISIONS`, one row per client in the order of `scores`. Ties go to the first code in alphabetical
        order. likeliest_portrait_code is the best portrait other than `undefined`, null if all have probability 0.
    """
    require(scores, ("client_id", "portrait_code", "score_prob"), "scores")
    if not scores.num_rows:
        return DECISIONS.empty_table()
    client_id = scores["client_id"].to_numpy()
    first = np.flatnonzero(np.append(True, client_id[1:] != client_id[:-1]))
    codes = scores["portrait_code"].slice(0, scores.num_rows // len(first)).to_pylist()
    by_name = np.argsort(codes)
    codes = [codes[index] for index in by_name]
    grid = scores["score_prob"].to_numpy().reshape(len(first), len(codes))[:, by_name]
    clients, undefined = np.arange(len(grid)), codes.index(UNDEFINED)
    best = grid.argmax(axis=1)
    others = grid.copy()
    others[clients, best] = -1.0
    second = others.argmax(axis=1)
    is_undefined, is_guess = best == undefined, grid[clients, best] < min_confidence
    decided = np.where(is_guess, undefined, best)
    runner_up = np.where(is_guess & ~is_undefined, best, second)
    likeliest = np.where(is_undefined, second, best)
    is_unknown = is_undefined & (grid[clients, second] <= 0)
    has_cluster = "cluster_id" in scores.column_names
    columns = [
        pa.array(client_id[first]),
        strings(decided, codes),
        pa.array(grid[clients, decided]),
        strings(runner_up, codes),
        pa.array(grid[clients, runner_up]),
        pc.if_else(pa.array(is_unknown), None, strings(likeliest, codes)),
        scores["cluster_id"].take(pa.array(first)) if has_cluster else pa.nulls(len(first), pa.int32()),
    ]
    return pa.table(dict(zip(DECISIONS.names, columns, strict=True))).cast(DECISIONS)
