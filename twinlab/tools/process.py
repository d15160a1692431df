"""Subprocesses: started from an argument list, with a time limit, and never left running."""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from twinlab.errors import UserError
from twinlab.tools.system import end_group, own_group, program

_MINUTES = 60.0


def stream(
    arguments: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    on_line: Callable[[str], None],
) -> int:
    """Run a program and pass on its output line by line.

    Parameters
    ----------
    arguments : sequence of str
        The program and its arguments.
    cwd : Path
        Working directory.
    environ : mapping
        Variables added to those of this process.
    on_line : callable
        Called with each line of its output and errors, without the line end.

    Returns
    -------
    int
        Exit status.

    Raises
    ------
    UserError
        When the program is missing, or takes longer than ``TWINLAB_TIMEOUT_MINUTES`` (60 by default): then it and its
        children are stopped. Also when the variable is not a positive number.
    """
    timeout_s = _timeout_s()
    try:
        child = subprocess.Popen(
            [program(arguments[0]), *arguments[1:]],
            cwd=cwd,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            # npm's children end with it.
            **own_group(),
        )
    except FileNotFoundError as error:
        raise UserError(f"{arguments[0]} is missing.", "Run `make setup`: it says how to get it.") from error
    timed_out = threading.Event()

    def time_out() -> None:
        timed_out.set()
        end_group(child)

    timer = threading.Timer(timeout_s, time_out)
    timer.start()
    try:
        for line in child.stdout or ():
            on_line(line.rstrip())
        status = child.wait()
    finally:
        timer.cancel()
        # Also after an interrupt or an error in on_line.
        end_group(child)
    if timed_out.is_set():
        raise UserError(
            f"{' '.join(arguments[:3])} did not end within {timeout_s / 60:.0f} minutes and was stopped.",
            "If the machine is slow or the data are large, raise TWINLAB_TIMEOUT_MINUTES and run again.",
        )
    return status


def _timeout_s() -> float:
    typed = os.environ.get("TWINLAB_TIMEOUT_MINUTES", "")
    try:
        minutes = float(typed) if typed else _MINUTES
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < 1e6:
        raise UserError(f"TWINLAB_TIMEOUT_MINUTES={typed} is not valid.", "Allowed: a number above 0 (default 60).")
    return minutes * 60
