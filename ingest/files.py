"""Finding the files of a source folder and reading their headers."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import IngestError
from ingest.mapping import Mapping

FORMATS = ("csv", "parquet")
DELIMITERS = (",", ";", "\t")
# A header longer than this is not a header but a file that is no csv.
HEADER_AT_MOST = 1 << 20


@dataclass(frozen=True)
class Header:
    """What stands at the top of a file.

    Parameters
    ----------
    path : Path
        The file.
    names : tuple of str
        Columns as in the file, spaces around them removed.
    delimiter : str or None
        Of a csv file; None for parquet.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str | None = None


def find_folder(source: str | Path) -> Path:
    """Return the folder of own files.

    Parameters
    ----------
    source : str or Path
        As typed. A relative path is looked for from the current folder, then from where the shell stands: dbt changes
        the current folder to that of its project.

    Returns
    -------
    Path

    Raises
    ------
    IngestError
        When there is no such folder.
    """
    typed = Path(source).expanduser()
    for folder in (typed, Path(os.environ.get("PWD", ".")) / typed):
        if folder.is_dir():
            return folder
    what = "is a file, not a folder" if typed.exists() else "does not exist"
    raise IngestError(
        f"source {source}: the folder {what}.",
        "Allowed: synthetic, or a folder with clients.csv and transactions.csv (or .parquet); see docs/own_data.md.",
    )


def find_file(folder: Path, table: str, mapping: Mapping) -> Path | None:
    """Return the file of a table, or None when there is none.

    Parameters
    ----------
    folder : Path
        The folder of own files.
    table : str
        ``clients``, ``transactions``, ``stations`` or ``experiments``.
    mapping : Mapping
        May name the file.

    Returns
    -------
    Path or None

    Raises
    ------
    IngestError
        When the mapping names a file that is not there, or the folder has two candidates.
    """
    named = mapping.file_of(table)
    if named:
        if not (folder / named).is_file():
            raise IngestError(
                f"{folder}: there is no file {named}, which {mapping.path} names for {table}.",
                f"Files found: {listing(folder)}.",
                "Put the file there, or correct the name in the mapping.",
            )
        return folder / named
    found = [path for path in (folder / f"{table}.{ending}" for ending in FORMATS) if path.is_file()]
    if len(found) > 1:
        raise IngestError(
            f"{folder}: {found[0].name} and {found[1].name} are both there.",
            "Which of them is meant cannot be told: take one away, or name it in mapping.json.",
        )
    return found[0] if found else None


def listing(folder: Path) -> str:
    """Return the names of a folder's files for a message."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return (", ".join(names[:12]) + (" …" if len(names) > 12 else "")) or "none"


def read_header(path: Path) -> Header:
    """Read the names of the columns.

    Parameters
    ----------
    path : Path
        A csv or parquet file.

    Returns
    -------
    Header

    Raises
    ------
    IngestError
        When the file is empty, is not of its format, or names a column twice.
    """
    if path.stat().st_size == 0:
        raise IngestError(f"{path}: the file is empty (0 bytes).", "It needs a header and at least one row.")
    header = _parquet_header(path) if path.suffix.lower() == ".parquet" else _csv_header(path)
    repeated = sorted({name for name in header.names if header.names.count(name) > 1})
    if repeated:
        raise IngestError(
            f"{path}: the header has {', '.join(map(repr, repeated))} more than once.",
            f"Columns found: {', '.join(header.names)}.",
            "Give each column a name of its own.",
        )
    return header


def has_rows(header: Header) -> bool:
    """Tell whether anything stands under the header."""
    if header.delimiter is None:
        return pq.read_metadata(header.path).num_rows > 0
    with header.path.open("rb") as file:
        file.readline()
        return any(line.strip() for line in file)


def not_utf8(path: Path, line: int, byte: int) -> IngestError:
    """Return the error of a text that is in another encoding."""
    return IngestError(
        f"{path}: line {line} is not UTF-8 text (byte 0x{byte:02x}).",
        "Files exported by Excel or 1C are often in Windows-1251 (cp1251). Save the file as UTF-8, for example:",
        f"  iconv -f CP1251 -t UTF-8 {path.name} > utf8.csv",
    )


def _csv_header(path: Path) -> Header:
    with path.open("rb") as file:
        start = file.read(HEADER_AT_MOST)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start[:2] == b"PK":
        what = "an Excel workbook or an archive" if start[:2] == b"PK" else "UTF-16 text"
        raise IngestError(f"{path}: the file is {what}, not UTF-8 csv.", "Save it as “CSV UTF-8” and try again.")
    line = start.split(b"\n", 1)[0]
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(path, 1, line[error.start]) from error
    unquoted = "".join(text.split('"')[::2])
    delimiter = max(DELIMITERS, key=unquoted.count)
    names = next(csv.reader([text.rstrip("\r")], delimiter=delimiter), [])
    if not "".join(names).strip():
        raise IngestError(f"{path}: the first line is blank.", "It must hold the names of the columns.")
    return Header(path, tuple(name.strip() for name in names), delimiter)


def _parquet_header(path: Path) -> Header:
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise IngestError(f"{path}: not a parquet file ({error}).", "Write it anew, or give a csv file.") from error
    return Header(path, tuple(name.strip() for name in schema.names))
