"""Own data instead of synthetic: csv and parquet files in, Arrow tables with canonical columns out.

Pure like `generator/`: no dbt. A fault of a *file* raises `IngestError` here; a fault of a row is found in SQL
(`models/staging/own/`), which sends the row to quarantine.
"""

from pathlib import Path

from ingest.errors import IngestError

__all__ = ["IngestError", "check"]


def check(source: str | Path, mapping_folder: str | Path | None = None) -> dict[str, str]:
    """Check a folder of own data before anything is built: files, headers, mapping, look-up files and encoding.

    Parameters
    ----------
    source : str or Path
        ``synthetic``, or the folder.
    mapping_folder : str or Path, optional
        Folder of the mappings shipped with the project; ``data/reference/mappings`` by default.

    Returns
    -------
    dict
        Path of each table's file; empty for ``synthetic``.

    Raises
    ------
    IngestError
        For the first fault found: the file, what is wrong, what is allowed and what to do.
    """
    # Imported here so that catching IngestError does not require pyarrow.
    from ingest.checks import check_source

    return check_source(source, mapping_folder)
