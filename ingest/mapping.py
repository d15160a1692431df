"""The mapping: how the columns, codes and money of own files become canonical ones."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

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

    Returns
    -------
    Mapping

    Raises
    ------
    IngestError
        When it is no JSON or breaks its schema.
    """
    shipped = Path(mapping_folder or MAPPINGS) / f"{folder.resolve().name}.json"
    for path in (folder / NAME, shipped):
        if path.is_file():
            return Mapping(path, _checked(path))
    return Mapping()


def _checked(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise IngestError(
            f"{path}: not valid JSON, line {error.lineno}, column {error.colno}: {error.msg}.",
            "A worked example stands in docs/own_data.md.",
        ) from error
    except UnicodeDecodeError as error:
        raise IngestError(f"{path}: not UTF-8 text (byte {error.start}).", "Save the file as UTF-8.") from error
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(content))
    if error is not None:
        raise IngestError(
            f"{path}: {_place(error)} = {_short(error.instance)} is not possible: {_short(error.message)}",
            f"Allowed there: {_allowed(error)}.",
            "The schema is data/reference/schemas/mapping.schema.json; a worked example stands in docs/own_data.md.",
        )
    return content


def _place(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path) or "the document"


def _allowed(error: ValidationError) -> str:
    if error.validator == "enum":
        return ", ".join(map(str, error.validator_value))
    if error.validator == "additionalProperties":
        return "only " + ", ".join(error.schema.get("properties", {}))
    if error.validator == "required":
        return "at least " + ", ".join(error.validator_value)
    if "description" in error.schema:
        return error.schema["description"]
    return f"{error.validator} {_short(error.validator_value)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"
