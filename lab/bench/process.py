"""Programs measured one at a time, each in a fresh process."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twinlab.errors import UserError
from twinlab.layout import Layout

_KIB, _MIB = 1024, 1024**2


@dataclass(frozen=True)
class Measure:
    """One program, run once.

    Parameters
    ----------
    name : str
        What it does.
    rows : int
        Visits it stored, or rows of the floor's table.
    seconds : float
        From start to end, with the interpreter's own start and imports.
    peak_mib : float
        Largest resident memory.
    file_mib : float
        The DuckDB file it left.
    work_seconds : float or None
        The same without start and imports, as the program itself measures it.
    """

    name: str
    rows: int
    seconds: float
    peak_mib: float
    file_mib: float
    work_seconds: float | None = None


@dataclass(frozen=True)
class Usage:
    """Time and memory of a process, and the last line it printed.

    Parameters
    ----------
    seconds, peak_mib : float
        As in `Measure`.
    cpu_seconds : float
        Of all cores, user and system: other programs affect it less than the wall time.
    said : str
        Empty when it printed nothing.
    """

    seconds: float
    peak_mib: float
    cpu_seconds: float
    said: str


def run_alone(layout: Layout, module: str, arguments: Sequence[str], scratch: Path) -> Usage:
    """Run a module to its end in a fresh process.

    Parameters
    ----------
    layout : Layout
    module : str
        Its dotted name.
    arguments : sequence of str
        Its command line.
    scratch : Path
        Folder for its log.

    Returns
    -------
    Usage

    Raises
    ------
    UserError
        When it failed, with the last lines it printed.
    """
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
    # wait4 gives the memory of this child and of the children it waited for, not of earlier ones.
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - began
    lines = log.read_text(encoding="utf-8").splitlines()
    if os.waitstatus_to_exitcode(status) != 0:
        raise UserError(f"{module} failed.", *lines[-12:])
    # Linux counts in KiB, macOS in bytes.
    peak = usage.ru_maxrss * (_KIB if sys.platform != "darwin" else 1) / _MIB
    return Usage(seconds, peak, usage.ru_utime + usage.ru_stime, lines[-1] if lines else "")


def file_mib(path: Path) -> float:
    """Return the size of a file, MiB."""
    return path.stat().st_size / _MIB


def _environ(layout: Layout) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(layout.root), "PYTHONUNBUFFERED": "1"}
