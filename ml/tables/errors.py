"""Exceptions of the package; every message says what, where, what is allowed, what to do."""

from collections.abc import Iterable


class MLError(ValueError):
    """Base of every error this package raises about its input."""


class MissingColumnError(MLError):
    """A table lacks columns that the function needs."""

    def __init__(self, table: str, missing: Iterable[str], present: Iterable[str]):
        super().__init__(
            f"table '{table}' lacks columns {sorted(missing)}; "
            f"it has {sorted(present)}. Add them to the query that makes '{table}'."
        )


class ColumnTypeError(MLError):
    """A column has a type that the function cannot read."""

    def __init__(self, column: str, found: object, allowed: str):
        super().__init__(
            f"column '{column}' has type {found}, but {allowed} is needed here. "
            "Cast it in the query, or use another kind of criterion."
        )


class UnknownCodeError(MLError):
    """A code is used that nothing defines."""

    def __init__(self, what: str, value: object, where: str, allowed: Iterable[str]):
        super().__init__(
            f"unknown {what} {value!r} in {where}; known are {sorted(allowed)}. "
            "Correct the code or define it in data/reference/."
        )


class InvalidValueError(MLError):
    """A value lies outside what is allowed."""

    def __init__(self, what: str, value: object, where: str, allowed: str):
        super().__init__(f"{what} = {value!r} in {where}; allowed: {allowed}. Correct it there.")


class DuplicateKeyError(MLError):
    """A table that must have one row per key has several."""

    def __init__(self, table: str, key: str, example: object):
        super().__init__(
            f"table '{table}' must have one row per {key}, but {example!r} occurs more than once. "
            "Remove the duplicates in the query that makes it."
        )
