"""What to read: the files of a source, their headers, and the own columns behind each canonical one."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.columns import CLIENTS, COLUMNS, OPTIONAL_TABLES, REQUIRED, SALES, TRANSACTIONS
from ingest.errors import IngestError
from ingest.files import Header, find_file, find_folder, has_rows, listing, read_header
from ingest.mapping import Mapping, find_mapping


@dataclass(frozen=True)
class Source:
    """A folder of own files that can be read.

    Parameters
    ----------
    folder : Path
        The folder.
    mapping : Mapping
        Its mapping, or the empty one.
    headers : dict
        Table → header of its file; optional tables may be missing.
    columns : dict
        Table → canonical column → where the value comes from, in the words of the mapping.
    """

    folder: Path
    mapping: Mapping
    headers: Dict[str, Header]
    columns: Dict[str, Dict[str, Any]]


def open_source(source: str | Path, mapping_folder: str | Path | None = None) -> Source:
    """Find and check everything about a source but its rows.

    Parameters
    ----------
    source : str or Path
        The folder of own files.
    mapping_folder : str or Path, optional
        Where the mappings shipped with the project lie.

    Returns
    -------
    Source

    Raises
    ------
    IngestError
        Names the file, what is missing, what is there and what to do.
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
            raise IngestError(f"{path}: there is a header but no row.", "It needs at least one row.")
    _check_money(mapping, columns)
    return Source(folder, mapping, headers, columns)


def own_columns(spec: Any) -> list[str]:
    """Return the own columns that a column of the mapping reads.

    Parameters
    ----------
    spec : str or dict
        As in the mapping.

    Returns
    -------
    list of str
        Empty for a constant.
    """
    if isinstance(spec, str):
        return [spec]
    return [spec["column"]] if "column" in spec else spec.get("join", [])


def _columns(table: str, header: Header, mapping: Mapping) -> dict[str, Any]:
    """Return where each canonical column comes from: the mapping, else the column of the same name."""
    specs = {name: name for name in COLUMNS[table] if name in header.names}
    specs.update(mapping.columns_of(table))
    keys = mapping.visit_key or [] if table == TRANSACTIONS else []
    wanted = {name: spec for spec in specs.values() for name in own_columns(spec)} | dict.fromkeys(keys)
    absent = [name for name in wanted if name not in header.names]
    if absent:
        raise IngestError(
            f"{header.path}: there is no column {', '.join(map(repr, absent))}, which {mapping.path} names.",
            f"Columns found: {', '.join(header.names)}.",
            "Correct the name in the mapping: capitals count.",
        )
    missing = [name for name in REQUIRED[table] if name not in specs]
    if table == TRANSACTIONS and not any(all(name in specs for name in sale) for sale in SALES):
        missing.append(" or ".join(" + ".join(sale) for sale in SALES))
    if missing:
        raise IngestError(
            f"{header.path}: required column missing: {'; '.join(missing)}.",
            f"Columns found: {', '.join(header.names)}.",
            f"Rename the columns, or say in {mapping.path or 'a mapping.json in the same folder'} which of yours are "
            "meant (docs/own_data.md).",
        )
    return specs


def _check_money(mapping: Mapping, columns: Dict[str, Dict[str, Any]]) -> None:
    has_currency = any("currency_code" in columns[table] for table in (CLIENTS, TRANSACTIONS))
    if "currency" in mapping.content and not has_currency:
        raise IngestError(
            f"{mapping.path}: currency has rates, but no column says which row has which currency.",
            "Name it as currency_code in the columns of clients or transactions; if all money is in one currency: "
            '"currency_code": {"constant": "EUR"}.',
        )


def _missing_file(folder: Path, table: str) -> IngestError:
    return IngestError(
        f"{folder}: there is no {table}.csv or {table}.parquet.",
        f"Files found: {listing(folder)}.",
        "Name the files so, or put a mapping.json in the same folder that says which file is which (docs/own_data.md).",
    )
