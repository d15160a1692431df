"""Load the JSON files that people edit, with checks of syntax, schema and references between files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from documents.problems import DocumentError, Problem, message_lines
from documents.schema import load_document
from twinlab.errors import UserError
from twinlab.reference.cross_checks import cross_problems

FILES = ("portraits", "feature_hypotheses", "behavior_rules", "twin", "calibration")


class InvalidReferenceError(UserError):
    """Mistakes in the JSON files.

    Parameters
    ----------
    problems : sequence of Problem
        All problems found.
    *advice : str
        Further lines: what to do.
    """

    def __init__(self, problems: Sequence[Problem], *advice: str) -> None:
        self.problems = problems
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__(f"{count} in the reference JSON.", *message_lines(problems), *advice)


def load_reference(folder: Path, schemas: Path) -> dict[str, Any]:
    """Read and check the files.

    Parameters
    ----------
    folder : Path
        Folder with ``portraits.json``, ``feature_hypotheses.json``, ``behavior_rules.json``, ``twin.json`` and
        ``calibration.json``.
    schemas : Path
        Folder with a ``<name>.schema.json`` for each.

    Returns
    -------
    dict
        Content by file name without extension.

    Raises
    ------
    InvalidReferenceError
        With every problem of syntax and schema; if there are none, with those of the cross-checks.
    """
    problems: list[Problem] = []
    content: dict[str, Any] = {}
    for name in FILES:
        try:
            content[name] = load_document(folder / f"{name}.json", schemas / f"{name}.schema.json")
        except DocumentError as error:
            problems += error.problems
    if problems:
        raise InvalidReferenceError(problems, "Correct the files; their schemas are in data/reference/schemas.")
    problems = list(cross_problems(content))
    if problems:
        raise InvalidReferenceError(problems)
    return content
