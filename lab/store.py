"""Figures of ``make evaluate`` in CSV files, kept while nothing they depend on changes."""

import csv
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.closure import import_closure
from lab.plan import Setting
from twinlab.layout import Layout

_GRADING = "lab/grades.py"
_MODELS = ("models", "dbt_project")
_REQUIREMENTS = "requirements.txt"
_NO_INPUT = {"__pycache__", "target", "logs", ".user.yml"}


def input_files(layout: Layout) -> dict[str, Path]:
    """Return the files that figures depend on, by name.

    These are the dbt project and the grades, with every module that their Python imports, the reference and the
    versions of the installed packages. Plan and summary of an evaluation, and the benchmarks, are not among them.
    """
    files = {_REQUIREMENTS: layout.root / _REQUIREMENTS}
    # The reference may lie outside the checkout.
    for folder in (*(layout.root / name for name in _MODELS), layout.reference):
        names = {path: path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        files |= {f"{folder.name}/{name}": path for path, name in names.items() if not _NO_INPUT & set(name.parts)}
    python = [path for path in files.values() if path.suffix == ".py" and path.is_relative_to(layout.root)]
    modules = import_closure(layout.root, [layout.root / _GRADING, *python])
    return files | {path.relative_to(layout.root).as_posix(): path for path in modules}


def inputs_digest(layout: Layout) -> str:
    """Return a digest of `input_files`, 12 hexadecimal digits."""
    files = sorted(input_files(layout).items())
    lines = [f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n" for name, path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


class Results:
    """The rows of one CSV file, a few of them for each setting.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    inputs : str
        Their digest; rows of other inputs are dropped.
    """

    def __init__(self, path: Path, inputs: str) -> None:
        self._path = path
        self._inputs = inputs
        self.rows: list[dict[str, str]] = []
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                self.rows = [row for row in csv.DictReader(file) if row.get("inputs") == inputs]

    def of(self, setting: Setting) -> list[dict[str, str]]:
        """Return the rows of a setting, texts by column; none when it is not graded yet."""
        key = self._key(setting)
        return [row for row in self.rows if all(row[name] == value for name, value in key.items())]

    def add(self, setting: Setting, figures: Sequence[Mapping[str, object]]) -> None:
        """Keep the figures of a setting, and write the file in one step.

        Parameters
        ----------
        setting : Setting
        figures : sequence of dict
            At least one; all with the same columns.
        """
        key = self._key(setting)
        self.rows += [key | {name: _text(value) for name, value in row.items()} for row in figures]
        part = self._path.with_suffix(".part")
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[-1]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
        os.replace(part, self._path)

    def _key(self, setting: Setting) -> dict[str, str]:
        parameters = setting.parameters
        return {
            "inputs": self._inputs,
            "clients": str(parameters.clients),
            "months": str(parameters.months),
            "seed": str(parameters.seed),
            "separation": f"{setting.separation:g}",
        }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
