"""Find the files of a source folder and read their headers."""

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
# A longer first line means that the file is not csv.
MAX_HEADER_BYTES = 1 << 20


@dataclass(frozen=True)
class Header:
    """Column names and format of a file.

    Parameters
    ----------
    path : Path
        The file.
    names : tuple of str
        Column names as in the file, stripped of surrounding spaces.
    delimiter : str or None
        Delimiter of a csv file; None for parquet.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str | None = None


def find_folder(source: str | Path) -> Path:
    """Return the folder of own data.

    Parameters
    ----------
    source : str or Path
        As typed. A relative path is resolved against the current folder, then against ``$PWD``, the caller's folder:
        dbt changes the current folder to its project.

    Raises
    ------
    IngestError
        If there is no such folder.
    """
    typed = Path(source).expanduser()
    for folder in (typed, Path(os.environ.get("PWD", ".")) / typed):
        if folder.is_dir():
            return folder
    what = "is a file, not a folder" if typed.exists() else "does not exist"
    raise IngestError(
        f"source {source} {what}.",
        "Allowed: synthetic, or a folder with clients.csv and transactions.csv (or .parquet); see docs/own_data.md.",
        "Correct the path.",
    )


def find_file(folder: Path, table: str, mapping: Mapping) -> Path | None:
    """Return the file of a table, or None if there is none.

    Parameters
    ----------
    folder : Path
        Folder of own data.
    table : str
        ``clients``, ``transactions``, ``stations`` or ``experiments``.
    mapping : Mapping
        Its file name for the table, if any, takes precedence.

    Raises
    ------
    IngestError
        If the mapping names a missing file, or the folder has both a csv and a parquet file.
    """
    named = mapping.file_of(table)
    if named:
        if not (folder / named).is_file():
            raise IngestError(
                f"{folder}: there is no file {named}, which {mapping.path} names for {table}.",
                f"Files found: {list_files(folder)}.",
                "Put the file there, or correct the name in the mapping.",
            )
        return folder / named
    found = [path for path in (folder / f"{table}.{ending}" for ending in FORMATS) if path.is_file()]
    if len(found) > 1:
        raise IngestError(
            f"{folder}: found both {found[0].name} and {found[1].name}.",
            f"Allowed: one file for {table}. Remove one of them, or name the right one in mapping.json.",
        )
    return found[0] if found else None


def list_files(folder: Path) -> str:
    """Return the file names of a folder for a message, at most 12 of them."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return (", ".join(names[:12]) + (" …" if len(names) > 12 else "")) or "none"


def read_header(path: Path) -> Header:
    """Read the column names of a csv or parquet file.

    Raises
    ------
    IngestError
        If the file is empty, is not in its format, or has a duplicate column name.
    """
    if path.stat().st_size == 0:
        raise IngestError(f"{path}: the file is empty (0 bytes).", "It must contain a header and at least one row.")
    header = _parquet_header(path) if path.suffix.lower() == ".parquet" else _csv_header(path)
    repeated = sorted({name for name in header.names if header.names.count(name) > 1})
    if repeated:
        raise IngestError(
            f"{path}: the header contains {', '.join(map(repr, repeated))} more than once.",
            f"Columns found: {', '.join(header.names)}.",
            "Give each column a unique name.",
        )
    return header


def has_rows(header: Header) -> bool:
    """Return whether there is anything below the header."""
    if header.delimiter is None:
        return pq.read_metadata(header.path).num_rows > 0
    with header.path.open("rb") as file:
        file.readline()
        return any(line.strip() for line in file)


def not_utf8(path: Path, line: int, byte: int) -> IngestError:
    """Return the error for text in another encoding."""
    return IngestError(
        f"{path}: line {line} is not UTF-8 text (byte 0x{byte:02x}).",
        "Files exported by Excel or 1C are often in Windows-1251 (cp1251). Save the file as UTF-8, for example:",
        f"  iconv -f CP1251 -t UTF-8 {path.name} > utf8.csv",
    )


def _csv_header(path: Path) -> Header:
    with path.open("rb") as file:
        start = file.read(MAX_HEADER_BYTES)
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
        raise IngestError(f"{path}: line 1 is blank.", "It must contain the column names.")
    return Header(path, tuple(name.strip() for name in names), delimiter)


def _parquet_header(path: Path) -> Header:
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise IngestError(
            f"{path}: not a parquet file ({error}).", "Export it again, or provide a csv file instead."
        ) from error
    return Header(path, tuple(name.strip() for name in schema.names))
