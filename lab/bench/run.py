"""``make bench``: the cost of a build, and a floor: drawing and storing as many numbers."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from generator.streams import BLOCK_CLIENTS
from lab.bench.process import Measure, Usage, file_mib, run_alone
from lab.bench.stages.raw import run_of, visit_bytes
from lab.bench.stages.trials import INPUTS, outcome_bytes
from lab.bench.tables import (
    PortraitCost,
    RawCost,
    SiteCost,
    TrialCost,
    build_table,
    portrait_table,
    raw_table,
    site_table,
    trial_table,
)
from lab.bench.targets import LARGEST, SMALLEST, raw_sizes, target_table, trial_targets
from lab.report import machine
from twinlab.layout import Layout
from twinlab.parameters import Parameters

METRICS, CRITERIA = "marts.fct_client_metrics", "staging.stg_reference__criteria"
SCORE_COLUMNS = 4
"""Columns of the scores, and of their floor."""

_SHORT_RUNS = 3
"""Runs of the smallest size, of which the median counts: a tenth of a second is a tenth of its time."""


def bench(layout: Layout, *, is_full: bool) -> str:
    """Measure, and write the tables to data/bench/.

    Parameters
    ----------
    layout : Layout
    is_full : bool
        Also builds of 100,000 clients, and raw tables up to a million clients.

    Returns
    -------
    str
        The machine and markdown tables.
    """
    folder = layout.data / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [Parameters(), Parameters(clients=100_000)] if is_full else [Parameters()]
    builds = [_build(layout, folder, parameters) for parameters in sizes]
    portraits = [_portrait_cost(layout, folder, clients) for clients in ([100_000, LARGEST] if is_full else [SMALLEST])]
    trials = _trial_costs(layout, folder, LARGEST if is_full else SMALLEST)
    raws = [_raw_cost(layout, folder, SMALLEST)]
    if is_full:
        raws += [_raw_cost(layout, folder, clients) for clients in raw_sizes(raws[0].raw.rows / SMALLEST)[1:]]
    tables = (
        build_table([(floor, measure) for floor, measure, _ in builds]),
        site_table([site for *_, site in builds]),
        portrait_table(portraits),
        trial_table(trials),
        raw_table(raws),
    )
    text = "\n\n".join((machine(), *tables, target_table(raws, portraits), trial_targets(*trials)))
    (folder / f"{date.today().isoformat()}.md").write_text(text + "\n", encoding="utf-8")
    return text


def _build(layout: Layout, folder: Path, parameters: Parameters) -> tuple[Measure, Measure, SiteCost]:
    name = f"dbt build, {parameters.clients:,} clients × {parameters.months} months"
    with _scratch(folder) as scratch:
        built = scratch / "twinlab.duckdb"
        print(f"{name} …", flush=True)
        options = ["--clients", str(parameters.clients), "--months", str(parameters.months)]
        build = run_alone(layout, "lab.bench.stages.build", [*options, str(built), str(scratch / "target")], scratch)
        _keep_inputs(built, folder)
        rows, columns = _size(built, "marts.fct_transactions")
        floor = _floor(layout, scratch, rows, columns, runs=1)
        measure = Measure(name, rows, build.seconds, build.peak_mib, file_mib(built))
        return floor, measure, _site_cost(layout, scratch, built, f"report site, {parameters.clients:,} clients")


def _site_cost(layout: Layout, scratch: Path, built: Path, name: str) -> SiteCost:
    print(f"{name} …", flush=True)
    root = scratch / "site"
    usage = run_alone(layout, "lab.bench.stages.site", [str(built), str(root)], scratch)
    page = run_alone(layout, "lab.bench.stages.site", [str(Layout(root, built, root).site)], scratch)
    said = json.loads(usage.said) | json.loads(page.said)
    return SiteCost(name, said["seconds"], usage.peak_mib, said["size_mib"], said["first_page_seconds"])


def _keep_inputs(built: Path, folder: Path) -> None:
    """Keep the inputs of portraits and trials, from the largest build so far."""
    with duckdb.connect(str(built), read_only=True) as connection:
        for name in (METRICS, CRITERIA, *INPUTS.values()):
            connection.sql(f"from {name}").write_parquet(str(folder / f"{name}.parquet"))


def _portrait_cost(layout: Layout, folder: Path, clients: int) -> PortraitCost:
    name = f"portraits of {clients:,} clients"
    with _scratch(folder) as scratch:
        print(f"{name} …", flush=True)
        stored = scratch / "scores.duckdb"
        inputs = [str(folder / f"{table}.parquet") for table in (METRICS, CRITERIA)]
        usage = run_alone(layout, "lab.bench.stages.portraits", [*inputs, str(clients), str(stored)], scratch)
        said = json.loads(usage.said)
        measure = Measure(name, said["rows"], usage.seconds, usage.peak_mib, file_mib(stored), said["seconds"])
        floor = _floor(layout, scratch, measure.rows, SCORE_COLUMNS, runs=1)
        return PortraitCost(clients, floor, measure, said["fit_seconds"], said["assign_seconds"])


def _trial_costs(layout: Layout, folder: Path, clients: int) -> list[TrialCost]:
    """Measure the trials of all features, and of one more."""
    with _scratch(folder) as scratch:
        stored = scratch / "trials.duckdb"
        usages = []
        for more in (0, 1):
            print(f"trials of {clients:,} clients, {more} more features …", flush=True)
            arguments = [str(folder), str(clients), str(more)]
            usages.append(_median(layout, "lab.bench.stages.trials", arguments, stored, scratch, runs=1))
            size = file_mib(stored)
            stored.unlink()
        said = [json.loads(usage.said) for usage in usages]
        columns = round(outcome_bytes(layout, folder) / 8)
        floor = _floor(layout, scratch, said[0]["rows"], columns, runs=1)
        costs = []
        for usage, each in zip(usages, said, strict=True):
            name = f"trials of {each['features']} features, {clients:,} clients"
            measure = Measure(name, each["rows"], usage.seconds, usage.peak_mib, size, each["seconds"])
            costs.append(TrialCost(clients, each["features"], floor, measure, each["steps"], usage.cpu_seconds))
        return costs


def _raw_cost(layout: Layout, folder: Path, clients: int) -> RawCost:
    name = f"raw tables, {clients:,} clients × {Parameters().months} months"
    runs = _SHORT_RUNS if clients <= SMALLEST else 1
    with _scratch(folder) as scratch:
        print(f"{name} …", flush=True)
        stored = scratch / "raw.duckdb"
        usage = _median(layout, "lab.bench.stages.raw", [str(clients)], stored, scratch, runs)
        said = json.loads(usage.said)
        measure = Measure(name, said["visits"], usage.seconds, usage.peak_mib, file_mib(stored), said["seconds"])
        # The disk may be too small for both files of the largest size.
        stored.unlink()
        columns = round(visit_bytes(run_of(layout, BLOCK_CLIENTS)) / 8)
        return RawCost(clients, _floor(layout, scratch, measure.rows, columns, runs), measure)


def _floor(layout: Layout, scratch: Path, rows: int, columns: int, runs: int) -> Measure:
    print(f"floor, {rows:,} rows …", flush=True)
    drawn = scratch / "floor.duckdb"
    usage = _median(layout, "lab.bench.stages.floor", [str(rows), str(columns)], drawn, scratch, runs)
    name = f"floor: {columns} random columns → Arrow → DuckDB"
    return Measure(name, rows, usage.seconds, usage.peak_mib, file_mib(drawn))


def _median(layout: Layout, module: str, arguments: list[str], path: Path, scratch: Path, runs: int) -> Usage:
    """Run a program that writes a file several times; return the run of median time."""
    usages = []
    for _ in range(runs):
        path.unlink(missing_ok=True)
        usages.append(run_alone(layout, module, [*arguments, str(path)], scratch))
    return sorted(usages, key=lambda usage: usage.seconds)[runs // 2]


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _size(path: Path, name: str) -> tuple[int, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.sql(f"from {name}").shape
