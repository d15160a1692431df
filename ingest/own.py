"""The four tables of own data, for dbt's Python models."""

from pathlib import Path

import pyarrow as pa

from ingest.canonical import canonical_batches
from ingest.columns import CLIENTS, EXPERIMENTS, STATIONS, TRANSACTIONS, schema_of
from ingest.plan import open_source
from vocabulary.codes import SYNTHETIC


def clients(source: str | Path, mapping_folder: str | Path | None = None) -> pa.RecordBatchReader:
    """Stream the clients of a source; see `read_table`."""
    return read_table(CLIENTS, source, mapping_folder)


def transactions(source: str | Path, mapping_folder: str | Path | None = None) -> pa.RecordBatchReader:
    """Stream the transactions of a source; see `read_table`."""
    return read_table(TRANSACTIONS, source, mapping_folder)


def stations(source: str | Path, mapping_folder: str | Path | None = None) -> pa.RecordBatchReader:
    """Stream the stations of a source, no rows if it has no such file; see `read_table`."""
    return read_table(STATIONS, source, mapping_folder)


def experiments(source: str | Path, mapping_folder: str | Path | None = None) -> pa.RecordBatchReader:
    """Stream the pilot participants of a source, no rows if it has no such file; see `read_table`."""
    return read_table(EXPERIMENTS, source, mapping_folder)


def read_table(table: str, source: str | Path, mapping_folder: str | Path | None = None) -> pa.RecordBatchReader:
    """Stream one table of a source.

    Parameters
    ----------
    table : str
        ``clients``, ``transactions``, ``stations`` or ``experiments``.
    source : str or Path
        ``synthetic`` (same columns, no rows), or a folder of own data.
    mapping_folder : str or Path, optional
        Folder of the mappings shipped with the project.

    Returns
    -------
    pa.RecordBatchReader
        Schema of `ingest.columns.schema_of`, every row of the file.

    Raises
    ------
    IngestError
        If the files or the mapping cannot be read.
    """
    schema = schema_of(table)
    if str(source) == SYNTHETIC:
        return pa.RecordBatchReader.from_batches(schema, [])
    opened = open_source(source, mapping_folder)
    batches = canonical_batches(opened, table) if table in opened.headers else []
    return pa.RecordBatchReader.from_batches(schema, batches)
