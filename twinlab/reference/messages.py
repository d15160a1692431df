"""Sentences for what a JSON Schema refuses: the value found, and what is allowed there."""

import json
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from jsonschema import ValidationError

_VALUE_AT_MOST = 60
_LISTED_AT_MOST = 20
_NEAREST = 8
_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def path_text(path: Iterable[str | int], document: Any) -> str:
    """Return a place in a document as people read it.

    Parameters
    ----------
    path : iterable of str or int
        Keys and positions from the top.
    document : Any
        The document: codes of the list items passed are named, as positions are hard to count.

    Returns
    -------
    str
        Like ``rules[3] (free_coffee).default.mean``; ``the whole file`` for the top.
    """
    text, here = "", document
    for step in path:
        here = here[step]
        if isinstance(step, int):
            text += f"[{step}]{_code(here)}"
        else:
            text += f".{step}" if text else step
    return text or "the whole file"


def describe(error: ValidationError) -> str:
    """Return what was found and what is allowed.

    Parameters
    ----------
    error : ValidationError
        As jsonschema reports it.

    Returns
    -------
    str
    """
    limit, found = error.validator_value, shorten(error.instance)
    match error.validator:
        case "type":
            types = [limit] if isinstance(limit, str) else limit
            return f"found {found}; allowed: {' or '.join(_TYPES.get(name, name) for name in types)}"
        case "enum":
            return f"found {found}; allowed: {_listed(limit, error.instance)}"
        case "const":
            return f"found {found}; allowed: {json.dumps(limit, ensure_ascii=False)}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"found {found}; allowed: {_interval(error.schema)}"
        case "pattern":
            return f"found {found}; allowed: a text of the form {limit}"
        case "required":
            missing = [name for name in limit if name not in error.instance]
            return f"{', '.join(map(repr, missing))} is missing; needed: {', '.join(limit)}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            extra = [name for name in error.instance if name not in known]
            return f"{', '.join(map(repr, extra))} is not known here; allowed: {', '.join(known)}"
        case "minItems":
            return f"found {len(error.instance)} items; allowed: {limit} or more"
        case "maxItems":
            return f"found {len(error.instance)} items; allowed: {limit} or fewer"
        case "minLength":
            return f"found {found}; allowed: {limit} characters or more"
        case "maxLength":
            return f"found a text of {len(error.instance)} characters; allowed: {limit} or fewer"
        case "uniqueItems":
            return f"found {found}; allowed: every value once"
        case "anyOf" | "oneOf":
            return f"found {found}; allowed: {' or '.join(_alternative(schema) for schema in limit)}"
        case "not":
            return f"found {found}; not allowed: {_alternative(limit)}"
        case _:
            return f"found {found}; {error.message}"


def shorten(value: Any) -> str:
    """Return a value as JSON, cut to a length that fits a line.

    Parameters
    ----------
    value : Any
        A JSON value.

    Returns
    -------
    str
    """
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE_AT_MOST else text[: _VALUE_AT_MOST - 1] + "…"


def _listed(allowed: list[Any], found: Any) -> str:
    """Of a long list the nearest: the rest would push what was meant off the line."""
    texts = [json.dumps(value, ensure_ascii=False) for value in allowed]
    if len(texts) <= _LISTED_AT_MOST:
        return ", ".join(texts)
    meant = json.dumps(found, ensure_ascii=False)
    nearest = sorted(texts, key=lambda text: -SequenceMatcher(None, meant, text).ratio())[:_NEAREST]
    return f"{', '.join(nearest)} … ({len(texts)} in all, in the schema)"


def _code(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    codes = [value for name, value in item.items() if name.endswith("_code") and isinstance(value, str)]
    return f" ({codes[0]})" if codes else ""


def _interval(schema: dict[str, Any]) -> str:
    parts = [
        f"{words} {schema[name]}"
        for name, words in (
            ("minimum", "from"),
            ("exclusiveMinimum", "more than"),
            ("maximum", "to"),
            ("exclusiveMaximum", "less than"),
        )
        if name in schema
    ]
    return "a number " + " ".join(parts)


def _alternative(schema: dict[str, Any]) -> str:
    if "required" in schema:
        return f"an object with {', '.join(schema['required'])}"
    if "anyOf" in schema:
        return " or ".join(_alternative(item) for item in schema["anyOf"])
    if "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        return " or ".join(_TYPES.get(name, name) for name in types)
    return json.dumps(schema, ensure_ascii=False)
