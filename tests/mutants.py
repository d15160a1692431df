"""Sample single-line faults and see which commands catch them: `python -m tests.mutants --help`.

A fault changes one operator, number or word of a line. The commands run in a clone of the last commit, with the
packages of this checkout, so nothing here changes; a later command is tried on what the earlier ones let pass.
"""

import argparse
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from twinlab.develop.checks import stages_of_commands
from twinlab.develop.rehearsal import link_installed
from twinlab.layout import Layout

ROOT = Path(__file__).resolve().parents[1]
AREAS = ("generator", "ingest", "ml", "models")
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*",
    "and": "or", "or": "and", "min": "max", "max": "min", "sum": "max", "left": "inner", "desc": "asc",
}  # fmt: skip
_QUOTED = r"--[^\n]*|\{#.*?#\}|'[^']*'"
_SQL = re.compile(
    rf"{_QUOTED}|(?P<token><=|>=|[<>+]|(?<=[\w)] )(?<!select )[*/]|\b(?:and|or|min|max|sum|left|desc|\d+)\b)", re.DOTALL
)


@dataclass(frozen=True)
class Fault:
    """A changed token: file, line from 1, place in the text, and what stands there before and after."""

    file: Path
    line: int
    start: int
    before: str
    after: str

    def apply(self, root: Path) -> None:
        """Write the fault into a checkout."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        assert text[self.start :].startswith(self.before), self
        path.write_text(text[: self.start] + self.after + text[self.start + len(self.before) :], encoding="utf-8")

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.before} → {self.after}"


def faults(area: str) -> Iterator[Fault]:
    """Yield all faults of a folder."""
    for path in sorted((ROOT / area).rglob("*")):
        if path.suffix in (".py", ".sql"):
            text = path.read_text(encoding="utf-8")
            for start, token in _python(text) if path.suffix == ".py" else _sql(text):
                after = str(int(token) + 1) if token.isdigit() else SWAPS.get(token)
                if after:
                    yield Fault(path.relative_to(ROOT), text.count("\n", 0, start) + 1, start, token, after)


def _python(text: str) -> Iterator[tuple[int, str]]:
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.OP, tokenize.NUMBER, tokenize.NAME) and not token.line.startswith(
            ("import", "from")
        ):
            yield lines[token.start[0] - 1] + token.start[1], token.string


def _sql(text: str) -> Iterator[tuple[int, str]]:
    for found in _SQL.finditer(text):
        if found["token"]:
            yield found.start("token"), found["token"]


def sample(count: int, seed: int) -> list[Fault]:
    """Draw as many faults of each area, at most one a file."""
    draw, chosen = random.Random(seed), []
    for area in AREAS:
        by_file: dict[Path, list[Fault]] = {}
        for fault in faults(area):
            by_file.setdefault(fault.file, []).append(fault)
        files = draw.sample(sorted(by_file), count // len(AREAS))
        chosen += [draw.choice(by_file[file]) for file in files]
    return chosen


def main() -> None:
    """Try each command on the faults that the ones before it let pass, and print what each caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=40, help="faults, as many of each of the four folders (default 40)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip", type=int, default=0, help="faults at the beginning of the sample to skip")
    parser.add_argument("commands", nargs="*", default=["check", "test", "test-full"])
    options = parser.parse_args()
    caught = dict.fromkeys(options.commands, 0)
    chosen = sample(options.count, options.seed)[options.skip :]
    for fault in chosen:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "project"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
            link_installed(ROOT, copy)
            fault.apply(copy)
            name, seconds = _first_that_fails(copy, options.commands, fault)
        if name:
            caught[name] += 1
        print(f"{name or 'nobody':<10} {seconds:>5.0f} s  {fault}", flush=True)
    print(f"\n{len(chosen)} faults; caught by", ", ".join(f"{name}: {count}" for name, count in caught.items()))


def _first_that_fails(copy: Path, commands: list[str], fault: Fault) -> tuple[str | None, float]:
    """Run the stages of each command that those before it had not, and stop at the first failed test."""
    started, passed = time.monotonic(), set()
    # The tests of its own room find most faults in seconds; all commands run them.
    near = copy / "tests" / "unit" / fault.file.parent
    if near.is_dir() and _fails([sys.executable, "-m", "pytest", "-m", "not statistical", str(near)], copy):
        return commands[0], time.monotonic() - started
    stages_of = stages_of_commands(Layout(copy, copy / "data" / "twinlab.duckdb", copy / "data" / "reference"))
    for command in commands:
        for stage in (stage for group in stages_of[command] for stage in group):
            if stage.name in passed:
                continue
            # The other tests of `make test-full` have passed in the stages of `make test`.
            rest = ("-m", "slow or statistical") if stage.name == "all tests" and "other tests" in passed else ()
            if _fails([*stage.command, *rest], stage.folder):
                return command, time.monotonic() - started
            passed.add(stage.name)
    return None, time.monotonic() - started


def _fails(command: list[str], folder: Path) -> bool:
    environ = os.environ | {"PYTEST_ADDOPTS": "-x"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True).returncode != 0


if __name__ == "__main__":
    main()
