"""The JSON that people edit, checked: syntax, schema, and what one file says of another."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from documents.problems import DocumentError, Problem, lines_of
from documents.schema import load_document
from twinlab.errors import UserError
from twinlab.reference.cross_checks import cross_problems

FILES = ("portraits", "feature_hypotheses", "behavior_rules", "twin", "calibration")


class InvalidReferenceError(UserError):
    """The JSON files cannot be used.

    Parameters
    ----------
    problems : sequence of Problem
        All that was found.
    *advice : str
        Further lines: what to do.
    """

    def __init__(self, problems: Sequence[Problem], *advice: str) -> None:
        self.problems = problems
        count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__(f"{count} in the reference JSON.", *lines_of(problems), *advice)


def load_reference(folder: Path, schemas: Path) -> dict[str, Any]:
    """Read and check the files.

    Parameters
    ----------
    folder : Path
        Holds ``portraits.json``, ``feature_hypotheses.json``, ``behavior_rules.json``, ``twin.json`` and
        ``calibration.json``.
    schemas : Path
        Holds a ``<name>.schema.json`` for each.

    Returns
    -------
    dict
        Content by file name without ending.

    Raises
    ------
    InvalidReferenceError
        With every problem of syntax and schema; when there is none, of the cross-checks.
    """
    problems: list[Problem] = []
    content: dict[str, Any] = {}
    for name in FILES:
        try:
            content[name] = load_document(folder / f"{name}.json", schemas / f"{name}.schema.json")
        except DocumentError as error:
            problems += error.problems
    if problems:
        raise InvalidReferenceError(problems, "Correct it there; the schemas are in the same folder, in schemas/.")
    problems = list(cross_problems(content))
    if problems:
        raise InvalidReferenceError(problems)
    return content
