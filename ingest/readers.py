"""Stream the rows of a file as text, with the malformed rows."""

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
# A longer malformed row is taken for the effect of an unclosed quotation mark.
MAX_ROW_LINES = 1_000


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a file.

    Parameters
    ----------
    rows : pa.Table
        Columns of the file under their original names, as text.
    row_numbers : np.ndarray
        Number of each row in the file, shape (rows,); 1 is the first row below the header.
    malformed : tuple of (int, str)
        Number and text of the rows that have more or fewer fields than the header.
    """

    rows: pa.Table
    row_numbers: np.ndarray
    malformed: tuple[tuple[int, str], ...] = ()


def read_blocks(header: Header) -> Iterator[Block]:
    """Stream a file in blocks of rows.

    Raises
    ------
    IngestError
        If the file as a whole cannot be read.
    """
    try:
        yield from _csv_blocks(header) if header.delimiter else _parquet_blocks(header)
    except pa.ArrowInvalid as error:
        raise _arrow_failure(header, error) from error


def clean(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Strip surrounding spaces; empty text becomes null."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _csv_blocks(header: Header) -> Iterator[Block]:
    malformed: list[tuple[int, str]] = []

    def collect(row: pyarrow.csv.InvalidRow) -> str:
        # Arrow counts the header as row 1.
        malformed.append((row.number - 1, row.text))
        return "skip"

    reader = pyarrow.csv.open_csv(
        header.path,
        # Arrow knows the number of an invalid row only without threads.
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, skip_rows=1, column_names=list(header.names)
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=header.delimiter, newlines_in_values=True, invalid_row_handler=collect
        ),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(header.names, pa.string())),
    )
    next_number = 1
    for batch in reader:
        numbers, next_number = _number_rows(batch.num_rows, next_number, [number for number, _ in malformed])
        passed = tuple(row for row in malformed if row[0] < next_number)
        malformed[:] = [row for row in malformed if row[0] >= next_number]
        yield Block(_as_text(header, pa.Table.from_batches([batch])), numbers, _check_length(header, passed))
    if malformed:
        empty = pa.table({name: pa.array([], pa.string()) for name in header.names})
        yield Block(empty, np.empty(0, np.int64), _check_length(header, tuple(malformed)))


def _parquet_blocks(header: Header) -> Iterator[Block]:
    next_number = 1
    for batch in pq.ParquetFile(header.path).iter_batches(ROWS_PER_BATCH):
        numbers, next_number = _number_rows(batch.num_rows, next_number, [])
        yield Block(_as_text(header, pa.Table.from_batches([batch])), numbers)


def _number_rows(count: int, first: int, taken: list[int]) -> tuple[np.ndarray, int]:
    """Number ``count`` rows from ``first`` on, skipping the numbers of malformed rows; return them and the next one."""
    candidates = np.arange(first, first + count + len(taken), dtype=np.int64)
    numbers = candidates[~np.isin(candidates, taken)][:count]
    return numbers, int(numbers[-1]) + 1 if count else first


def _check_length(header: Header, rows: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    for number, text in rows:
        if text.count("\n") > MAX_ROW_LINES:
            raise _unclosed(header, f"row {number} spans {text.count(chr(10)):,} lines")
    return rows


def _as_text(header: Header, rows: pa.Table) -> pa.Table:
    columns = []
    for name, column in zip(header.names, rows.columns, strict=True):
        if pa.types.is_timestamp(column.type) and column.type.tz:
            column = pc.local_timestamp(column)
        if pa.types.is_timestamp(column.type):
            # pandas writes nanoseconds; the contract allows microseconds.
            column = pc.cast(column, pa.timestamp("us"), safe=False)
        try:
            columns.append(pc.cast(column, pa.string()))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise IngestError(
                f"{header.path}: column {name!r} of type {column.type} cannot be read as text.",
                "Allowed: text, numbers, booleans, dates and times. Convert the column, or remove it from the file.",
            ) from error
    return pa.table(columns, names=list(header.names))


def _arrow_failure(header: Header, error: pa.ArrowInvalid) -> IngestError:
    if "UTF8" in str(error):
        return IngestError(f"{header.path}: not UTF-8 text ({error}).", "Save the file as UTF-8.")
    if "straddling" in str(error):
        return _unclosed(header, f"a row is longer than {BLOCK_BYTES >> 20} MB")
    return IngestError(f"{header.path}: the file cannot be read ({error}).", "Export it again.")


def _unclosed(header: Header, what: str) -> IngestError:
    return IngestError(
        f"{header.path}: {what}: a quotation mark is probably not closed.",
        'Close it. Inside a quoted value, a quotation mark is doubled: "say ""hello""".',
    )
