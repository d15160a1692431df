"""How well a visit rate is known: few visits or few days say little of how often a client comes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.tables.columns import numbers
from ml.tables.periods import AMOUNTS_PER_MONTH
from vocabulary.units import MONTH_DAYS

RATE_METRICS = frozenset({"visits_per_month"})

PRIOR_VISITS = 0.5
"""Visits added to the counted ones: the Jeffreys prior of a Poisson rate (Gelman et al. 2013, 2.6–2.8)."""


MIN_SILENT_DAYS = 28
"""Days that a client must have been observed for its silence to say anything: rare clients come about once a month."""


def without_short_silences(metrics: pa.Table) -> pa.Table:
    """Take zeros per month for unknown where a client has not come yet in fewer than `MIN_SILENT_DAYS` days.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client.

    Returns
    -------
    pyarrow.Table
        The same columns; a table without `visits_count` and `observed_days` comes back as it is.
    """
    if not {"visits_count", "observed_days"} <= set(metrics.column_names):
        return metrics
    silent = (numbers(metrics, "visits_count") == 0) & (numbers(metrics, "observed_days") < MIN_SILENT_DAYS)
    for name in set(AMOUNTS_PER_MONTH) & set(metrics.column_names):
        known = pc.if_else(pa.array(silent), None, metrics.column(name))
        metrics = metrics.set_column(metrics.schema.get_field_index(name), name, known)
    return metrics


def smoothed(metrics: pa.Table, metric_code: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smooth a rate by its counts and say how uncertain its logarithm is.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client; `visits_count` and `observed_days` tell how much was seen.
    metric_code : str
    values : ndarray of shape (clients,)
        The metric as it stands.

    Returns
    -------
    values : ndarray of shape (clients,)
        Posterior mean of a rate, per month; other metrics, and tables without the counts, come back as they are.
    log_variance : ndarray of shape (clients,)
        Variance of the logarithm of the rate; 0 for other metrics.
    """
    counted = {"visits_count", "observed_days"} <= set(metrics.column_names)
    if metric_code not in RATE_METRICS or not counted:
        return values, np.zeros_like(values)
    visits = numbers(metrics, "visits_count") + PRIOR_VISITS
    months = np.maximum(numbers(metrics, "observed_days"), 1.0) / MONTH_DAYS
    rate = visits / months
    is_known = ~np.isnan(rate) & ~np.isnan(values)
    return np.where(is_known, rate, values), np.where(is_known, 1 / np.where(is_known, visits, 1.0), 0.0)
