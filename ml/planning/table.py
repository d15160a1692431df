"""Table of plans for each effect, power and control share."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from ml.planning.power import detectable, normal_factor, units_needed
from ml.tables.columns import with_nulls

LONGEST_WEEKS = 52


@dataclass(frozen=True)
class Moments:
    """Moments of one or several strata that a plan needs, per client and week.

    Attributes
    ----------
    mean : float
    fixed, weekly, half : float
        As in `ml.planning.spread`.
    square : float
        Mean square of the clients' levels.
    share : float
        Share of treated clients that respond.
    """

    mean: float
    fixed: float
    weekly: float
    half: float
    square: float
    share: float


@dataclass(frozen=True)
class Plan:
    """A feature in a portrait (None: the whole feature), before an effect, power and control share are chosen.

    Attributes
    ----------
    unit : str
        Randomised unit: client or home_station.
    clients, units : int
        Number available.
    baseline : float
        Mean of the primary metric in its unit of measurement.
    icc : float
        Intra-cluster correlation of the second half of the window given the first.
    inflation : float
        ``(design effect − 1) / icc``, from the sizes of the units.
    """

    feature_code: str
    portrait_code: str | None
    unit: str
    clients: int
    units: int = 0
    moments: Moments | None = None
    baseline: float = np.nan
    icc: float = 0.0
    inflation: float = 0.0

    @property
    def unit_size(self) -> float:
        """Mean number of clients per unit."""
        return self.clients / self.units if self.units else np.nan

    @property
    def is_known(self) -> bool:
        """Whether the plan can be computed."""
        return self.moments is not None and self.moments.mean > 0 and np.isfinite(self.icc)


def to_table(grid: list[tuple[Plan, float, float, float]], horizon_weeks: int) -> pa.Table:
    """Evaluate every plan at its effect, power and control share.

    Parameters
    ----------
    grid : list of (Plan, effect, power, control share)
    horizon_weeks : int

    Returns
    -------
    pyarrow.Table
        In the order of the grid; columns as in the mart `mart_ab_planner`.
    """
    plans = [row[0] for row in grid]
    effect, power_prob, control = (np.array([row[i] for row in grid], dtype=np.float64) for i in (1, 2, 3))
    size, fixed, weekly, shared, square, share = np.array([_relative(plan) for plan in plans]).reshape(-1, 6).T
    units = np.array([plan.units for plan in plans], dtype=np.int64)
    is_known = np.array([plan.is_known for plan in plans], dtype=bool)
    detectable_sd = np.array(
        [_cached_detectable(*row) for row in zip(units.tolist(), power_prob, control, strict=True)]
    )
    # Variance of a unit's mean in means²: without an effect, and of the effect itself.
    per_client = fixed + weekly / horizon_weeks
    # The standard deviation of treated clients grows with their mean.
    growth = 1 + 2 * control * effect
    # The shared variance cannot exceed the total.
    shared = np.minimum(shared, per_client)
    cluster = shared * np.array([plan.inflation for plan in plans], dtype=np.float64)
    per_unit = (per_client + cluster) / size
    effect_variance = control * effect**2 * (square / np.maximum(share, effect) - 1) / size

    needed = np.full(len(grid), np.nan)
    standardised = effect / np.sqrt(per_unit * growth + effect_variance)
    needed[is_known] = units_needed(standardised[is_known], power_prob[is_known], control[is_known])

    weeks = np.arange(1, LONGEST_WEEKS + 1)
    by_week = ((fixed + cluster)[:, None] + weekly[:, None] / weeks) / size[:, None]
    is_detectable = effect[:, None] >= detectable_sd[:, None] * np.sqrt(
        by_week * growth[:, None] + effect_variance[:, None]
    )
    weeks_needed = np.where(is_detectable.any(axis=1), weeks[is_detectable.argmax(axis=1)], np.nan)

    is_station = np.array([plan.unit == "home_station" for plan in plans], dtype=bool)
    is_empty = np.array([plan.clients == 0 for plan in plans], dtype=bool)
    reason = np.select(
        [is_empty, ~is_known, np.isnan(weeks_needed)], ["nobody_eligible", "no_variance", "too_small"], "ok"
    )
    return pa.table(
        {
            "feature_code": pa.array([plan.feature_code for plan in plans], pa.string()),
            "portrait_code": pa.array([plan.portrait_code for plan in plans], pa.string()),
            "effect_ratio": effect,
            "power_prob": power_prob,
            "control_share": control,
            "reason_code": pa.array(reason.tolist(), pa.string()),
            "randomization_unit": pa.array([plan.unit for plan in plans], pa.string()),
            "horizon_weeks": pa.array([horizon_weeks] * len(grid), pa.int64()),
            "clients_available_count": pa.array([plan.clients for plan in plans], pa.int64()),
            "units_available_count": pa.array(units, pa.int64()),
            "clients_needed_count": with_nulls(np.ceil(needed * size - 1e-9), pa.int64()),
            "weeks_needed": with_nulls(weeks_needed, pa.int64()),
            "min_effect_ratio": with_nulls(
                _smallest_effect(
                    detectable_sd**2 * per_unit, detectable_sd**2 * control / size, 2 * control, square, share
                )
            ),
            "is_ever_possible": pa.array(reason == "ok", mask=reason == "no_variance"),
            "baseline_value": with_nulls([plan.baseline if plan.is_known else np.nan for plan in plans]),
            "residual_sd_ratio": with_nulls(np.sqrt(per_client)),
            "icc": with_nulls(np.where(is_station, shared / per_client, np.nan)),
            "design_effect": with_nulls((per_client + cluster) / per_client),
            "unit_size": with_nulls(size),
            "fixed_variance_ratio": with_nulls(fixed),
            "weekly_variance_ratio": with_nulls(weekly),
            "cluster_variance_ratio": with_nulls(cluster),
            "level_square_ratio": with_nulls(square),
            "response_share": with_nulls(share),
            "normal_factor": normal_factor(power_prob),
        }
    )


def _relative(plan: Plan) -> tuple[float, ...]:
    """Unit size, variances (fixed, weekly, shared) and mean square in means², share; NaN if unknown."""
    m = plan.moments
    if m is None or not plan.is_known:
        return (np.nan,) * 6
    squared = (value / m.mean**2 for value in (m.fixed, m.weekly, plan.icc * m.half, m.square))
    return plan.unit_size, *squared, m.share


def _smallest_effect(
    base: np.ndarray, spread: np.ndarray, growth: np.ndarray, square: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Solve ``δ² = base · (1 + growth · δ) + spread · δ² · (square / max(share, δ) − 1)`` for δ."""
    room = 1 + spread - spread * square / share
    below = _positive_root(room, base * growth, base)
    above = _positive_root(1 + spread, base * growth + spread * square, base)
    return np.where(below <= share, below, above)


def _positive_root(square: np.ndarray, linear: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Solve ``square · δ² = linear · δ + constant`` for δ; infinite if no effect is large enough."""
    root = linear + np.sqrt(linear**2 + 4 * np.maximum(square, 0) * constant)
    return np.divide(root, 2 * square, out=np.full(len(root), np.inf), where=square > 0)


@lru_cache(maxsize=4096)
def _cached_detectable(units: int, power_prob: float, control_share: float) -> float:
    """Cached `detectable`: the grid repeats few combinations."""
    return detectable(units, power_prob, control_share)
