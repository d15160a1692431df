"""The space in which clients are clustered: metrics made comparable and robust.

Heavy-tailed columns go through log1p, every column is clipped to its 0.5–99.5 % quantiles before
scikit-learn's StandardScaler and to ±4 after it, so that one 200-vehicle fleet does not bend the
space. Wholly missing and constant columns are left out.
"""

import numpy as np
import pyarrow as pa
from sklearn.preprocessing import StandardScaler

from ml.columns import is_text, numbers

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
    "shop_rub_per_visit",
    "shop_visits_share",
    "gap_days_cv",
    "tenure_days",
    "ai92_share",
    "ai95_share",
    "ai95_eco_share",
    "ai98_share",
    "ai100_share",
    "diesel_share",
    "lpg_share",
    "day_share",
    "night_share",
    "weekend_share",
    "home_station_share",
    "app_share",
    "vehicles_count",
    "tank_volume_l",
    "has_loyalty_card",
    "has_fuel_card",
    "has_contract",
    "is_corporate",
)
"""One column for each side of behaviour; sums of others (litres per month) would count it twice."""

CLIP = 4.0
"""Farthest a client can be from the mean in one column, standard deviations."""

LARGEST = 1e12
"""Larger values are cut before they are squared."""


def build(metrics: pa.Table, extra_codes: list[str], sample: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Scale the metrics; the scaler sees only the rows of `sample`.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client.
    extra_codes : list of str
        Metrics of the criteria, added to `SPACE_METRICS`; text ones are skipped (their shares
        stand in the space as numbers).
    sample : ndarray of int
        Rows to fit on.

    Returns
    -------
    points : ndarray of shape (clients, columns)
        Scaled metrics, 0 (the mean) where missing.
    is_known : ndarray of bool, shape (clients, columns)
    columns : list of str
        Metric codes; empty when nothing varies.
    """
    wanted = sorted({*SPACE_METRICS, *extra_codes} & set(metrics.column_names))
    kept, columns = [], []
    for code in wanted:
        if is_text(metrics, code):
            continue
        values = numbers(metrics, code)
        values = np.clip(values, -LARGEST, LARGEST)
        if code in LOG_METRICS:
            values = np.log1p(np.maximum(values, 0.0))
        seen = values[sample]
        seen = seen[~np.isnan(seen)]
        if len(seen) == 0:
            continue
        low, high = np.quantile(seen, [0.005, 0.995])
        if high <= low:
            low, high = seen.min(), seen.max()
        if high - low <= 1e-9 * max(1.0, abs(high)):
            continue
        kept.append(code)
        columns.append(np.clip(values, low, high))
    if not kept:
        empty = np.zeros((metrics.num_rows, 0))
        return empty, empty.astype(bool), []
    raw = np.column_stack(columns)
    scaled = StandardScaler().fit(raw[sample]).transform(raw)
    is_known = ~np.isnan(scaled)
    return np.clip(np.nan_to_num(scaled), -CLIP, CLIP), is_known, kept
