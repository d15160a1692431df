"""``make bench``: what a build costs, beside the least that drawing and storing so many numbers can cost."""

import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.parameters import Parameters

_PACKAGES = ("dbt-core", "duckdb", "numpy", "pyarrow", "scikit-learn")
_KIB, _MIB = 1024, 1024**2


@dataclass(frozen=True)
class Measure:
    """One program, run once in a process of its own.

    Parameters
    ----------
    name : str
        What it does.
    seconds : float
        From start to end, with the interpreter's own start.
    peak_mib : float
        Largest resident memory.
    file_mib : float
        The DuckDB file it left.
    rows : int
        Rows of ``fct_transactions``, or of the floor's table.
    """

    name: str
    seconds: float
    peak_mib: float
    file_mib: float
    rows: int


def bench(layout: Layout, *, is_full: bool) -> str:
    """Measure, and write the table to data/bench/.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    is_full : bool
        Also 100,000 clients over 12 months.

    Returns
    -------
    str
        A markdown table and the machine.
    """
    folder = layout.data / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [Parameters(), Parameters(clients=100_000)] if is_full else [Parameters()]
    pairs = [_pair(layout, folder, parameters) for parameters in sizes]
    text = table(pairs, machine())
    (folder / f"{date.today().isoformat()}.md").write_text(text + "\n", encoding="utf-8")
    return text


def table(pairs: list[tuple[Measure, Measure]], described: str) -> str:
    """Return the measures as markdown, each build beside its floor.

    Parameters
    ----------
    pairs : list of (Measure, Measure)
        Floor and build of the same number of visits.
    described : str
        The machine.

    Returns
    -------
    str
    """
    lines = [
        described,
        "",
        "| what | visits | seconds | × floor | peak MiB | × floor | file MiB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for floor, build in pairs:
        for measure in (floor, build):
            slower, larger = measure.seconds / floor.seconds, measure.peak_mib / floor.peak_mib
            lines.append(
                f"| {measure.name} | {measure.rows:,} | {measure.seconds:.1f} | {slower:.1f} "
                f"| {measure.peak_mib:,.0f} | {larger:.1f} | {measure.file_mib:,.0f} |"
            )
    return "\n".join(lines)


def machine() -> str:
    """Return what the figures depend on: cores, memory, versions.

    Returns
    -------
    str
        One line.
    """
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{date.today().isoformat()}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory_gib:.0f} GiB; Python {platform.python_version()}, {versions}"
    )


def _pair(layout: Layout, folder: Path, parameters: Parameters) -> tuple[Measure, Measure]:
    name = f"{parameters.clients:,} clients × {parameters.months} months"
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        built, drawn = scratch / "twinlab.duckdb", scratch / "floor.duckdb"
        print(f"dbt build, {name} …", flush=True)
        options = ["--clients", str(parameters.clients), "--months", str(parameters.months)]
        build = _measure(layout, "twinlab.bench_build", [*options, str(built), str(scratch / "target")], scratch)
        rows, columns = _size(built, "marts.fct_transactions")
        print(f"floor, {rows:,} rows …", flush=True)
        floor = _measure(layout, "twinlab.bench_floor", [str(rows), str(columns), str(drawn)], scratch)
        return (
            Measure(f"floor: {columns} random columns → Arrow → DuckDB", *floor, _mib(drawn), rows),
            Measure(f"dbt build, {name}", *build, _mib(built), rows),
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _measure(layout: Layout, module: str, arguments: list[str], scratch: Path) -> tuple[float, float]:
    """Run a module in a fresh process; return its seconds and its peak memory in MiB."""
    log = scratch / f"{module}.log"
    began = time.monotonic()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", module, *arguments],
        _environ(layout),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    # wait4 tells the memory of this child and of the children it waited for, not of earlier ones.
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise UserError(f"{module} failed.", *log.read_text(encoding="utf-8").splitlines()[-12:])
    # Linux counts in KiB, macOS in bytes.
    peak = usage.ru_maxrss * (_KIB if sys.platform != "darwin" else 1) / _MIB
    return time.monotonic() - began, peak


def _environ(layout: Layout) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(layout.root), "PYTHONUNBUFFERED": "1"}


def _size(path: Path, name: str) -> tuple[int, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        relation = connection.sql(f"from {name}")
        return relation.count("*").fetchone()[0], len(relation.columns)


def _mib(path: Path) -> float:
    return path.stat().st_size / _MIB
