"""Exceptions of `ml`; every message says what is wrong, where, what is allowed and what to do."""

from collections.abc import Iterable


class MLError(ValueError):
    """Base class of all errors about input to `ml`."""


class MissingColumnError(MLError):
    """A table lacks required columns."""

    def __init__(self, table: str, missing: Iterable[str], present: Iterable[str]):
        super().__init__(
            f"table '{table}' lacks columns {sorted(missing)}; "
            f"it has {sorted(present)}. Add them to the query that builds '{table}'."
        )


class ColumnTypeError(MLError):
    """A column has an unsupported type."""

    def __init__(self, column: str, found: object, allowed: str):
        super().__init__(
            f"column '{column}' has type {found}, but {allowed} is needed here. "
            "Cast it in the query, or use another kind of criterion."
        )


class UnknownCodeError(MLError):
    """A code is used but not defined."""

    def __init__(self, what: str, value: object, where: str, allowed: Iterable[str]):
        super().__init__(
            f"unknown {what} {value!r} in {where}; known: {sorted(allowed)}. "
            "Correct the code or define it in data/reference/."
        )


class InvalidValueError(MLError):
    """A value is not allowed."""

    def __init__(self, what: str, value: object, where: str, allowed: str):
        super().__init__(f"{what} = {value!r} in {where}; allowed: {allowed}. Correct it there.")


class DuplicateKeyError(MLError):
    """A key occurs in more than one row."""

    def __init__(self, table: str, key: str, example: object):
        super().__init__(
            f"table '{table}' must have one row per {key}, but {example!r} occurs more than once. "
            "Remove the duplicates in the query that builds it."
        )
