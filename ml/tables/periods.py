"""Trial horizons in weeks and rates per average month."""

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
"""Client metrics that are totals per average month."""


def months(horizon_weeks: int) -> float:
    """Convert a horizon to average months; raises InvalidValueError unless it is a whole number of weeks."""
    check_weeks(horizon_weeks, 0)
    return horizon_weeks * 7 / MONTH_DAYS


def check_weeks(horizon_weeks: int, minimum: int) -> None:
    """Raise InvalidValueError unless the horizon is a whole number of weeks and at least `minimum`."""
    if not isinstance(horizon_weeks, int | np.integer) or horizon_weeks < minimum:
        where = "feature_hypotheses.json"
        raise InvalidValueError("horizon_weeks", horizon_weeks, where, f"a whole number, {minimum} or more")
