"""The floor of every comparison: random columns → Arrow → DuckDB file. ``rows columns file``."""

import sys
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

BATCH_ROWS = 100_000
"""About as many as the visits of a block of the generator."""


def floor(rows: int, columns: int, path: str) -> None:
    """Draw a table of random numbers and store it in batches: memory does not grow with the rows.

    Parameters
    ----------
    rows, columns : int
        Its size; every column holds 8 bytes a row.
    path : str
        The DuckDB file to write; must not exist.
    """
    rng = np.random.default_rng(42)
    schema = pa.schema([(f"column_{number}", pa.float64()) for number in range(columns)])

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, rows, BATCH_ROWS):
            size = min(BATCH_ROWS, rows - start)
            yield pa.record_batch([pa.array(rng.random(size)) for _ in range(columns)], schema=schema)

    with duckdb.connect(path) as connection:
        connection.register("drawn", pa.RecordBatchReader.from_batches(schema, batches()))
        connection.execute("create table floor as select * from drawn")


if __name__ == "__main__":
    floor(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
