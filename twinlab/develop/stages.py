"""Run programs one after another or side by side; a closing table says how long each took and how it ended."""

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twinlab.errors import UserError
from twinlab.tools.system import end_group, own_group, program

_POLL_S = 0.05


@dataclass(frozen=True)
class Stage:
    """A program to run.

    Parameters
    ----------
    name : str
        Shown with its output and in the closing table.
    command : tuple of str
        The program and its arguments.
    folder : Path
        Its working directory.
    is_costly : bool, optional
        Whether it is left out when a stage before it has failed.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    is_costly: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a stage ended; `status` is None when it was left out."""

    name: str
    status: int | None = None
    seconds: float = 0.0

    def line(self) -> str:
        """Return its line of the closing table."""
        if self.status is None:
            return f"  {self.name:<24} {'':>9}  not started"
        result = f"FAILED with status {self.status}" if self.status else "passed"
        return f"  {self.name:<24} {self.seconds:>7.1f} s  {result}"


def run_stages(groups: Sequence[Sequence[Stage]], environ: Mapping[str, str]) -> int:
    """Run stages and print the closing table. A failure stops only the costly stages after it.

    Parameters
    ----------
    groups : sequence of sequence of Stage
        The stages of a group run side by side, the groups one after another.
    environ : mapping
        Variables of the programs.

    Returns
    -------
    int
        Exit status of the first stage that failed, otherwise 0.

    Raises
    ------
    UserError
        When a program is missing.
    """
    outcomes: list[Outcome] = []
    for group in groups:
        has_failed = any(outcome.status for outcome in outcomes)
        left_out = [stage for stage in group if stage.is_costly and has_failed]
        outcomes += _run_group([stage for stage in group if stage not in left_out], environ)
        outcomes += [Outcome(stage.name) for stage in left_out]
    print("", *(outcome.line() for outcome in outcomes), sep="\n", flush=True)
    return next((outcome.status for outcome in outcomes if outcome.status), 0)


def _run_group(stages: Sequence[Stage], environ: Mapping[str, str]) -> list[Outcome]:
    """Run stages side by side: the output of one alone is shown at once, otherwise when it ends."""
    is_alone = len(stages) == 1
    outcomes = {}
    with ExitStack() as stack:
        running = {}
        started_at = time.monotonic()
        for stage in stages:
            output = None
            if is_alone:
                _print_heading(stage)
            else:
                output = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
            child = _start(stage, environ, output)
            # After an interrupt too.
            stack.callback(end_group, child)
            running[stage] = child, output
        while running:
            time.sleep(_POLL_S)
            for stage, (child, output) in list(running.items()):
                if child.poll() is None:
                    continue
                del running[stage]
                outcomes[stage] = Outcome(stage.name, child.returncode, time.monotonic() - started_at)
                if output:
                    output.seek(0)
                    _print_heading(stage)
                    print(output.read(), end="", flush=True)
    return [outcomes[stage] for stage in stages]


def _print_heading(stage: Stage) -> None:
    print(f"\n--- {stage.name}", flush=True)


def _start(stage: Stage, environ: Mapping[str, str], output: IO[str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [program(stage.command[0]), *stage.command[1:]],
            cwd=stage.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            **own_group(),
        )
    except FileNotFoundError as error:
        raise UserError(f"{stage.command[0]} is missing.", "Run `make setup-dev`: it says how to get it.") from error
