"""From scores to a portrait: the rule of ``models/portraits/client_portraits.sql``, for those who refit."""

import numpy as np
import pyarrow as pa

from ml.portraits.model import UNDEFINED
from ml.tables.columns import require


def assign(scores: pa.Table, min_confidence: float) -> pa.Table:
    """Give each client its most probable portrait; an unlikely one is `undefined`.

    Parameters
    ----------
    scores : pyarrow.Table
        client_id, portrait_code, score_prob, as `ml.portraits.model.score_clients` gives them: a block of rows for each
        client, every block with the same portraits in the same order, `undefined` among them.
    min_confidence : float
        A best portrait that is less probable than this is rather `undefined` (0–1).

    Returns
    -------
    pyarrow.Table
        client_id, portrait_code, confidence_prob (of that portrait); one row per client, in the order of `scores`. Of
        equal probabilities the first by name.

    Raises
    ------
    MissingColumnError
    """
    require(scores, ("client_id", "portrait_code", "score_prob"), "scores")
    if not scores.num_rows:
        return scores.select(["client_id", "portrait_code", "score_prob"]).rename_columns(
            ["client_id", "portrait_code", "confidence_prob"]
        )
    client_id = scores["client_id"].to_numpy()
    first = np.flatnonzero(np.append(True, client_id[1:] != client_id[:-1]))
    codes = scores["portrait_code"].slice(0, scores.num_rows // len(first)).to_pylist()
    by_name = np.argsort(codes)
    codes = np.array(codes)[by_name]
    grid = scores["score_prob"].to_numpy().reshape(len(first), len(codes))[:, by_name]
    undefined = int(np.flatnonzero(codes == UNDEFINED)[0])
    best = grid.argmax(axis=1)
    best = np.where(grid[np.arange(len(grid)), best] >= min_confidence, best, undefined)
    return pa.table(
        {
            "client_id": pa.array(client_id[first]),
            "portrait_code": pa.array(codes[best], pa.string()),
            "confidence_prob": pa.array(grid[np.arange(len(grid)), best]),
        }
    )
