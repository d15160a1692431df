"""How interest in a feature rises and fades."""

import numpy as np

from ml.tables.errors import InvalidValueError


def weekly_interest(horizon_weeks: int, ramp_weeks: float, half_life_weeks: float) -> np.ndarray:
    """Share of a responder's full effect in each week after the offer.

    ``min(1, week / ramp) · 0.5 ** (max(0, week − ramp) / half_life)`` for week = 1…horizon: a linear
    rise while people learn of the offer, then exponential decay of its novelty.

    Returns
    -------
    ndarray of shape (horizon_weeks,), values 0–1

    Raises
    ------
    InvalidValueError
        If the horizon is under one week, the half-life not positive or the ramp negative.
    """
    if horizon_weeks < 1:
        raise InvalidValueError("horizon_weeks", horizon_weeks, "the trial", "1 or more")
    if half_life_weeks <= 0:
        raise InvalidValueError("half_life_weeks", half_life_weeks, "adoption", "above 0")
    if ramp_weeks < 0:
        raise InvalidValueError("ramp_weeks", ramp_weeks, "adoption", "0 or more")
    week = np.arange(1, horizon_weeks + 1, dtype=np.float64)
    rise = np.minimum(1.0, week / ramp_weeks) if ramp_weeks > 0 else np.ones_like(week)
    return rise * 0.5 ** (np.maximum(0.0, week - ramp_weeks) / half_life_weeks)
