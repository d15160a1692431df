"""The raw tables of a synthetic run in a process of its own, for `lab.bench.run`: ``clients file``.

The same streams as in models/raw/twin, stored by the statement and with the settings of dbt-duckdb, but without dbt:
the cost of drawing and storing alone.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from generator import blocks
from generator.config import Run, load_run
from twinlab.layout import Layout
from twinlab.parameters import Parameters

TABLES = (blocks.regions, blocks.stations, blocks.fuel_prices, blocks.clients, blocks.vehicles, blocks.visits)

# Those of dbt_project/profiles.yml; a test compares.
SETTINGS = {"preserve_insertion_order": "true", "memory_limit": "4GB", "autoinstall_known_extensions": "false"}


def run_of(layout: Layout, clients: int) -> Run:
    """Return the default run with another number of clients.

    Parameters
    ----------
    layout : Layout
    clients : int
        Synthetic clients.
    """
    parameters = Parameters()
    return load_run(
        layout.reference,
        seed=parameters.seed,
        clients=clients,
        months=parameters.months,
        period_start=parameters.period_start,
    )


def store_raw(run: Run, path: Path) -> int:
    """Draw the raw tables of a run and store them.

    Parameters
    ----------
    run : generator.config.Run
        The run.
    path : Path
        The DuckDB file to write; must not exist.

    Returns
    -------
    int
        Visits stored.
    """
    with duckdb.connect(str(path)) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"set {name} = '{value}'")
        for table in TABLES:
            connection.register("drawn", table(run))
            connection.execute(f"create table {table.__name__} as select * from drawn")
            connection.unregister("drawn")
        return len(connection.sql("from visits"))


def visit_bytes(run: Run) -> float:
    """Return the mean width of a visit in the tables of the generator.

    Parameters
    ----------
    run : generator.config.Run
        The run.

    Returns
    -------
    float
        Bytes of Arrow a row.
    """
    visits = blocks.visits(run).read_all()
    return visits.nbytes / visits.num_rows


if __name__ == "__main__":
    began = time.monotonic()
    rows = store_raw(run_of(Layout.here(), int(sys.argv[1])), Path(sys.argv[2]))
    print(json.dumps({"visits": rows, "seconds": time.monotonic() - began}))
