"""Strict reading of JSON files that people edit: rejects what Python's parser silently accepts."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.messages import path_text, shorten
from documents.problems import DocumentError, Problem

MAX_DEPTH = 64
"""Levels of brackets: far above what any schema needs, and far below Python's recursion limit."""

_MAX_DIGITS = 308
"""Digits of the longest whole number that is certain to fit a double-precision float."""


@dataclass(frozen=True)
class _NotFinite:
    """Placeholder for NaN, Infinity or a number too large for a float, until its place is known."""

    text: str


class _Ambiguous(dict[str, Any]):
    """An object with a repeated key: Python keeps the last value, which would hide an edit of the others."""

    repeated: tuple[str, ...]


def read_json(path: Path, file: str | None = None) -> Any:
    """Read a file: UTF-8 with or without a byte order mark, JSON as in RFC 8259, no repeated keys.

    Parameters
    ----------
    path : Path
        The file.
    file : str, optional
        Its name in messages; the file name by default.

    Raises
    ------
    DocumentError
        With line and column of a syntax error; else with the place of every repeated key and non-finite number.
    """
    file = file or path.name
    try:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
        document = json.loads(
            text, object_pairs_hook=_object, parse_constant=_NotFinite, parse_float=_float, parse_int=_int
        )
    except FileNotFoundError as error:
        raise _rejected(file, "missing", f"there is no file {path}; restore it with git") from error
    except UnicodeDecodeError as error:
        found = f"found 0x{error.object[error.start]:02x}"
        raise _rejected(file, f"byte {error.start}", f"{found}; allowed: UTF-8 text; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        found = shorten(error.doc[error.pos]) if error.pos < len(error.doc) else "the end of the file"
        place = f"line {error.lineno}, column {error.colno}"
        raise _rejected(file, place, f"not valid JSON, found {found}: {error.msg}") from error
    except RecursionError as error:
        raise DocumentError([_too_deep(file)]) from error
    problems = list(dict.fromkeys(_problems(file, document)))
    if problems:
        raise DocumentError(problems)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    ambiguous = _Ambiguous(content)
    ambiguous.repeated = tuple(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    return ambiguous


def _float(text: str) -> float | _NotFinite:
    return number if math.isfinite(number := float(text)) else _NotFinite(text)


def _int(text: str) -> int | _NotFinite:
    return int(text) if len(text) <= _MAX_DIGITS else _NotFinite(text)


def _problems(file: str, document: Any) -> Iterator[Problem]:
    for path, node in _nodes(document, ()):
        if isinstance(node, _NotFinite):
            found = shorten(node.text).strip('"')
            yield Problem(file, path_text(path, document), f"found {found}; allowed: a finite number")
        elif isinstance(node, _Ambiguous):
            names = ", ".join(map(repr, node.repeated))
            message = f"found {names} more than once; allowed: each key of an object once"
            yield Problem(file, path_text(path, document), message)
        elif isinstance(node, dict | list) and len(path) == MAX_DEPTH:
            yield _too_deep(file)


def _nodes(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Walk a document in document order, down to `MAX_DEPTH`."""
    yield path, node
    if len(path) < MAX_DEPTH and isinstance(node, dict | list):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _nodes(child, (*path, step))


def _too_deep(file: str) -> Problem:
    return Problem(file, "the whole file", f"found brackets nested too deeply; allowed: at most {MAX_DEPTH} levels")


def _rejected(file: str, place: str, message: str) -> DocumentError:
    return DocumentError([Problem(file, place, message)])
