"""The exception for errors that the user can fix."""

import errno

from documents.problems import cut

_ADVICE = {
    errno.ENOSPC: ("the disk is full", "free some space and run the same command again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run the same command again"),
    errno.EACCES: ("permission is denied", "grant yourself write access there, or choose another location"),
    errno.EPERM: ("the operation is not permitted", "grant yourself write access there, or choose another location"),
    errno.EROFS: ("the file system is read-only", "set TWINLAB_DUCKDB to another location, or work in a writable copy"),
}
_MAX_LINES = 24
_MAX_WIDTH = 400


class UserError(Exception):
    """An error in the input or the environment, printed on one screen without a traceback.

    Parameters
    ----------
    problem : str
        What is wrong, with the value and its place.
    *details : str
        Further lines: what is allowed, what to do.
    """

    def __init__(self, problem: str, *details: str) -> None:
        super().__init__("\n".join((problem, *details)))
        self.problem = problem
        self.details = details

    def render(self) -> str:
        """Return the printed message: at most one screen of lines, the first of which begins with ``error:``."""
        lines = [f"error: {self.problem}", *(f"  {line}" for text in self.details for line in text.splitlines())]
        return "\n".join(_shorten(line, _MAX_WIDTH) for line in cut(lines, _MAX_LINES))


def from_os_error(error: OSError) -> UserError | None:
    """Translate an error of disk space or permissions.

    Returns
    -------
    UserError or None
        None for any other error: it is a bug and keeps its traceback.
    """
    if error.errno not in _ADVICE:
        return None
    problem, advice = _ADVICE[error.errno]
    place = f"{error.filename}: " if error.filename else ""
    return UserError(f"{place}{problem}.", advice[0].upper() + advice[1:] + ".")


def _shorten(line: str, max_length: int) -> str:
    return line if len(line) <= max_length else line[: max_length - 1] + "…"
