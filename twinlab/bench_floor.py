"""The floor that builds are compared with: random columns → Arrow → DuckDB file. ``rows columns file``."""

import sys

import duckdb
import numpy as np
import pyarrow as pa


def floor(rows: int, columns: int, path: str) -> None:
    """Draw a table of random numbers and store it.

    Parameters
    ----------
    rows, columns : int
        Its size; every column holds 8 bytes a row.
    path : str
        The DuckDB file to write; none may be there.
    """
    rng = np.random.default_rng(42)
    drawn = pa.table({f"column_{number}": rng.random(rows) for number in range(columns)})
    with duckdb.connect(path) as connection:
        connection.register("drawn", drawn)
        connection.execute("create table floor as from drawn")


if __name__ == "__main__":
    floor(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
