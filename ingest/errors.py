"""Exceptions raised while reading own data."""


class IngestError(ValueError):
    """A file or mapping that cannot be used; the message says how to fix it.

    Parameters
    ----------
    problem : str
        What is wrong, with file and value.
    *details : str
        Further lines: what is allowed, what to do.
    """

    def __init__(self, problem: str, *details: str) -> None:
        super().__init__("\n".join((problem, *details)))
        self.problem = problem
        self.details = details
