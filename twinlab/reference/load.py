"""The JSON that people edit, checked: syntax, schema, and what one file says of another."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from twinlab.errors import UserError, cut
from twinlab.reference.cross_checks import Problem, cross_problems
from twinlab.reference.messages import describe, path_text

FILES = ("portraits", "feature_hypotheses", "behavior_rules", "twin", "calibration")
_SHOWN_AT_MOST = 12


class InvalidReferenceError(UserError):
    """The JSON files cannot be used.

    Parameters
    ----------
    problems : list of Problem
        All that was found.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__(f"{count} in the reference JSON.", *cut([str(item) for item in problems], _SHOWN_AT_MOST))


def load_reference(folder: Path, schemas: Path) -> dict[str, Any]:
    """Read and check the files.

    Parameters
    ----------
    folder : Path
        Holds ``portraits.json``, ``feature_hypotheses.json``, ``behavior_rules.json``, ``twin.json`` and
        ``calibration.json``.
    schemas : Path
        Holds a ``<name>.schema.json`` for each.

    Returns
    -------
    dict
        Content by file name without ending.

    Raises
    ------
    InvalidReferenceError
        With every problem of the first kind met: syntax before schema, schema before cross-checks.
    """
    problems: list[Problem] = []
    content: dict[str, Any] = {}
    for name in FILES:
        try:
            content[name] = _read_json(folder / f"{name}.json")
        except _SyntaxProblem as error:
            problems.append(error.problem)
    for name, document in content.items():
        schema = json.loads((schemas / f"{name}.schema.json").read_text(encoding="utf-8"))
        problems += schema_problems(f"{name}.json", document, schema)
    problems = problems or list(cross_problems(content))
    if problems:
        raise InvalidReferenceError(problems)
    return content


def schema_problems(file: str, document: Any, schema: Mapping[str, Any]) -> list[Problem]:
    """Check a document against its JSON Schema.

    Parameters
    ----------
    file : str
        Name for the messages.
    document : Any
        Parsed JSON.
    schema : mapping
        JSON Schema, draft 2020-12.

    Returns
    -------
    list of Problem
        In the order of the document.
    """
    errors = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda error: [str(p) for p in error.path])
    problems = (Problem(file, path_text(error.absolute_path, document), describe(error)) for error in errors)
    # Of several missing keys jsonschema makes an error each, and each is described as all of them.
    return list(dict.fromkeys(problems))


class _SyntaxProblem(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _read_json(path: Path) -> Any:
    def fail(place: str, message: str) -> _SyntaxProblem:
        return _SyntaxProblem(Problem(path.name, place, message))

    def no_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # The JSON standard leaves it open; Python takes the last one silently, which hides half of an edit.
        names = [name for name, _ in pairs]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise fail("the same key twice", f"{repeated!r} stands twice in one object; every key may stand there once")
        return dict(pairs)

    def no_constant(name: str) -> None:
        raise fail("not a JSON number", f"{name} is not allowed; write a number")

    try:
        return json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=no_duplicate_keys, parse_constant=no_constant
        )
    except FileNotFoundError as error:
        raise fail("missing", f"there is no file {path}; restore it with git") from error
    except UnicodeDecodeError as error:
        raise fail(f"byte {error.start}", "not UTF-8 text; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise fail(f"line {error.lineno}, column {error.colno}", f"not valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise fail("nesting", "brackets are nested too deeply") from error
