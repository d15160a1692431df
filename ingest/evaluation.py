"""The figures that ``make evaluate`` leaves in a file, for the mart of evaluation."""

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
    """Read the file, if there is one.

    Parameters
    ----------
    folder : str or Path
        Where ``make evaluate`` writes.

    Returns
    -------
    pyarrow.Table
        Columns of `SCHEMA`; no rows when there is no file.

    Raises
    ------
    IngestError
        When the file is not of this version of the project, or broken.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return SCHEMA.empty_table()
    # Every type is given: "1e5" in a digest is no number, and an empty text is none.
    convert = csv.ConvertOptions(
        column_types=SCHEMA, include_columns=SCHEMA.names, null_values=[""], strings_can_be_null=True
    )
    try:
        return csv.read_csv(path, convert_options=convert)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise IngestError(
            f"{path} cannot be read: {error}",
            "It is written by `make evaluate`: run that again, or remove the file to build without its figures.",
        ) from error
