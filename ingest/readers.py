"""Streaming the rows of a file as text, and the rows that cannot be split beside them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ingest.errors import IngestError
from ingest.files import Header

BLOCK_BYTES = 1 << 22
ROWS_PER_BATCH = 65_536
# A broken row of so many lines is what an unclosed quotation mark swallows, not a row.
LINES_AT_MOST = 1_000


@dataclass(frozen=True)
class Block:
    """Rows that follow one another in a file.

    Parameters
    ----------
    rows : pa.Table
        Columns of the file under their own names, as text.
    numbers : np.ndarray
        Number of each row in the file, shape (rows,); 1 is the first row under the header.
    malformed : tuple of (int, str)
        Number and text of the rows that have more or fewer fields than the header.
    """

    rows: pa.Table
    numbers: np.ndarray
    malformed: tuple[tuple[int, str], ...] = ()


def read_blocks(header: Header) -> Iterator[Block]:
    """Stream a file.

    Parameters
    ----------
    header : Header
        Of the file.

    Yields
    ------
    Block

    Raises
    ------
    IngestError
        When the file is broken as a whole.
    """
    try:
        yield from _csv_blocks(header) if header.delimiter else _parquet_blocks(header)
    except pa.ArrowInvalid as error:
        raise _explained(header, error) from error


def clean(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Take the spaces around each text away; an empty text becomes null."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _csv_blocks(header: Header) -> Iterator[Block]:
    broken: list[tuple[int, str]] = []

    def keep(row: pyarrow.csv.InvalidRow) -> str:
        # Arrow counts the header as row 1.
        broken.append((row.number - 1, row.text))
        return "skip"

    reader = pyarrow.csv.open_csv(
        header.path,
        # Arrow knows the number of a broken row only without threads.
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, skip_rows=1, column_names=list(header.names)
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=header.delimiter, newlines_in_values=True, invalid_row_handler=keep
        ),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(header.names, pa.string())),
    )
    following = 1
    for batch in reader:
        numbers, following = _numbered(batch.num_rows, following, [number for number, _ in broken])
        known = tuple(row for row in broken if row[0] < following)
        broken[:] = [row for row in broken if row[0] >= following]
        yield Block(_as_text(header, pa.Table.from_batches([batch])), numbers, _bounded(header, known))
    if broken:
        nothing = pa.table({name: pa.array([], pa.string()) for name in header.names})
        yield Block(nothing, np.empty(0, np.int64), _bounded(header, tuple(broken)))


def _parquet_blocks(header: Header) -> Iterator[Block]:
    following = 1
    for batch in pq.ParquetFile(header.path).iter_batches(ROWS_PER_BATCH):
        numbers, following = _numbered(batch.num_rows, following, [])
        yield Block(_as_text(header, pa.Table.from_batches([batch])), numbers)


def _numbered(count: int, first: int, taken: list[int]) -> tuple[np.ndarray, int]:
    """Give ``count`` rows their numbers from ``first`` on, leaving out those that broken rows have."""
    candidates = np.arange(first, first + count + len(taken), dtype=np.int64)
    numbers = candidates[~np.isin(candidates, taken)][:count]
    return numbers, int(numbers[-1]) + 1 if count else first


def _bounded(header: Header, rows: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    for number, text in rows:
        if text.count("\n") > LINES_AT_MOST:
            raise _unclosed(header, f"row {number} goes on for {text.count(chr(10)):,} lines")
    return rows


def _as_text(header: Header, rows: pa.Table) -> pa.Table:
    columns = []
    for name, column in zip(header.names, rows.columns, strict=True):
        if pa.types.is_timestamp(column.type) and column.type.tz:
            column = pc.local_timestamp(column)
        if pa.types.is_timestamp(column.type):
            # Nanoseconds, which pandas writes, are more digits than a time has here.
            column = pc.cast(column, pa.timestamp("us"), safe=False)
        try:
            columns.append(pc.cast(column, pa.string()))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise IngestError(
                f"{header.path}: column {name!r} of type {column.type} cannot be read as text.",
                "Allowed: texts, numbers, booleans, dates and times. Leave the column out of the file, or convert it.",
            ) from error
    return pa.table(columns, names=list(header.names))


def _explained(header: Header, error: pa.ArrowInvalid) -> IngestError:
    if "UTF8" in str(error):
        return IngestError(f"{header.path}: not UTF-8 text ({error}).", "Save the file as UTF-8.")
    if "straddling" in str(error):
        return _unclosed(header, f"a row is longer than {BLOCK_BYTES >> 20} MB")
    return IngestError(f"{header.path}: the file cannot be read ({error}).", "Export it anew.")


def _unclosed(header: Header, what: str) -> IngestError:
    return IngestError(
        f"{header.path}: {what}: a quotation mark is probably not closed.",
        'A quotation mark within a quoted value is written twice: "say ""hello""".',
    )
