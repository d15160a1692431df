"""Figures that ``make evaluate`` saved, for the evaluation mart."""

from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from ingest.errors import IngestError

FILE = "mart_evaluation.csv"

SCHEMA = pa.schema(
    {
        "subject_code": pa.string(),
        "method_code": pa.string(),
        "grade_code": pa.string(),
        "portrait_code": pa.string(),
        "predicted_code": pa.string(),
        "bin_number": pa.int64(),
        "clients_count": pa.int64(),
        "separation": pa.float64(),
        "seeds_count": pa.int64(),
        "value": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "inputs": pa.string(),
        "evaluated_on": pa.date32(),
    }
)


def kept_grades(folder: str | Path) -> pa.Table:
    """Read the saved figures.

    Parameters
    ----------
    folder : str or Path
        Output folder of ``make evaluate``.

    Returns
    -------
    pyarrow.Table
        Schema `SCHEMA`; no rows if there is no file.

    Raises
    ------
    IngestError
        If the file is broken or was written by another version of the project.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return SCHEMA.empty_table()
    # Explicit types, because a digest such as "1e5" would be inferred as a number; an empty value is null.
    convert = csv.ConvertOptions(
        column_types=SCHEMA, include_columns=SCHEMA.names, null_values=[""], strings_can_be_null=True
    )
    try:
        return csv.read_csv(path, convert_options=convert)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise IngestError(
            f"{path} cannot be read: {error}",
            "`make evaluate` writes this file: run it again, or delete the file to build without evaluation figures.",
        ) from error
