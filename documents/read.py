"""Reading a JSON file that people edit: what Python's parser takes in silence is refused here."""

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
"""Levels of brackets. Far above what any schema asks for, and far below where Python's recursion ends."""

_MAX_DIGITS = 308
"""Digits of a whole number that a float of double precision can hold."""


@dataclass(frozen=True)
class _NoNumber:
    """Stands for NaN, Infinity and numbers without end until their place is known."""

    text: str


class _Ambiguous(dict[str, Any]):
    """An object with a repeated key: Python takes the last value, which hides half of an edit."""

    repeated: tuple[str, ...]


def read_json(path: Path, file: str | None = None) -> Any:
    """Read a file: UTF-8 with or without a byte order mark, JSON as RFC 8259 has it, every key of an object once.

    Parameters
    ----------
    path : Path
        The file.
    file : str, optional
        What messages call it; its name by default.

    Raises
    ------
    DocumentError
        With line and column of broken syntax; else with the place of every repeated key and every number that is none.
    """
    file = file or path.name
    try:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
        document = json.loads(
            text, object_pairs_hook=_object, parse_constant=_NoNumber, parse_float=_float, parse_int=_int
        )
    except FileNotFoundError as error:
        raise _refused(file, "missing", f"there is no file {path}; restore it with git") from error
    except UnicodeDecodeError as error:
        found = f"found 0x{error.object[error.start]:02x}"
        raise _refused(file, f"byte {error.start}", f"{found}; allowed: UTF-8 text; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        found = shorten(error.doc[error.pos]) if error.pos < len(error.doc) else "the end of the file"
        place = f"line {error.lineno}, column {error.colno}"
        raise _refused(file, place, f"not valid JSON, found {found}: {error.msg}") from error
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


def _float(text: str) -> float | _NoNumber:
    return number if math.isfinite(number := float(text)) else _NoNumber(text)


def _int(text: str) -> int | _NoNumber:
    return int(text) if len(text) <= _MAX_DIGITS else _NoNumber(text)


def _problems(file: str, document: Any) -> Iterator[Problem]:
    for path, node in _nodes(document, ()):
        if isinstance(node, _NoNumber):
            found = shorten(node.text).strip('"')
            yield Problem(file, path_text(path, document), f"found {found}; allowed: a finite number")
        elif isinstance(node, _Ambiguous):
            names = ", ".join(map(repr, node.repeated))
            message = f"found {names} more than once; allowed: every key of an object once"
            yield Problem(file, path_text(path, document), message)
        elif isinstance(node, dict | list) and len(path) == MAX_DEPTH:
            yield _too_deep(file)


def _nodes(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Walk a document in its order down to `MAX_DEPTH`."""
    yield path, node
    if len(path) < MAX_DEPTH and isinstance(node, dict | list):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _nodes(child, (*path, step))


def _too_deep(file: str) -> Problem:
    return Problem(file, "the whole file", f"found brackets nested too deeply; allowed: {MAX_DEPTH} levels")


def _refused(file: str, place: str, message: str) -> DocumentError:
    return DocumentError([Problem(file, place, message)])
