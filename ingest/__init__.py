"""Own files instead of synthetic data: csv and parquet in, Arrow tables with canonical columns out.

Pure as `generator/`: no dbt here. What a row must hold is checked in SQL (`models/staging/own/`), so that a bad row
goes to quarantine; what a *file* must hold is checked here, and a file that lacks it is an `IngestError`.
"""

from pathlib import Path

from ingest.errors import IngestError

__all__ = ["IngestError", "check"]


def check(source: str | Path, mapping_folder: str | Path | None = None) -> dict[str, str]:
    """Check a folder of own files before anything is built: files, headers, mapping and encoding.

    Parameters
    ----------
    source : str or Path
        ``synthetic``, or a folder of own files.
    mapping_folder : str or Path, optional
        Where the mappings shipped with the project lie; ``data/reference/mappings`` when left out.

    Returns
    -------
    dict
        Table to the path of its file; empty for ``synthetic``.

    Raises
    ------
    IngestError
        Names the file, what is missing, what is allowed and what to do.
    """
    # Imported late: whoever only catches IngestError needs no pyarrow.
    from ingest.checks import check_source

    return check_source(source, mapping_folder)
