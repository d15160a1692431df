"""What is wrong in a document. Standard library only: `twinlab.errors` is imported before anything is installed."""

from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN_AT_MOST = 12


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one file.

    Parameters
    ----------
    file : str
        Name or path of the file.
    place : str
        Where in it: ``rules[3] (free_coffee).default.mean``, or line and column.
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
        All that was found.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.lines = lines_of(self.problems)
        super().__init__("\n".join(self.lines))


def lines_of(problems: Sequence[Problem]) -> list[str]:
    """Return the problems as lines, cut to half a screen."""
    return cut([str(problem) for problem in problems], _SHOWN_AT_MOST)


def cut(lines: Sequence[str], at_most: int) -> list[str]:
    """Return the first lines, and a last one that says how many are left out; all lines when they fit."""
    if len(lines) <= at_most:
        return list(lines)
    left_out = len(lines) - at_most + 1
    return [*lines[: at_most - 1], f"  … and {left_out} more"]
