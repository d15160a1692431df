"""Results of ``make evaluate`` as CSV files: what a setting gave is kept while nothing it depends on has changed."""

import csv
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.plan import Setting
from twinlab.layout import Layout

# What a setting's figures depend on; the reference is named apart, as it may lie elsewhere.
_FOLDERS = ("generator", "ingest", "ml", "models", "dbt_project")
_FILES = ("lab/grades.py", "requirements.txt")
_BUILT = {"__pycache__", "target", "logs"}


def inputs_digest(layout: Layout) -> str:
    """Return a digest of the code and the reference that figures depend on.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    files = {name: layout.root / name for name in _FILES}
    for folder in (*(layout.root / name for name in _FOLDERS), layout.reference):
        names = {path: path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        files |= {f"{folder.name}/{name}": path for path, name in names.items() if not _BUILT & set(name.parts)}
    lines = [f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n" for name, path in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


class Results:
    """The rows of one CSV file, a few of them for each setting.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    inputs : str
        Digest of what the figures depend on: rows of another one are forgotten.
    """

    def __init__(self, path: Path, inputs: str) -> None:
        self._path = path
        self._inputs = inputs
        self.rows: list[dict[str, str]] = []
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                self.rows = [row for row in csv.DictReader(file) if row.get("inputs") == inputs]

    def of(self, setting: Setting) -> list[dict[str, str]]:
        """Return the rows of a setting.

        Parameters
        ----------
        setting : Setting
            The setting.

        Returns
        -------
        list of dict
            Texts by column; empty when it is not graded yet.
        """
        key = self._key(setting)
        return [row for row in self.rows if all(row[name] == value for name, value in key.items())]

    def add(self, setting: Setting, figures: Sequence[Mapping[str, object]]) -> None:
        """Keep the figures of a setting, and write the file in one step.

        Parameters
        ----------
        setting : Setting
            The setting.
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
