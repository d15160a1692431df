"""Weeks of a trial and months of a rate."""

import numpy as np

from ml.tables.errors import InvalidValueError
from vocabulary.units import MONTH_DAYS

AMOUNTS_PER_MONTH = (
    "visits_per_month",
    "volume_l_per_month",
    "spend_rub_per_month",
    "shop_rub_per_month",
    "margin_rub_per_month",
)
"""Client metrics that are totals of an average month."""


def months(horizon_weeks: int) -> float:
    """Length of the horizon in average months; InvalidValueError unless it has whole weeks."""
    check_weeks(horizon_weeks, 0)
    return horizon_weeks * 7 / MONTH_DAYS


def check_weeks(horizon_weeks: int, least: int) -> None:
    """Raise InvalidValueError unless the horizon has whole weeks, at least `least`."""
    if not isinstance(horizon_weeks, int | np.integer) or horizon_weeks < least:
        where = "feature_hypotheses.json"
        raise InvalidValueError("horizon_weeks", horizon_weeks, where, f"a whole number, {least} or more")
