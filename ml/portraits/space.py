"""Feature space of the mixture: behaviour as scaled columns, traits as categories.

Amounts are log-transformed. Shares of visits are shrunk to the population's share by a few pseudo-visits (two visits,
both at one station, are weak evidence of a habit) and variance-stabilised by the arcsine of the square root. Columns
are then scaled by scikit-learn's StandardScaler, fitted on values clipped at the outer quantiles, so that one
200-vehicle fleet does not distort the space. Columns that are entirely missing or constant are dropped.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sklearn.preprocessing import StandardScaler

from ml.portraits.rates import RATE_METRICS, smoothed
from ml.tables.columns import codes, is_text, numbers

LOG_METRICS = frozenset(
    {
        "visits_per_month",
        "volume_l_per_month",
        "volume_l_per_visit",
        "spend_rub_per_month",
        "spend_rub_per_visit",
        "shop_rub_per_month",
        "shop_rub_per_visit",
        "gap_days_mean",
        "recency_days",
        "tenure_days",
        "stations_count",
        "vehicles_count",
        "tank_volume_l",
        "tank_volume_mean_l",
    }
)

SPACE_METRICS = (
    "visits_per_month",
    "volume_l_per_visit",
    "vehicles_count",
    "tank_volume_mean_l",
    "home_station_share",
    "shop_visits_share",
    "main_fuel_grade",
    "main_payment_method",
    "has_loyalty_card",
    "has_fuel_card",
    "has_contract",
    "is_corporate",
)
"""One column per aspect of behaviour. Criteria on other metrics are allowed and keep their full weight.

A criterion does not add its metric to the space: a share over few visits is far from normal, and components split on
it. docs/portraits.md shows what each metric is worth, and what others would cost.
"""

VISIT_METRICS = frozenset({"visits_per_month", "volume_l_per_visit", "home_station_share", "shop_visits_share"})
"""Metrics derived from visits. If all are unknown, only the criteria are used."""

SHARE_VISITS = 5.0
"""Pseudo-visits at the population's share that are added to a share of visits."""

SMALLEST_RATE = 0.1
"""Lower limit of visits per month before the logarithm, for rates without counts."""

OUTER = 0.002
"""Tail probability, on each side, of the quantiles at which a column is clipped to fit the scaler."""

FARTHEST = 10.0
"""Standard deviations at which a scaled value is clipped."""

LARGEST = 1e12
"""Absolute value at which a raw metric is clipped."""


@dataclass(frozen=True)
class Column:
    """Transformation of a numeric metric.

    Attributes
    ----------
    code : str
        Metric code.
    population_share : float or None
        Mean over all visits, for a smoothed share of visits.
    mean, scale : float
        Mean and standard deviation of the transformed metric.
    """

    code: str
    population_share: float | None
    mean: float
    scale: float


@dataclass(frozen=True)
class Trait:
    """A categorical metric and its observed values, sorted."""

    code: str
    levels: list[str]


@dataclass(frozen=True)
class Space:
    """Space fitted to a sample of clients; `project` maps any clients into it.

    Attributes
    ----------
    columns : list of Column
    traits : list of Trait
    share_visits : float
        See `SHARE_VISITS`.
    """

    columns: list[Column]
    traits: list[Trait]
    share_visits: float = SHARE_VISITS


@dataclass(frozen=True)
class Points:
    """Clients in the space.

    Attributes
    ----------
    values : ndarray of shape (clients, columns)
        Standard deviations from the mean; NaN where the metric is unknown.
    levels : ndarray of int, shape (clients, traits)
        Index into the levels of the trait; −1 for a missing value or one that was not in the sample.
    """

    values: np.ndarray
    levels: np.ndarray

    def take(self, rows: np.ndarray | slice) -> "Points":
        """Select clients by row."""
        return Points(self.values[rows], self.levels[rows])


def learn(
    metrics: pa.Table,
    *,
    metric_codes: Iterable[str] = SPACE_METRICS,
    share_visits: float = SHARE_VISITS,
) -> Space:
    """Fit the space.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client of the sample.
    metric_codes : iterable of str
        Metrics of the space; those without a column in `metrics` are ignored, and so are entirely missing or constant
        ones.
    share_visits : float
        See `SHARE_VISITS`.
    """
    columns, traits = [], []
    for code in sorted(set(metric_codes) & set(metrics.column_names)):
        if _is_trait(metrics, code):
            levels = codes(metrics, code)[1]
            if len(levels) > 1:
                traits.append(Trait(code, levels))
            continue
        share = _population_share(metrics, code)
        values = _transformed(metrics, code, share, share_visits)
        known = values[~np.isnan(values)]
        if len(known) == 0:
            continue
        low, high = np.quantile(known, [OUTER, 1 - OUTER])
        if high <= low:
            low, high = known.min(), known.max()
        if high - low <= 1e-9 * max(1.0, abs(high)):
            continue
        scaler = StandardScaler().fit(np.clip(known, low, high)[:, None])
        columns.append(Column(code, share, float(scaler.mean_[0]), float(scaler.scale_[0])))
    return Space(columns, traits, share_visits)


def project(space: Space, metrics: pa.Table) -> Points:
    """Map clients (rows of `metrics`) into the space."""
    values = np.empty((metrics.num_rows, len(space.columns)))
    for i, column in enumerate(space.columns):
        raw = _transformed(metrics, column.code, column.population_share, space.share_visits)
        values[:, i] = np.clip((raw - column.mean) / column.scale, -FARTHEST, FARTHEST)
    levels = np.empty((metrics.num_rows, len(space.traits)), dtype=np.int64)
    for i, trait in enumerate(space.traits):
        index, names = codes(metrics, trait.code)
        level = {name: position for position, name in enumerate(trait.levels)}
        to_level = np.array([level.get(name, -1) for name in names] + [-1], dtype=np.int64)
        levels[:, i] = to_level[index]
    return Points(values, levels)


def _is_trait(metrics: pa.Table, code: str) -> bool:
    return is_text(metrics, code) or pa.types.is_boolean(metrics.schema.field(code).type)


def _population_share(metrics: pa.Table, code: str) -> float | None:
    """Mean of a share over all visits; None for other metrics and without known visits."""
    if not code.endswith("_share") or "visits_count" not in metrics.column_names:
        return None
    share, visits = numbers(metrics, code), numbers(metrics, "visits_count")
    known = ~np.isnan(share) & (visits > 0)
    return float(np.average(share[known], weights=visits[known])) if known.any() else None


def _transformed(metrics: pa.Table, code: str, population_share: float | None, share_visits: float) -> np.ndarray:
    values = np.clip(numbers(metrics, code), -LARGEST, LARGEST)
    if code in RATE_METRICS:
        return np.log(np.maximum(smoothed(metrics, code, values)[0], SMALLEST_RATE))
    if code in LOG_METRICS:
        return np.log1p(np.maximum(values, 0.0))
    if not code.endswith("_share"):
        return values
    if population_share is not None:
        visits = np.nan_to_num(numbers(metrics, "visits_count"))
        values = (values * visits + share_visits * population_share) / (visits + share_visits)
    return np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0)))
