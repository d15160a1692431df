"""The mapping: how the columns, codes and money of own files become canonical ones."""

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
    """A checked mapping, or the empty one.

    Parameters
    ----------
    path : Path or None
        Where it lies; None when the files need no mapping.
    content : dict
        As written.
    """

    path: Path | None = None
    content: dict[str, Any] = field(default_factory=dict)

    def file_of(self, table: str) -> str | None:
        """Return the file name that the mapping gives to a table."""
        return self.content.get(table, {}).get("file")

    def columns_of(self, table: str) -> dict[str, Any]:
        """Return canonical column → where its value comes from."""
        return self.content.get(table, {}).get("columns", {})

    @property
    def visit_key(self) -> list[str] | None:
        """Own columns that together identify one visit; None when each row is a visit."""
        return self.content.get("transactions", {}).get("visit_key")

    @property
    def amount_is(self) -> str:
        """Whether ``amount`` is the money of the whole line (``total``) or of one unit (``price``)."""
        return self.content.get("transactions", {}).get("amount_is", "total")

    @property
    def products(self) -> dict[str, str] | None:
        """Own product → grade, shop category or ``ignored``; None when the file uses our codes."""
        return self.content.get("products")

    @property
    def rates(self) -> dict[str, float]:
        """Roubles for one unit of each currency."""
        return {**DEFAULT_RATES, **self.content.get("currency", {}).get("rates", {})}


def find_mapping(folder: Path, mapping_folder: str | Path | None = None) -> Mapping:
    """Return the mapping of a folder: its own mapping.json, or the project's one of the folder's name, or none.

    Parameters
    ----------
    folder : Path
        The folder of own files.
    mapping_folder : str or Path, optional
        Where the project's mappings lie.

    Raises
    ------
    IngestError
        When it is no JSON or breaks its schema: with every problem of the file.
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
            "Correct it there; the schema is data/reference/schemas/mapping.schema.json, a worked example is in "
            "docs/own_data.md.",
        ) from error
