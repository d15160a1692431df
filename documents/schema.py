"""Validation of a document against its JSON Schema: every problem, in the order of the file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from documents.messages import describe, path_text
from documents.problems import DocumentError, Problem
from documents.read import read_json


def load_document(path: Path, schema: Path, file: str | None = None) -> Any:
    """Read a JSON file that people edit and validate it against its schema.

    Parameters
    ----------
    path : Path
        The file.
    schema : Path
        Its JSON Schema, draft 2020-12.
    file : str, optional
        Its name in messages; the file name by default.

    Raises
    ------
    DocumentError
        With the problems of `read_json`, else with every violation of the schema.
    """
    file = file or path.name
    document = read_json(path, file)
    problems = schema_problems(file, document, json.loads(schema.read_text(encoding="utf-8")))
    if problems:
        raise DocumentError(problems)
    return document


def schema_problems(file: str, document: Any, schema: Mapping[str, Any]) -> list[Problem]:
    """Validate parsed JSON against a JSON Schema, draft 2020-12.

    Returns
    -------
    list of Problem
        In the order of the document.
    """
    errors = [cause for error in Draft202012Validator(schema).iter_errors(document) for cause in _causes(error)]
    errors.sort(key=lambda error: _position(error.absolute_path, document))
    problems = (Problem(file, path_text(error.absolute_path, document), describe(error)) for error in errors)
    # jsonschema reports each missing key as an error of its own, and the description of each lists them all.
    return list(dict.fromkeys(problems))


def _causes(error: ValidationError) -> Iterator[ValidationError]:
    """Descend into alternatives: if all errors of exactly one lie inside it, that one was intended."""
    branches: dict[Any, list[ValidationError]] = {}
    for child in error.context or ():
        branches.setdefault(child.schema_path[0], []).append(child)
    inside = [children for children in branches.values() if all(child.path for child in children)]
    if len(inside) == 1:
        for child in inside[0]:
            yield from _causes(child)
    else:
        yield error


def _position(path: Iterable[str | int], document: Any) -> list[int]:
    position, node = [], document
    for step in path:
        position.append(step if isinstance(step, int) else list(node).index(step))
        node = node[step]
    return position
