"""Uncertainty of visit rates: few visits or few days observed are weak evidence of how often a client comes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.tables.columns import numbers
from ml.tables.periods import AMOUNTS_PER_MONTH
from vocabulary.units import MONTH_DAYS

RATE_METRICS = frozenset({"visits_per_month"})

PRIOR_VISITS = 0.5
"""Visits added to the observed count: the Jeffreys prior of a Poisson rate (Gelman et al. 2013, 2.6–2.8)."""


MIN_SILENT_DAYS = 28
"""Days of observation below which having no visit is not evidence: rare clients come about once a month."""


def without_short_silences(metrics: pa.Table) -> pa.Table:
    """Null the monthly amounts of clients without a visit in fewer than `MIN_SILENT_DAYS` days of observation.

    A table without `visits_count` and `observed_days` is returned unchanged.
    """
    if not {"visits_count", "observed_days"} <= set(metrics.column_names):
        return metrics
    silent = (numbers(metrics, "visits_count") == 0) & (numbers(metrics, "observed_days") < MIN_SILENT_DAYS)
    for name in set(AMOUNTS_PER_MONTH) & set(metrics.column_names):
        known = pc.if_else(pa.array(silent), None, metrics.column(name))
        metrics = metrics.set_column(metrics.schema.get_field_index(name), name, known)
    return metrics


def smoothed(metrics: pa.Table, metric_code: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean of a visit rate and the variance of its logarithm.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client, with `visits_count` and `observed_days`.
    metric_code : str
    values : ndarray of shape (clients,)
        The metric before smoothing.

    Returns
    -------
    values : ndarray of shape (clients,)
        Visits per month; unchanged for other metrics and for tables without the two counts.
    log_variance : ndarray of shape (clients,)
        Variance of the log rate; 0 where `values` is unchanged.
    """
    has_counts = {"visits_count", "observed_days"} <= set(metrics.column_names)
    if metric_code not in RATE_METRICS or not has_counts:
        return values, np.zeros_like(values)
    visits = numbers(metrics, "visits_count") + PRIOR_VISITS
    months = np.maximum(numbers(metrics, "observed_days"), 1.0) / MONTH_DAYS
    rate = visits / months
    is_known = ~np.isnan(rate) & ~np.isnan(values)
    return np.where(is_known, rate, values), np.where(is_known, 1 / np.where(is_known, visits, 1.0), 0.0)
