"""What a condition on a client metric may ask: a range that holds something, values that the metric can have."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.people.clients import PAYMENT_METHODS

FLAGS = ("has_loyalty_card", "has_fuel_card", "has_contract", "is_corporate", "home_station_has_cafe")


def condition_problems(condition: Mapping[str, Any], grades: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Check one criterion of a portrait, one condition of a feature or one modifier of a rule.

    Parameters
    ----------
    condition : mapping
        metric_code, and low, high or values.
    grades : sequence of str
        Codes of the fuel grades.

    Yields
    ------
    tuple of str and str
        Where in the condition (``""``, ``.values[0]``), and what is wrong.
    """
    metric = condition["metric_code"]
    texts = {"main_fuel_grade": grades, "main_payment_method": PAYMENT_METHODS}.get(metric)
    low, high = condition.get("low"), condition.get("high")
    if texts is not None and (low is not None or high is not None):
        yield "", f"a range over {metric}, which is no number; write values instead, of: {', '.join(texts)}"
    elif low is not None and high is not None and low >= high:
        # The range is half-open: with low = high nothing is in it.
        yield "", f"low {low} is not below high {high}; allowed: low < high"
    for number, value in enumerate(condition.get("values", [])):
        allowed = _allowed(metric, value, texts)
        if allowed is not None:
            found = json.dumps(value, ensure_ascii=False)
            yield f".values[{number}]", f"found {found}, which {metric} never is; allowed: {allowed}"


def _allowed(metric: str, value: Any, texts: Sequence[str] | None) -> str | None:
    """Say what is allowed instead of a value; None when the value is."""
    if texts is not None:
        return None if value in texts else ", ".join(texts)
    if metric in FLAGS:
        return None if isinstance(value, bool) or value in ("true", "false") else "true, false"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number else "a number"
