"""Synthetic transactions as text, treated like rows of a file: they exercise the quarantine."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from ingest.canonical import JsonRows
from ingest.columns import TRANSACTIONS, schema_of


def transactions(batches: Iterable[pa.RecordBatch], file: str) -> pa.RecordBatchReader:
    """Stream text rows in the schema of own transactions; each row is a whole visit in roubles.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Any of ``COLUMNS[TRANSACTIONS]``, as text; other columns are dropped.
    file : str
        Value of ``source_file``.
    """
    return pa.RecordBatchReader.from_batches(schema_of(TRANSACTIONS), _rows(batches, file))


def _rows(batches: Iterable[pa.RecordBatch], file: str) -> Iterator[pa.RecordBatch]:
    schema, as_json, rows_before = schema_of(TRANSACTIONS), JsonRows(), 0
    for batch in batches:
        rows = pa.table(batch)
        rows = rows.select([name for name in rows.column_names if name in schema.names])
        count, known = rows.num_rows, {name: rows.column(name) for name in rows.column_names}
        known |= {name: known["transaction_id"] for name in ("line_id", "visit_key")}
        known |= {name: pa.repeat(text, count) for name, text in (("currency_code", "RUB"), ("rub_per_unit", "1"))}
        known |= {
            "source_file": pa.repeat(file, count),
            "source_row_number": pa.array(range(rows_before + 1, rows_before + count + 1), pa.int64()),
            "source_columns": as_json(rows),
            "is_malformed": pa.repeat(pa.scalar(False), count),
        }
        rows_before += count
        columns = [known.get(name, pa.nulls(count, schema.field(name).type)) for name in schema.names]
        yield from pa.table(columns, schema=schema).to_batches()
