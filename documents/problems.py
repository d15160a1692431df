"""Problems found in a document. Standard library only: `twinlab.errors` is imported before anything is installed."""

from collections.abc import Sequence
from dataclasses import dataclass

_MAX_SHOWN = 12


@dataclass(frozen=True)
class Problem:
    """One problem in one file.

    Parameters
    ----------
    file : str
        Name or path of the file.
    place : str
        Path in the document, such as ``rules[3] (free_coffee).default.mean``, or line and column.
    message : str
        The value found and what is allowed.
    """

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.file}: {self.place}: {self.message}"


class DocumentError(ValueError):
    """A document that cannot be used.

    Parameters
    ----------
    problems : sequence of Problem
        All problems found.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.lines = message_lines(self.problems)
        super().__init__("\n".join(self.lines))


def message_lines(problems: Sequence[Problem]) -> list[str]:
    """Return one line per problem, truncated to half a screen."""
    return cut([str(problem) for problem in problems], _MAX_SHOWN)


def cut(lines: Sequence[str], max_lines: int) -> list[str]:
    """Return all lines if they fit; else the first ones, and a last line with the number of those omitted."""
    if len(lines) <= max_lines:
        return list(lines)
    omitted = len(lines) - max_lines + 1
    return [*lines[: max_lines - 1], f"  … and {omitted} more"]
