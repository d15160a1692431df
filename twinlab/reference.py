"""The JSON that people edit, checked: syntax, schema, and what one file says of another."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from twinlab.errors import UserError, cut
from twinlab.schema_messages import describe, path_text

FILES = ("portraits", "feature_hypotheses", "behavior_rules", "twin")
_SHOWN_AT_MOST = 12


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one file.

    Parameters
    ----------
    file : str
        Name of the file.
    path : str
        Where in it: ``rules[3].portraits.rare.response_prob.mean``, or line and column.
    message : str
        The value found and what is allowed.
    """

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.file}: {self.path}: {self.message}"


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
    """Read and check the four files.

    Parameters
    ----------
    folder : Path
        Holds ``portraits.json``, ``feature_hypotheses.json``, ``behavior_rules.json`` and ``twin.json``.
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


def feature_codes(reference: Mapping[str, Any]) -> list[str]:
    """Return the codes of the product features in the order of the file.

    Parameters
    ----------
    reference : mapping
        As `load_reference` returns it.

    Returns
    -------
    list of str
    """
    return [feature["feature_code"] for feature in reference["feature_hypotheses"]["features"]]


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


def cross_problems(reference: Mapping[str, Any]) -> Iterator[Problem]:
    """Check what a schema cannot say: codes that must be known, codes that must differ, low and high.

    Parameters
    ----------
    reference : mapping
        Documents that fit their schemas, by file name without ending.

    Yields
    ------
    Problem
    """
    portraits = reference["portraits"]["portraits"]
    features = reference["feature_hypotheses"]["features"]
    rules = reference["behavior_rules"]["rules"]
    known_portraits = [portrait["portrait_code"] for portrait in portraits]
    known_features = feature_codes(reference)

    yield from _duplicates("portraits.json", "portraits", "portrait_code", portraits)
    for number, portrait in enumerate(portraits):
        place = f"portraits[{number}].criteria"
        yield from _duplicates("portraits.json", place, "criterion_code", portrait["criteria"])
        yield from _reversed_ranges("portraits.json", place, portrait["criteria"])

    yield from _duplicates("feature_hypotheses.json", "features", "feature_code", features)
    for number, feature in enumerate(features):
        place = f"features[{number}]"
        yield from _reversed_ranges("feature_hypotheses.json", f"{place}.eligibility", feature["eligibility"])
        for position, code in enumerate(feature["aimed_portraits"]):
            if code not in known_portraits:
                path = f"{place}.aimed_portraits[{position}] ({feature['feature_code']})"
                yield Problem("feature_hypotheses.json", path, _unknown("portrait", code, known_portraits))

    yield from _duplicates("behavior_rules.json", "rules", "feature_code", rules)
    for number, rule in enumerate(rules):
        if rule["feature_code"] not in known_features:
            message = _unknown("product feature", rule["feature_code"], known_features)
            yield Problem("behavior_rules.json", f"rules[{number}].feature_code", message)
        for code in rule["portraits"]:
            if code not in known_portraits:
                path = f"rules[{number}].portraits ({rule['feature_code']})"
                yield Problem("behavior_rules.json", path, _unknown("portrait", code, known_portraits))
    for code in known_features:
        if code not in {rule["feature_code"] for rule in rules}:
            message = f"no rule for the product feature {code!r}; every feature of feature_hypotheses.json needs one"
            yield Problem("behavior_rules.json", "rules", message)

    twin = reference["twin"]
    for key, code in (("regions", "region_code"), ("grades", "grade_code"), ("basket", "category_code")):
        yield from _duplicates("twin.json", key, code, twin[key])


def _duplicates(file: str, place: str, key: str, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, row in enumerate(rows):
        if row[key] in first:
            message = f"{row[key]!r} stands in [{first[row[key]]}] already; every {key} may stand there once"
            yield Problem(file, f"{place}[{number}].{key}", message)
        first.setdefault(row[key], number)


def _reversed_ranges(file: str, place: str, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    for number, row in enumerate(rows):
        if "low" in row and "high" in row and row["low"] > row["high"]:
            message = f"low {row['low']} is above high {row['high']}; allowed: low ≤ high"
            yield Problem(file, f"{place}[{number}]", message)


def _unknown(what: str, code: str, known: list[str]) -> str:
    return f"unknown {what} {code!r}; known: {', '.join(known)}"


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
