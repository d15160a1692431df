"""What to read: the files of a source, their headers, and the columns that each canonical column comes from."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.columns import CLIENTS, COLUMNS, OPTIONAL_TABLES, REQUIRED, SALES, TRANSACTIONS
from ingest.errors import IngestError
from ingest.files import Header, find_file, find_folder, has_rows, list_files, read_header
from ingest.mapping import Mapping, find_mapping


@dataclass(frozen=True)
class Source:
    """A readable folder of own data.

    Parameters
    ----------
    folder : Path
        The folder.
    mapping : Mapping
        Its mapping, possibly empty.
    headers : dict
        Table → header of its file; optional tables may be missing.
    columns : dict
        Table → canonical column → specification of its value, as in the mapping.
    """

    folder: Path
    mapping: Mapping
    headers: Dict[str, Header]
    columns: Dict[str, Dict[str, Any]]


def open_source(source: str | Path, mapping_folder: str | Path | None = None) -> Source:
    """Find and check everything in a source except its rows.

    Parameters
    ----------
    source : str or Path
        Folder of own data.
    mapping_folder : str or Path, optional
        Folder of the mappings shipped with the project.

    Raises
    ------
    IngestError
        Names the file, what is missing, what was found and what to do.
    """
    folder = find_folder(source)
    mapping = find_mapping(folder, mapping_folder)
    headers: dict[str, Header] = {}
    columns: dict[str, dict[str, Any]] = {}
    for table in COLUMNS:
        path = find_file(folder, table, mapping)
        if path is None:
            if table in OPTIONAL_TABLES:
                continue
            raise _missing_file(folder, table)
        headers[table] = read_header(path)
        columns[table] = _columns(table, headers[table], mapping)
        if not has_rows(headers[table]):
            raise IngestError(f"{path}: the file has a header but no rows.", "It must contain at least one row.")
    _check_money(mapping, columns)
    return Source(folder, mapping, headers, columns)


def columns_read(spec: Any) -> list[str]:
    """Return the columns of the file that a mapped column reads; none for a constant.

    Parameters
    ----------
    spec : str or dict
        Specification of the column, as in the mapping.
    """
    if isinstance(spec, str):
        return [spec]
    return [spec["column"]] if "column" in spec else spec.get("join", [])


def _columns(table: str, header: Header, mapping: Mapping) -> dict[str, Any]:
    """Return the specification of each canonical column: that of the mapping, else the column of the same name."""
    specs = {name: name for name in COLUMNS[table] if name in header.names}
    specs.update(mapping.columns_of(table))
    keys = mapping.visit_key or [] if table == TRANSACTIONS else []
    wanted = {name: spec for spec in specs.values() for name in columns_read(spec)} | dict.fromkeys(keys)
    absent = [name for name in wanted if name not in header.names]
    if absent:
        raise IngestError(
            f"{header.path}: there is no column {', '.join(map(repr, absent))}, which {mapping.path} names.",
            f"Columns found: {', '.join(header.names)}.",
            "Correct the name in the mapping; names are case-sensitive.",
        )
    missing = [name for name in REQUIRED[table] if name not in specs]
    if table == TRANSACTIONS and not any(all(name in specs for name in sale) for sale in SALES):
        missing.append(" or ".join(" + ".join(sale) for sale in SALES))
    if missing:
        raise IngestError(
            f"{header.path}: required columns are missing: {'; '.join(missing)}.",
            f"Columns found: {', '.join(header.names)}.",
            f"Rename your columns, or map them in {mapping.path or 'a mapping.json in the same folder'} "
            "(docs/own_data.md).",
        )
    return specs


def _check_money(mapping: Mapping, columns: Dict[str, Dict[str, Any]]) -> None:
    has_currency = any("currency_code" in columns[table] for table in (CLIENTS, TRANSACTIONS))
    if "currency" in mapping.content and not has_currency:
        raise IngestError(
            f"{mapping.path}: currency.rates: found rates, but no column holds the currency of a row.",
            "Map a column to currency_code in clients or transactions. If all money is in one currency: "
            '"currency_code": {"constant": "EUR"}.',
        )


def _missing_file(folder: Path, table: str) -> IngestError:
    return IngestError(
        f"{folder}: there is no {table}.csv or {table}.parquet.",
        f"Files found: {list_files(folder)}.",
        "Rename the files, or name them in a mapping.json in the same folder (docs/own_data.md).",
    )
