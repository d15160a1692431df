"""Checks of a condition on a client metric: the range is not empty, and the metric can have the values."""

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
        Place in the condition (``""``, ``.values[0]``) and message.
    """
    metric = condition["metric_code"]
    texts = {"main_fuel_grade": grades, "main_payment_method": PAYMENT_METHODS}.get(metric)
    low, high = condition.get("low"), condition.get("high")
    if texts is not None and (low is not None or high is not None):
        yield "", f"found a range for {metric}, which is not a number; allowed: values, any of {', '.join(texts)}"
    elif low is not None and high is not None and low >= high:
        # The range is half-open, hence empty if low = high.
        yield "", f"low {low} is not below high {high}; allowed: low < high"
    for position, value in enumerate(condition.get("values", [])):
        allowed = _allowed(metric, value, texts)
        if allowed is not None:
            found = json.dumps(value, ensure_ascii=False)
            yield f".values[{position}]", f"found {found}, not a value of {metric}; allowed: {allowed}"


def _allowed(metric: str, value: Any, texts: Sequence[str] | None) -> str | None:
    """Return what is allowed instead of a value; None if the value is allowed."""
    if texts is not None:
        return None if value in texts else ", ".join(texts)
    if metric in FLAGS:
        return None if isinstance(value, bool) or value in ("true", "false") else "true, false"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number else "a number"
