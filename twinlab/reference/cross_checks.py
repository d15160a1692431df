"""What a JSON Schema cannot say of the reference files: codes that must be known, codes that must differ."""

from collections.abc import Iterator, Mapping
from typing import Any

from documents.problems import Problem
from generator.checks import check_params
from generator.config import MAX_MONTHS, plain_values
from generator.errors import ParameterError
from twinlab.reference.conditions import condition_problems

# First and last point of a published curve, and over how many places one figure may stretch.
_CURVE_POINTS = {"weekday": (1, 7, 1), "hour": (0, 23, 24), "month": (1, 12, 1)}


def feature_codes(reference: Mapping[str, Any]) -> list[str]:
    """Return the codes of the product features in the order of the file; `reference` as `load_reference` returns it."""
    return [feature["feature_code"] for feature in reference["feature_hypotheses"]["features"]]


def twin_notes(reference: Mapping[str, Any]) -> list[str]:
    """List where the portraits and what the generator draws differ: allowed, but easy to do without noticing.

    Parameters
    ----------
    reference : mapping
        As `load_reference` returns it.

    Returns
    -------
    list of str
        One line each; of synthetic runs only.
    """
    portraits = {portrait["portrait_code"] for portrait in reference["portraits"]["portraits"]}
    drawn = {*reference["twin"]["types"], "new"}
    return [
        f"note: portraits.json has no {code!r}, which the synthetic network draws: such clients are found in other "
        "portraits, and react to features by the default of each rule."
        for code in sorted(drawn - portraits)
    ] + [
        f"note: the synthetic network draws no {code!r} of portraits.json: who is found there is of other types, and "
        "reacts by their rules."
        for code in sorted(portraits - drawn)
    ]


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
    grades = [grade["grade_code"] for grade in reference["twin"]["grades"]]

    yield from _duplicates("portraits.json", "portraits", "portrait_code", portraits)
    for number, portrait in enumerate(portraits):
        place = f"portraits[{number}] ({portrait['portrait_code']}).criteria"
        yield from _duplicates("portraits.json", place, "criterion_code", portrait["criteria"])
        for position, criterion in enumerate(portrait["criteria"]):
            for where, message in condition_problems(criterion, grades):
                path = f"{place}[{position}] ({criterion['criterion_code']}){where}"
                yield Problem("portraits.json", path, message)

    yield from _duplicates("feature_hypotheses.json", "features", "feature_code", features)
    for number, feature in enumerate(features):
        place = f"features[{number}]"
        for position, condition in enumerate(feature["eligibility"]):
            for where, message in condition_problems(condition, grades):
                path = f"{place} ({feature['feature_code']}).eligibility[{position}]{where}"
                yield Problem("feature_hypotheses.json", path, message)
        for position, code in enumerate(feature["aimed_portraits"]):
            if code not in known_portraits:
                path = f"{place}.aimed_portraits[{position}] ({feature['feature_code']})"
                yield Problem("feature_hypotheses.json", path, _unknown_portrait(code, known_portraits))

    yield from _duplicates("behavior_rules.json", "rules", "feature_code", rules)
    for number, rule in enumerate(rules):
        if rule["feature_code"] not in known_features:
            message = _unknown("product feature", rule["feature_code"], known_features)
            yield Problem("behavior_rules.json", f"rules[{number}].feature_code", message)
        for code in rule["portraits"]:
            if code not in known_portraits:
                path = f"rules[{number}].portraits ({rule['feature_code']})"
                yield Problem("behavior_rules.json", path, _unknown_portrait(code, known_portraits))
        modifiers, place = rule.get("modifiers", []), f"rules[{number}] ({rule['feature_code']}).modifiers"
        yield from _duplicates("behavior_rules.json", place, "modifier_code", modifiers)
        for position, modifier in enumerate(modifiers):
            for where, message in condition_problems(modifier, grades):
                path = f"{place}[{position}] ({modifier['modifier_code']}){where}"
                yield Problem("behavior_rules.json", path, message)
    for code in known_features:
        if code not in {rule["feature_code"] for rule in rules}:
            message = f"no rule for the product feature {code!r}; every feature of feature_hypotheses.json needs one"
            yield Problem("behavior_rules.json", "rules", message)

    try:
        # How many months a run has, only the run knows.
        check_params(plain_values(reference["twin"]), MAX_MONTHS)
    except ParameterError as error:
        yield error.problem

    yield from _calibration_problems(reference["calibration"])


def _calibration_problems(calibration: Mapping[str, Any]) -> Iterator[Problem]:
    file = "calibration.json"
    yield from _duplicates(file, "checks", "check_code", calibration["checks"])
    yield from _duplicates(file, "curves", "curve_code", calibration["curves"])
    known = [curve["curve_code"] for curve in calibration["curves"]]
    for number, check in enumerate(calibration["checks"]):
        if "curve_code" in check and check["curve_code"] not in known:
            path = f"checks[{number}].curve_code ({check['check_code']})"
            yield Problem(file, path, _unknown("curve", check["curve_code"], known))
    for number, curve in enumerate(calibration["curves"]):
        yield from _point_problems(file, f"curves[{number}].points ({curve['curve_code']})", curve)


def _point_problems(file: str, place: str, curve: Mapping[str, Any]) -> Iterator[Problem]:
    """Points may not run backwards, leave the curve or share a place; only shares of hours add up over several."""
    first, last, widest = _CURVE_POINTS[curve["curve_code"]]
    taken: set[int] = set()
    for position, point in enumerate(curve["points"]):
        numbers = set(range(point["from"], point["to"] + 1))
        if not numbers or min(numbers) < first or max(numbers) > last or len(numbers) > widest:
            allowed = f"from ≤ to, both from {first} to {last}" if widest > 1 else f"from = to, from {first} to {last}"
            yield Problem(file, f"{place}[{position}]", f"from {point['from']} to {point['to']}; allowed: {allowed}")
        elif numbers & taken:
            message = f"from {point['from']} to {point['to']} overlaps a point above; every place may stand there once"
            yield Problem(file, f"{place}[{position}]", message)
        taken |= numbers


def _duplicates(file: str, place: str, key: str, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, row in enumerate(rows):
        if row[key] in first:
            message = f"{row[key]!r} stands in [{first[row[key]]}] already; every {key} may stand there once"
            yield Problem(file, f"{place}[{number}].{key}", message)
        first.setdefault(row[key], number)


def _unknown(what: str, code: str, known: list[str]) -> str:
    return f"unknown {what} {code!r}; known: {', '.join(known)}"


def _unknown_portrait(code: str, known: list[str]) -> str:
    return f"{_unknown('portrait', code, known)}; correct the code, take it out here, or add it to portraits.json"
