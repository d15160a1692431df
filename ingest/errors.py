"""Exceptions of reading own files."""


class IngestError(ValueError):
    """Files or a mapping that cannot be read: a person can mend it, and the message says how.

    Parameters
    ----------
    problem : str
        What is wrong: names the file and the value.
    *details : str
        Further lines: what is allowed, what to do.
    """

    def __init__(self, problem: str, *details: str) -> None:
        super().__init__("\n".join((problem, *details)))
        self.problem = problem
        self.details = details
