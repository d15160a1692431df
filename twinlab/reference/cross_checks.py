"""Checks of the reference files beyond JSON Schema: codes that must be known, codes that must be unique."""

from collections.abc import Iterator, Mapping
from typing import Any

from documents.problems import Problem
from generator.checks import check_params
from generator.config import MAX_MONTHS, plain_values
from generator.errors import ParameterError
from twinlab.reference.conditions import condition_problems

# First and last position of a published curve, and how many positions one point may cover.
_CURVE_POINTS = {"weekday": (1, 7, 1), "hour": (0, 23, 24), "month": (1, 12, 1)}


def feature_codes(reference: Mapping[str, Any]) -> list[str]:
    """Return the codes of the product features in file order; `reference` as returned by `load_reference`."""
    return [feature["feature_code"] for feature in reference["feature_hypotheses"]["features"]]


def twin_notes(reference: Mapping[str, Any]) -> list[str]:
    """Return a note for each difference between the portraits and the generator's types: allowed, but easily missed.

    Parameters
    ----------
    reference : mapping
        As returned by `load_reference`.

    Returns
    -------
    list of str
        One line each; they apply to synthetic runs only.
    """
    portraits = {portrait["portrait_code"] for portrait in reference["portraits"]["portraits"]}
    drawn = {*reference["twin"]["types"], "new"}
    return [
        f"note: the generator draws clients of type {code!r}, which portraits.json does not have: they are assigned to "
        "other portraits and react to features by the default of each rule."
        for code in sorted(drawn - portraits)
    ] + [
        f"note: portraits.json has {code!r}, but the generator draws no clients of that type: clients assigned to this "
        "portrait are of other types and react by the rules of those."
        for code in sorted(portraits - drawn)
    ]


def cross_problems(reference: Mapping[str, Any]) -> Iterator[Problem]:
    """Check what a schema cannot: known codes, unique codes, conditions, parameters of the twin, published curves.

    Parameters
    ----------
    reference : mapping
        Documents that match their schemas, by file name without extension.
    """
    portraits = reference["portraits"]["portraits"]
    features = reference["feature_hypotheses"]["features"]
    rules = reference["behavior_rules"]["rules"]
    known_portraits = [portrait["portrait_code"] for portrait in portraits]
    known_features = feature_codes(reference)
    grades = [grade["grade_code"] for grade in reference["twin"]["grades"]]

    yield from _duplicates("portraits.json", "portraits", "portrait_code", portraits)
    for index, portrait in enumerate(portraits):
        place = f"portraits[{index}] ({portrait['portrait_code']}).criteria"
        yield from _duplicates("portraits.json", place, "criterion_code", portrait["criteria"])
        for position, criterion in enumerate(portrait["criteria"]):
            for where, message in condition_problems(criterion, grades):
                path = f"{place}[{position}] ({criterion['criterion_code']}){where}"
                yield Problem("portraits.json", path, message)

    yield from _duplicates("feature_hypotheses.json", "features", "feature_code", features)
    for index, feature in enumerate(features):
        place = f"features[{index}]"
        for position, condition in enumerate(feature["eligibility"]):
            for where, message in condition_problems(condition, grades):
                path = f"{place} ({feature['feature_code']}).eligibility[{position}]{where}"
                yield Problem("feature_hypotheses.json", path, message)
        for position, code in enumerate(feature["aimed_portraits"]):
            if code not in known_portraits:
                path = f"{place}.aimed_portraits[{position}] ({feature['feature_code']})"
                yield Problem("feature_hypotheses.json", path, _unknown_portrait(code, known_portraits))

    yield from _duplicates("behavior_rules.json", "rules", "feature_code", rules)
    for index, rule in enumerate(rules):
        if rule["feature_code"] not in known_features:
            message = _unknown("product feature", rule["feature_code"], known_features)
            yield Problem("behavior_rules.json", f"rules[{index}].feature_code", message)
        for code in rule["portraits"]:
            if code not in known_portraits:
                path = f"rules[{index}].portraits ({rule['feature_code']})"
                yield Problem("behavior_rules.json", path, _unknown_portrait(code, known_portraits))
        modifiers, place = rule.get("modifiers", []), f"rules[{index}] ({rule['feature_code']}).modifiers"
        yield from _duplicates("behavior_rules.json", place, "modifier_code", modifiers)
        for position, modifier in enumerate(modifiers):
            for where, message in condition_problems(modifier, grades):
                path = f"{place}[{position}] ({modifier['modifier_code']}){where}"
                yield Problem("behavior_rules.json", path, message)
    for code in known_features:
        if code not in {rule["feature_code"] for rule in rules}:
            message = (
                f"no rule for product feature {code!r}; add it: every feature in feature_hypotheses.json needs one"
            )
            yield Problem("behavior_rules.json", "rules", message)

    try:
        # The months of a run are not known here.
        check_params(plain_values(reference["twin"]), MAX_MONTHS)
    except ParameterError as error:
        yield error.problem

    yield from _calibration_problems(reference["calibration"])


def _calibration_problems(calibration: Mapping[str, Any]) -> Iterator[Problem]:
    file = "calibration.json"
    yield from _duplicates(file, "checks", "check_code", calibration["checks"])
    yield from _duplicates(file, "curves", "curve_code", calibration["curves"])
    known = [curve["curve_code"] for curve in calibration["curves"]]
    for index, check in enumerate(calibration["checks"]):
        if "curve_code" in check and check["curve_code"] not in known:
            path = f"checks[{index}].curve_code ({check['check_code']})"
            yield Problem(file, path, _unknown("curve", check["curve_code"], known))
    for index, curve in enumerate(calibration["curves"]):
        yield from _point_problems(file, f"curves[{index}].points ({curve['curve_code']})", curve)


def _point_problems(file: str, place: str, curve: Mapping[str, Any]) -> Iterator[Problem]:
    """Points must be in range and disjoint; only shares of hours add up, so only they may cover several positions."""
    first, last, widest = _CURVE_POINTS[curve["curve_code"]]
    taken: set[int] = set()
    for position, point in enumerate(curve["points"]):
        covered = set(range(point["from"], point["to"] + 1))
        if not covered or min(covered) < first or max(covered) > last or len(covered) > widest:
            allowed = f"from ≤ to, both from {first} to {last}" if widest > 1 else f"from = to, from {first} to {last}"
            message = f"found from {point['from']} to {point['to']}; allowed: {allowed}"
            yield Problem(file, f"{place}[{position}]", message)
        elif covered & taken:
            message = f"found from {point['from']} to {point['to']}, which overlaps a point above; allowed: no overlap"
            yield Problem(file, f"{place}[{position}]", message)
        taken |= covered


def _duplicates(file: str, place: str, key: str, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for position, row in enumerate(rows):
        if row[key] in first:
            message = f"found {row[key]!r}, already used in [{first[row[key]]}]; allowed: each {key} once"
            yield Problem(file, f"{place}[{position}].{key}", message)
        first.setdefault(row[key], position)


def _unknown(what: str, code: str, known: list[str]) -> str:
    return f"unknown {what} {code!r}; known: {', '.join(known)}"


def _unknown_portrait(code: str, known: list[str]) -> str:
    return f"{_unknown('portrait', code, known)}; correct the code, remove it here, or add it to portraits.json"
