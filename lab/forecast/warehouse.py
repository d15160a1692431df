"""The warehouses of backtests: synthetic runs, whose truth has the weeks after the run."""

from pathlib import Path

import duckdb

from twinlab.errors import UserError
from twinlab.warehouse.publish import open_published


def open_synthetic(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse of a synthetic run for reading.

    Raises
    ------
    UserError
        When there is no such file, it cannot be opened, or it has no truth.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist.", "Allowed: DuckDB files of synthetic runs; `make run` builds one.")
    connection = open_published(path)
    try:
        [(is_known,)] = connection.sql("select count(*) > 0 from truth.client_futures").fetchall()
    except duckdb.CatalogException:
        is_known = False
    if not is_known:
        connection.close()
        raise UserError(
            f"{path} has no truth of the weeks after its run.",
            "Allowed: DuckDB files of synthetic runs; `make run` builds one. Own data has no truth.",
        )
    return connection
