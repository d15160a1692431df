"""The one exception that means: a person can mend this, here is how."""

import errno

from documents.problems import cut

_ADVICE = {
    errno.ENOSPC: ("the disk is full", "free some space and run the same command again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run the same command again"),
    errno.EACCES: ("permission is denied", "give yourself the right to write there, or name another place"),
    errno.EPERM: ("the operation is not permitted", "give yourself the right to write there, or name another place"),
    errno.EROFS: ("the file system is read-only", "name another place by TWINLAB_DUCKDB, or work in a writable copy"),
}
_LINES_AT_MOST = 24
_WIDTH_AT_MOST = 400


class UserError(Exception):
    """A mistake or a hindrance outside the program: one screen of text, without a traceback.

    Parameters
    ----------
    problem : str
        What is wrong: names the value and where it stands.
    *details : str
        Further lines: what is allowed, what to do.
    """

    def __init__(self, problem: str, *details: str) -> None:
        super().__init__("\n".join((problem, *details)))
        self.problem = problem
        self.details = details

    def render(self) -> str:
        """Return the message as it is printed: at most one screen.

        Returns
        -------
        str
            Lines of text, the first one beginning with ``error:``.
        """
        lines = [f"error: {self.problem}", *(f"  {line}" for text in self.details for line in text.splitlines())]
        return "\n".join(_shorten(line, _WIDTH_AT_MOST) for line in cut(lines, _LINES_AT_MOST))


def from_os_error(error: OSError) -> UserError | None:
    """Translate a full disk or a missing permission.

    Parameters
    ----------
    error : OSError
        What the operating system said.

    Returns
    -------
    UserError or None
        None for anything that is no matter of space or rights: that is a fault of the program and keeps its traceback.
    """
    if error.errno not in _ADVICE:
        return None
    problem, advice = _ADVICE[error.errno]
    place = f"{error.filename}: " if error.filename else ""
    return UserError(f"{place}{problem}.", advice[0].upper() + advice[1:] + ".")


def _shorten(line: str, at_most: int) -> str:
    return line if len(line) <= at_most else line[: at_most - 1] + "…"
