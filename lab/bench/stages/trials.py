"""Trials of features in a process of its own, for `lab.bench.run`: ``inputs clients more file``.

The steps of the DAG from the client profiles to the results, without dbt: arms, both potential outcomes of every
client, the observed one (the SQL of the models, rendered), the analysis. The profiles are those of a build, repeated
with new client ids up to the number of clients; outcomes are drawn for each of them.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from generator import blocks
from generator.config import Run
from generator.streams import BLOCK_CLIENTS
from lab.bench.stages.portraits import repeat_clients
from lab.bench.stages.raw import SETTINGS, run_of
from ml.tables.features import read_features
from ml.trials import analysis
from ml.trials.assignment import assign_arms
from twinlab.layout import Layout

INPUTS = {
    "client_profiles": "portraits.client_profiles",
    "features": "staging.stg_reference__features",
    "rules": "intermediate.int_rules",
    "int_run": "intermediate.int_run",
    "pilot_outcomes": "experiments.pilot_outcomes",
}
"""Inputs of trials, and the models of a build that have them."""

STEPS = ("arms", "outcomes", "reveal", "analysis")


def with_more(table: pa.Table, more: int) -> pa.Table:
    """Add copies of the first features by code, under new codes: no two trials are the same.

    Parameters
    ----------
    table : pyarrow.Table
        Features, or their rules: feature_code and the rest.
    more : int
        Number of copies, at most that of the features.
    """
    place = table.schema.get_field_index("feature_code")
    first = sorted(table["feature_code"].unique().to_pylist())[:more]
    copied = table.filter(pc.is_in(table["feature_code"], pa.array(first, pa.string())))
    codes = pa.array([f"{code}_again" for code in copied["feature_code"].to_pylist()], pa.string())
    return pa.concat_tables([table, copied.set_column(place, "feature_code", codes)])


def model_sql(layout: Layout, name: str) -> str:
    """Render a SQL model of models/experiments with every model it reads under its own name."""
    text = next((layout.root / "models" / "experiments").glob(f"*/{name}.sql")).read_text(encoding="utf-8")
    return jinja2.Template(text).render(ref=lambda model: model, config=lambda **_: "")


def try_features(layout: Layout, run: Run, tables: dict[str, pa.Table], path: Path) -> dict[str, Any]:
    """Run all trials and store the same tables as the DAG.

    Parameters
    ----------
    layout : Layout
    run : generator.config.Run
        The run whose clients take part.
    tables : dict of str to pyarrow.Table
        By the names of `INPUTS`; a profile for each client.
    path : Path
        The DuckDB file to write; must not exist.

    Returns
    -------
    dict
        features; rows: clients × features; seconds of all; steps: seconds by name; results: the table of features.
    """
    settings = read_features(tables["features"])
    feature_rows, rules = tables["features"].to_pylist(), tables["rules"].to_pylist()
    weeks = feature_rows[0]["horizon_weeks"]
    marks = [time.monotonic()]
    with duckdb.connect(str(path)) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"set {name} = '{value}'")

        def store(name: str, drawn: pa.Table | pa.RecordBatchReader) -> None:
            connection.register("drawn", drawn)
            connection.execute(f"create table {name} as select * from drawn")
            connection.unregister("drawn")

        for name in ("client_profiles", "int_run", "pilot_outcomes"):
            store(name, tables[name])
        store("experiment_arms", assign_arms(tables.pop("client_profiles"), settings, seed=run.seed))
        marks.append(time.monotonic())
        store("truth_potential_outcomes", blocks.potential_outcomes(run, feature_rows, rules, weeks))
        marks.append(time.monotonic())
        connection.execute(f"create table raw_experiment_outcomes as {model_sql(layout, 'raw_experiment_outcomes')}")
        connection.execute(f"create view experiment_outcomes as {model_sql(layout, 'experiment_outcomes')}")
        marks.append(time.monotonic())
        outcomes = connection.sql("from experiment_outcomes").to_arrow_table()
        by_feature, _ = analysis.analyse(outcomes, settings, horizon_weeks=weeks)
        marks.append(time.monotonic())
    steps = {name: end - start for name, start, end in zip(STEPS, marks[:-1], marks[1:], strict=True)}
    sizes = {"features": len(settings), "rows": run.clients * len(settings)}
    return sizes | {"seconds": marks[-1] - marks[0], "steps": steps, "results": by_feature}


def read_inputs(folder: Path, clients: int, more: int) -> dict[str, pa.Table]:
    """Read the inputs of trials: profiles of `clients` clients, and `more` additional features.

    Parameters
    ----------
    folder : Path
        Where `lab.bench.run` keeps the models of a build.
    clients, more : int

    Returns
    -------
    dict of str to pyarrow.Table
        By the names of `INPUTS`.
    """
    given = {name: pq.read_table(folder / f"{model}.parquet") for name, model in INPUTS.items()}
    given["client_profiles"] = repeat_clients(given["client_profiles"].sort_by("client_id"), clients)
    return given | {name: with_more(given[name], more) for name in ("features", "rules")}


def outcome_bytes(layout: Layout, folder: Path) -> float:
    """Return the mean width of the outcomes of a client and feature in the tables of the generator.

    Parameters
    ----------
    layout : Layout
    folder : Path
        See `read_inputs`.

    Returns
    -------
    float
        Bytes of Arrow a row.
    """
    given = read_inputs(folder, 1, 0)
    features, rules = given["features"].to_pylist(), given["rules"].to_pylist()
    run = run_of(layout, BLOCK_CLIENTS)
    drawn = blocks.potential_outcomes(run, features, rules, features[0]["horizon_weeks"]).read_all()
    return drawn.nbytes / drawn.num_rows


if __name__ == "__main__":
    folder, clients, more, file = sys.argv[1:]
    here = Layout.here()
    given = read_inputs(Path(folder), int(clients), int(more))
    said = try_features(here, run_of(here, int(clients)), given, Path(file))
    print(json.dumps({name: value for name, value in said.items() if name != "results"}))
