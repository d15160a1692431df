"""Interest in a feature over time: one rise-and-decay curve per feature, with its half-life.

The curve is that of `ml.rules.response`, scaled: a linear rise over some weeks, then exponential decay. It is fitted to
the weekly shares of treated clients that responded, with portraits pooled, since one portrait is too small for a
half-life. A client that responds in one week is more likely to respond in the next, so the interval comes from the
jackknife over groups of clients (Efron and Stein 1981), not over weeks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import optimize, stats

from ml.tables.arrays import divide
from ml.tables.columns import codes, integers, numbers, require, with_nulls
from ml.tables.errors import InvalidValueError
from ml.tables.intervals import LEVEL

WHERE = "weekly responses"

RAMPS = np.arange(0.0, 8.01, 0.5)
"""Candidate lengths of the rise, weeks."""

DECAYS = (-0.2, 1.0)
"""Bounds of the decay, halvings per week; negative values keep constant interest away from the bound."""

MIN_WEEKS = 4
MIN_RESPONSES = 30
"""Minimum data for fitting a curve."""


def fit_interest(counts: pa.Table) -> pa.Table:
    """Fit the curve of each feature.

    Parameters
    ----------
    counts : pyarrow.Table
        feature_code, group_number (clients split at random into at least ten groups), week_number (from 1),
        treated_count, responded_count.

    Returns
    -------
    pyarrow.Table
        By feature and week: feature_code, week_number, interest_share (observed), fitted_share, ramp_weeks,
        half_life_weeks, half_life_weeks_low, half_life_weeks_high (95 %; null if the decay may be zero). Null if there
        are too few weeks, responses or groups, and in weeks without treated clients.

    Raises
    ------
    MissingColumnError, ColumnTypeError, InvalidValueError
    """
    names = ("feature_code", "group_number", "week_number", "treated_count", "responded_count")
    require(counts, names, WHERE)
    _check(counts)
    feature, features = codes(counts, "feature_code")
    rows: list[dict[str, Any]] = []
    for index, code in enumerate(features):
        treated, responded = _grids(counts.filter(pa.array(feature == index)))
        rows += [{"feature_code": code} | row for row in _curve(treated, responded)]
    return _table(rows)


def _check(counts: pa.Table) -> None:
    """Reject invalid counts: missing values, weeks below 1, more responding than treated clients."""
    if counts["feature_code"].null_count:
        raise InvalidValueError("feature_code", None, WHERE, "a code in every row")
    week, treated, responded = (numbers(counts, name) for name in ("week_number", "treated_count", "responded_count"))
    for name, values, is_valid, allowed in (
        ("group_number", numbers(counts, "group_number"), True, "a number in every row"),
        ("week_number", week, week >= 1, "1 or more"),
        ("treated_count", treated, treated >= 0, "0 or more"),
        ("responded_count", responded, (responded >= 0) & (responded <= treated), "from 0 to treated_count"),
    ):
        invalid = np.flatnonzero(np.isnan(values) | ~np.broadcast_to(is_valid, values.shape))
        if len(invalid):
            value = values[invalid[0]]
            raise InvalidValueError(name, None if np.isnan(value) else float(value), WHERE, allowed)


def _grids(counts: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Counts by group and week, shapes (groups, weeks)."""
    _, group = np.unique(integers(counts, "group_number"), return_inverse=True)
    week = integers(counts, "week_number") - 1
    grids = np.zeros((2, group.max() + 1, week.max() + 1))
    for grid, name in zip(grids, ("treated_count", "responded_count"), strict=True):
        np.add.at(grid, (group, week), numbers(counts, name))
    return grids[0], grids[1]


def _curve(treated: np.ndarray, responded: np.ndarray) -> list[dict[str, Any]]:
    groups, weeks = treated.shape
    share = divide(responded.sum(axis=0), treated.sum(axis=0))
    rows = [{"week_number": week + 1, "interest_share": share[week]} for week in range(weeks)]
    without_group = treated.sum(axis=0) - treated, responded.sum(axis=0) - responded
    if (without_group[0] <= 0).any() or weeks < MIN_WEEKS or responded.sum() < MIN_RESPONSES:
        return rows
    ramp, decay, scale = _fit(share)
    decays = np.array([_fit(divide(count, size))[1] for size, count in zip(*without_group, strict=True)])
    error = np.sqrt((groups - 1) / groups * ((decays - decays.mean()) ** 2).sum())
    half = stats.t.ppf(0.5 + LEVEL / 2, groups - 1) * error
    curve = {
        "ramp_weeks": ramp,
        "half_life_weeks": _half_life(decay),
        "half_life_weeks_low": _half_life(decay + half),
        "half_life_weeks_high": _half_life(decay - half),
    }
    fitted = scale * _shape(weeks, ramp, decay)
    return [row | curve | {"fitted_share": value} for row, value in zip(rows, fitted, strict=True)]


def _fit(share: np.ndarray) -> tuple[float, float, float]:
    """Ramp, decay (halvings per week) and scale with the least squared error."""

    def error(decay: float, ramp: float) -> float:
        shape = _shape(len(share), ramp, decay)
        return float(((share - shape * (shape @ share) / (shape @ shape)) ** 2).sum())

    best = []
    for ramp in RAMPS[len(share) > RAMPS]:
        result = optimize.minimize_scalar(error, bounds=DECAYS, args=(ramp,), method="bounded")
        best.append((result.fun, ramp, result.x))
    _, ramp, decay = min(best)
    shape = _shape(len(share), ramp, decay)
    return float(ramp), float(decay), float((shape @ share) / (shape @ shape))


def _shape(weeks: int, ramp: float, decay: float) -> np.ndarray:
    week = np.arange(1, weeks + 1)
    rise = np.minimum(1.0, week / ramp) if ramp > 0 else np.ones(weeks)
    return rise * 0.5 ** (np.maximum(0.0, week - ramp) * decay)


def _half_life(decay: float) -> float:
    """Half-life in weeks; NaN if interest may not decay, or decays too slowly to estimate over the horizon."""
    return 1 / decay if decay > 1e-3 else np.nan


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    names = ("interest_share", "fitted_share", "ramp_weeks", "half_life_weeks", "half_life_weeks_low")
    columns = {
        "feature_code": pa.array([row["feature_code"] for row in rows], pa.string()),
        "week_number": pa.array([row["week_number"] for row in rows], pa.int64()),
    }
    for name in (*names, "half_life_weeks_high"):
        columns[name] = with_nulls(np.array([row.get(name, np.nan) for row in rows], dtype=np.float64))
    return pa.table(columns)
