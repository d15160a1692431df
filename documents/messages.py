"""Sentences for what is refused in a document: its place, the value found, and what is allowed there."""

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
_BOUNDS = {"minimum": "from", "exclusiveMinimum": "more than", "maximum": "to", "exclusiveMaximum": "less than"}
_COUNTED = {"Items": "items", "Properties": "keys", "Length": "characters"}


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
    """Say what was found and what is allowed: lists from the schema, else its ``description``, else the bare rule."""
    limit, instance, keyword = error.validator_value, error.instance, error.validator
    match keyword:
        case "required":
            missing = [name for name in limit if name not in instance]
            return f"{_named(missing)} missing; needed: {', '.join(limit)}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            extra = [name for name in instance if name not in known]
            return f"{_named(extra)} not known here; allowed: {', '.join(known)}"
        case "minItems" | "maxItems" | "minProperties" | "maxProperties" | "maxLength":
            found = f"{len(instance)} {_COUNTED[keyword[3:]]}"
            return f"found {found}; allowed: {limit} or {'more' if keyword[:3] == 'min' else 'fewer'}"
    return f"found {shorten(instance)}; allowed: {_allowed(error)}"


def shorten(value: Any) -> str:
    """Return a value as JSON, cut to a length that fits a line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE_AT_MOST else text[: _VALUE_AT_MOST - 1] + "…"


def _allowed(error: ValidationError) -> str:
    limit, schema = error.validator_value, error.schema
    match error.validator:
        case "enum":
            return _listed(limit, error.instance)
        case "const":
            return json.dumps(limit, ensure_ascii=False)
        case "not":
            return f"anything but {_alternative(limit)}"
        case "uniqueItems":
            return "every value once"
    if "description" in schema:
        return schema["description"]
    match error.validator:
        case "type":
            return _type(limit)
        case "pattern":
            return f"a text of the form {limit}"
        case "minLength":
            return f"{limit} characters or more"
        case "anyOf" | "oneOf":
            return " or ".join(_alternative(alternative) for alternative in limit)
        case keyword if keyword in _BOUNDS:
            return "a number " + " ".join(
                f"{words} {schema[name]}" for name, words in _BOUNDS.items() if name in schema
            )
    return f"{error.validator} {shorten(limit)}"


def _named(names: list[str]) -> str:
    return f"{', '.join(map(repr, names))} {'is' if len(names) == 1 else 'are'}"


def _type(limit: str | list[str]) -> str:
    return " or ".join(_TYPES.get(name, name) for name in ([limit] if isinstance(limit, str) else limit))


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


def _alternative(schema: dict[str, Any]) -> str:
    if "required" in schema:
        return f"an object with {', '.join(schema['required'])}"
    if "anyOf" in schema:
        return " or ".join(_alternative(item) for item in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if "type" in schema:
        return _type(schema["type"])
    return json.dumps(schema, ensure_ascii=False)
