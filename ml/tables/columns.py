"""Conversion of pyarrow columns to numpy arrays, with one definition of "missing"."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike

from ml.tables.errors import ColumnTypeError, DuplicateKeyError, InvalidValueError, MissingColumnError


def require(table: pa.Table, names: Iterable[str], label: str) -> None:
    """Raise `MissingColumnError` unless `table` has every column of `names`."""
    missing = set(names) - set(table.column_names)
    if missing:
        raise MissingColumnError(label, missing, table.column_names)


def require_unique(ids: np.ndarray, label: str, key: str) -> None:
    """Raise `DuplicateKeyError` if a value of `ids` occurs twice."""
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise DuplicateKeyError(label, key, values[counts > 1][0])


def require_known(index: np.ndarray, name: str, where: str) -> None:
    """Raise `InvalidValueError` if a code is missing; `index` as returned by `codes`."""
    if (index < 0).any():
        raise InvalidValueError(name, None, where, "a code in every row")


def is_text(table: pa.Table, name: str) -> bool:
    """Whether the column holds text, plain or dictionary-encoded."""
    kind = table.schema.field(name).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def numbers(table: pa.Table, name: str) -> np.ndarray:
    """Read a column as float64, shape (rows,); null, NaN and infinite values become NaN.

    Raises
    ------
    ColumnTypeError
        If the column holds text or nested values.
    """
    column = table.column(name)
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if not (is_number or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)):
        raise ColumnTypeError(name, kind, "a number or a boolean")
    column = column.cast(pa.int8()) if pa.types.is_boolean(kind) else column
    values = column.cast(pa.float64(), safe=False).combine_chunks()
    values = np.array(values.to_numpy(zero_copy_only=False), dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def check_zeros_and_ones(table: pa.Table, name: str, where: str) -> None:
    """Raise InvalidValueError if the column of table `where` holds a value other than 0, 1 or null."""
    values = numbers(table, name)
    wrong = (values != 0) & (values != 1) & ~np.isnan(values)
    if wrong.any():
        raise InvalidValueError(name, float(values[wrong][0]), where, "true or false, 1 or 0")


def booleans(table: pa.Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as (values, is_known), both bool of shape (rows,)."""
    values = numbers(table, name)
    is_known = ~np.isnan(values)
    return (np.nan_to_num(values) != 0) & is_known, is_known


def integers(table: pa.Table, name: str) -> np.ndarray:
    """Read a column without nulls as int64, shape (rows,)."""
    return np.asarray(table.column(name).cast(pa.int64()).to_numpy(), dtype=np.int64)


def codes(table: pa.Table, name: str) -> tuple[np.ndarray, list[str]]:
    """Encode a column as (index into levels, sorted levels); index -1 where missing.

    Numbers and booleans are encoded by their text form: `true`, `false`, `3`, `2.5`.
    """
    column = table.column(name)
    if pa.types.is_null(column.type):
        return np.full(len(column), -1, dtype=np.int64), []
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_finite(column), column, None)
    column = column.cast(pa.string())
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    found = encoded.dictionary.to_pylist()
    levels = sorted(found)
    rank = {level: i for i, level in enumerate(levels)}
    to_sorted = np.array([rank[level] for level in found] + [-1], dtype=np.int64)
    index = np.asarray(encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False))
    return to_sorted[index.astype(np.int64)], levels


def as_text(value: object) -> str:
    """Text form of a category value, the same whether it comes from JSON, Python or SQL."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value)


def row_of(known: np.ndarray, wanted: np.ndarray, table: str, other: str) -> np.ndarray:
    """Position of each wanted client in `known`, shape (wanted,).

    Parameters
    ----------
    known : ndarray of int
        Sorted client ids of table `other`.
    wanted : ndarray of int
        Client ids of `table`.

    Raises
    ------
    InvalidValueError
        If a client of `table` has no row in `other`.
    """
    row = np.searchsorted(known, wanted)
    missing = row == len(known)
    missing[~missing] = known[row[~missing]] != wanted[~missing]
    if missing.any():
        raise InvalidValueError("client_id", int(wanted[missing][0]), table, f"clients with a row in {other}")
    return row


def strings(values: np.ndarray, levels: list[str]) -> pa.Array:
    """Plain (not dictionary-encoded) string array from indices into `levels`."""
    index = pa.array(np.asarray(values, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(index, pa.array(levels, pa.string())).cast(pa.string())


def with_nulls(values: ArrayLike, kind: pa.DataType | None = None) -> pa.Array:
    """Float array with NaN and infinite values as null."""
    array = np.asarray(values, dtype=np.float64)
    return pa.array(array, type=kind or pa.float64(), mask=~np.isfinite(array))
