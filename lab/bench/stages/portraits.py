"""Portraits fitted and assigned in a process of its own, for `lab.bench.run`: ``metrics criteria clients file``.

The client metrics of a build, repeated with new client ids up to the number of clients: the cost of
`ml.portraits.model` alone, with reading the metrics and storing the scores.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ml.portraits.model import fit, score


def repeat_clients(metrics: pa.Table, clients: int) -> pa.Table:
    """Repeat clients under new ids.

    Parameters
    ----------
    metrics : pyarrow.Table
        At least one client; client_id and metrics.
    clients : int
        Number of rows to return.

    Returns
    -------
    pyarrow.Table
        `clients` rows, client_id from 1.
    """
    times = -(-clients // metrics.num_rows)
    repeated = pa.concat_tables([metrics] * times).slice(0, clients)
    place = repeated.schema.get_field_index("client_id")
    return repeated.set_column(place, "client_id", pa.array(range(1, clients + 1), pa.int64()))


def store_scores(metrics: pa.Table, criteria: pa.Table, path: Path) -> dict[str, float]:
    """Fit and assign portraits, and store the scores.

    Parameters
    ----------
    metrics, criteria : pyarrow.Table
        As for `ml.portraits.model.fit`.
    path : Path
        The DuckDB file to write; must not exist.

    Returns
    -------
    dict
        rows stored; seconds of the fit, of the assignment with its storing, and of both.
    """
    began = time.monotonic()
    model = fit(metrics, criteria, seed=1)
    fitted = time.monotonic()
    scores = score(model, metrics)
    with duckdb.connect(str(path)) as connection:
        connection.register("scores", scores)
        connection.execute("create table client_portrait_scores as select * from scores")
    ended = time.monotonic()
    return {
        "rows": scores.num_rows,
        "fit_seconds": fitted - began,
        "assign_seconds": ended - fitted,
        "seconds": ended - began,
    }


if __name__ == "__main__":
    metrics, criteria, clients, file = sys.argv[1:]
    repeated = repeat_clients(pq.read_table(metrics), int(clients))
    print(json.dumps(store_scores(repeated, pq.read_table(criteria), Path(file))))
