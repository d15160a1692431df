"""Error messages for a document: the place, the value found, and what is allowed there."""

import json
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from jsonschema import ValidationError

_MAX_VALUE_LENGTH = 60
_MAX_LISTED = 20
_MAX_NEAREST = 8
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
_COUNTED = {"Items": "item", "Properties": "key", "Length": "character"}


def path_text(path: Iterable[str | int], document: Any) -> str:
    """Return a readable path to a value in a document.

    Parameters
    ----------
    path : iterable of str or int
        Keys and positions from the top.
    document : Any
        The document: the code of each list item on the path is shown too, because positions are hard to count.

    Returns
    -------
    str
        For example ``rules[3] (free_coffee).default.mean``; ``the whole file`` for an empty path.
    """
    text, node = "", document
    for step in path:
        node = node[step]
        if isinstance(step, int):
            text += f"[{step}]{_code(node)}"
        else:
            text += f".{step}" if text else step
    return text or "the whole file"


def describe(error: ValidationError) -> str:
    """Return what was found and what is allowed: a list from the schema, else its ``description``, else the rule."""
    limit, instance, keyword = error.validator_value, error.instance, error.validator
    match keyword:
        case "required":
            missing = [name for name in limit if name not in instance]
            return f"missing {_keys(missing)}; required: {', '.join(limit)}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            unknown = [name for name in instance if name not in known]
            return f"unknown {_keys(unknown)}; allowed: {', '.join(known)}"
        case "minItems" | "maxItems" | "minProperties" | "maxProperties" | "maxLength":
            found = f"{len(instance)} {_COUNTED[keyword[3:]]}{'' if len(instance) == 1 else 's'}"
            return f"found {found}; allowed: {limit} or {'more' if keyword[:3] == 'min' else 'fewer'}"
    return f"found {shorten(instance)}; allowed: {_allowed(error)}"


def shorten(value: Any) -> str:
    """Return a value as JSON, truncated to fit a line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE_LENGTH else text[: _MAX_VALUE_LENGTH - 1] + "…"


def _allowed(error: ValidationError) -> str:
    limit, schema = error.validator_value, error.schema
    match error.validator:
        case "enum":
            return _listed(limit, error.instance)
        case "const":
            return json.dumps(limit, ensure_ascii=False)
        case "not":
            return f"any value except {_alternative(limit)}"
        case "uniqueItems":
            return "each value once"
    if "description" in schema:
        return schema["description"]
    match error.validator:
        case "type":
            return _type(limit)
        case "pattern":
            return f"text that matches {limit}"
        case "minLength":
            return f"{limit} or more characters"
        case "anyOf" | "oneOf":
            return " or ".join(_alternative(alternative) for alternative in limit)
        case keyword if keyword in _BOUNDS:
            return f"a number {_range(schema)}"
    return f"{error.validator} {shorten(limit)}"


def _range(schema: dict[str, Any]) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f"from {schema['minimum']} to {schema['maximum']}"
    return " and ".join(f"{words} {schema[name]}" for name, words in _BOUNDS.items() if name in schema)


def _keys(names: list[str]) -> str:
    return f"key{'' if len(names) == 1 else 's'} {', '.join(map(repr, names))}"


def _type(limit: str | list[str]) -> str:
    return " or ".join(_TYPES.get(name, name) for name in ([limit] if isinstance(limit, str) else limit))


def _listed(allowed: list[Any], found: Any) -> str:
    """List the allowed values; of a long list only those most similar to the value found."""
    texts = [json.dumps(value, ensure_ascii=False) for value in allowed]
    if len(texts) <= _MAX_LISTED:
        return ", ".join(texts)
    found_text = json.dumps(found, ensure_ascii=False)
    nearest = sorted(texts, key=lambda text: -SequenceMatcher(None, found_text, text).ratio())[:_MAX_NEAREST]
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
