"""The space in which clients are compared: behaviour as scaled columns, traits as categories.

Amounts go through a logarithm; shares of visits are drawn to the population's share by a few visits (of two visits both
at one station is little evidence of a habit) and through the arcsine of the root, which makes their spread even; then
scikit-learn's StandardScaler, fitted on columns cut at their outer quantiles, so that one 200-vehicle fleet does not
bend the space. Wholly missing and constant columns are left out.
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
"""One column for each side of behaviour. Criteria may speak of any metric, and count in full where it is none of these.

A criterion does not add its metric: a share of few visits is far from any bell, and components split on it. What each
metric is worth here, and what others would cost, is in docs/portraits.md.
"""

VISIT_METRICS = frozenset({"visits_per_month", "volume_l_per_visit", "home_station_share", "shop_visits_share"})
"""Those that visits tell. Without any of them the criteria decide alone."""

SHARE_VISITS = 5.0
"""Visits of the population's habit that a share of visits starts from."""

SMALLEST_RATE = 0.1
"""Visits per month under which a rate without counts is cut before its logarithm."""

OUTER = 0.002
"""Share of clients on each side at whose values a column is cut before it is scaled."""

FARTHEST = 10.0
"""Standard deviations at which a scaled value is cut."""

LARGEST = 1e12
"""Larger values are cut before anything else."""


@dataclass(frozen=True)
class Column:
    """How a numeric metric becomes a column.

    Attributes
    ----------
    code : str
    population_share : float or None
        Mean over all visits, for a share of visits that is smoothed.
    mean, scale : float
        Of the transformed metric.
    """

    code: str
    population_share: float | None
    mean: float
    scale: float


@dataclass(frozen=True)
class Trait:
    """A categorical metric and the values that occurred, sorted."""

    code: str
    levels: list[str]


@dataclass(frozen=True)
class Space:
    """Learned from a sample of clients; `project` puts any clients into it.

    Attributes
    ----------
    columns : list of Column
    traits : list of Trait
    share_visits : float
        Visits of the population's habit that a share of visits starts from.
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
        Standard deviations from the mean; NaN where the metric is not known.
    levels : ndarray of int, shape (clients, traits)
        Index into the trait's levels; −1 where it is not known, or never seen when the space was learned.
    """

    values: np.ndarray
    levels: np.ndarray

    def take(self, rows: np.ndarray | slice) -> "Points":
        """Return some of the clients."""
        return Points(self.values[rows], self.levels[rows])


def learn(
    metrics: pa.Table,
    *,
    codes_of_space: Iterable[str] = SPACE_METRICS,
    share_visits: float = SHARE_VISITS,
) -> Space:
    """Learn the space.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client of the sample.
    codes_of_space : iterable of str
        Metrics that make it up, as far as they are there.
    share_visits : float
        See `Space`.

    Returns
    -------
    Space
        Without the metrics that are wholly missing or the same for all.
    """
    columns, traits = [], []
    for code in sorted(set(codes_of_space) & set(metrics.column_names)):
        if _is_trait(metrics, code):
            levels = codes(metrics, code)[1]
            if len(levels) > 1:
                traits.append(Trait(code, levels))
            continue
        share = _population_share(metrics, code)
        values = _transformed(metrics, code, share, share_visits)
        seen = values[~np.isnan(values)]
        if len(seen) == 0:
            continue
        low, high = np.quantile(seen, [OUTER, 1 - OUTER])
        if high <= low:
            low, high = seen.min(), seen.max()
        if high - low <= 1e-9 * max(1.0, abs(high)):
            continue
        scaler = StandardScaler().fit(np.clip(seen, low, high)[:, None])
        columns.append(Column(code, share, float(scaler.mean_[0]), float(scaler.scale_[0])))
    return Space(columns, traits, share_visits)


def project(space: Space, metrics: pa.Table) -> Points:
    """Put clients into the space.

    Parameters
    ----------
    space : Space
    metrics : pyarrow.Table
        One row per client, with the metrics of the space.
    """
    values = np.empty((metrics.num_rows, len(space.columns)))
    for place, column in enumerate(space.columns):
        raw = _transformed(metrics, column.code, column.population_share, space.share_visits)
        values[:, place] = np.clip((raw - column.mean) / column.scale, -FARTHEST, FARTHEST)
    levels = np.empty((metrics.num_rows, len(space.traits)), dtype=np.int64)
    for place, trait in enumerate(space.traits):
        found, names = codes(metrics, trait.code)
        rank = {name: number for number, name in enumerate(trait.levels)}
        known = np.array([rank.get(name, -1) for name in names] + [-1], dtype=np.int64)
        levels[:, place] = known[found]
    return Points(values, levels)


def _is_trait(metrics: pa.Table, code: str) -> bool:
    return is_text(metrics, code) or pa.types.is_boolean(metrics.schema.field(code).type)


def _population_share(metrics: pa.Table, code: str) -> float | None:
    """Mean of a share over all visits; None where there is nothing to smooth."""
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
