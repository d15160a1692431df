"""The mapping, which translates the columns, codes and currencies of own data to canonical ones."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from documents.problems import DocumentError
from documents.schema import load_document
from ingest.errors import IngestError

PROJECT = Path(__file__).resolve().parent.parent
MAPPINGS = PROJECT / "data" / "reference" / "mappings"
SCHEMA = PROJECT / "data" / "reference" / "schemas" / "mapping.schema.json"
NAME = "mapping.json"
DEFAULT_RATES = {"RUB": 1.0}


@dataclass(frozen=True)
class Mapping:
    """A checked mapping.

    Parameters
    ----------
    path : Path or None
        Its file; None if there is no mapping.
    content : dict
        Parsed JSON; empty if there is no mapping.
    """

    path: Path | None = None
    content: dict[str, Any] = field(default_factory=dict)

    def file_of(self, table: str) -> str | None:
        """Return the file name of a table, if the mapping has one."""
        return self.content.get(table, {}).get("file")

    def columns_of(self, table: str) -> dict[str, Any]:
        """Return canonical column → specification of its value."""
        return self.content.get(table, {}).get("columns", {})

    @property
    def visit_key(self) -> list[str] | None:
        """Columns of the file that together identify a visit; None if each row is a visit."""
        return self.content.get("transactions", {}).get("visit_key")

    @property
    def amount_is(self) -> str:
        """Whether ``amount`` is the money for the line (``total``) or for one unit (``price``)."""
        return self.content.get("transactions", {}).get("amount_is", "total")

    @property
    def products(self) -> dict[str, str] | None:
        """Product of the file → grade, shop category or ``ignored``; None if the file uses canonical codes."""
        return self.content.get("products")

    @property
    def rates(self) -> dict[str, float]:
        """Roubles per unit of each currency."""
        return {**DEFAULT_RATES, **self.content.get("currency", {}).get("rates", {})}


def find_mapping(folder: Path, mapping_folder: str | Path | None = None) -> Mapping:
    """Return the mapping of a folder: its mapping.json, else the shipped one with the folder's name, else an empty one.

    Parameters
    ----------
    folder : Path
        Folder of own data.
    mapping_folder : str or Path, optional
        Folder of the mappings shipped with the project; `MAPPINGS` by default.

    Raises
    ------
    IngestError
        If it is not valid JSON or violates its schema; lists every problem of the file.
    """
    shipped = Path(mapping_folder or MAPPINGS) / f"{folder.resolve().name}.json"
    for path in (folder / NAME, shipped):
        if path.is_file():
            return Mapping(path, _checked(path))
    return Mapping()


def _checked(path: Path) -> dict[str, Any]:
    try:
        return load_document(path, SCHEMA, str(path))
    except DocumentError as error:
        raise IngestError(
            *error.lines,
            "Correct the file; its schema is data/reference/schemas/mapping.schema.json, a worked example is in "
            "docs/own_data.md.",
        ) from error
