"""How well a visit rate is known: few visits or few days say little of how often a client comes."""

import numpy as np
import pyarrow as pa

from ml.columns import numbers

RATE_METRICS = frozenset({"visits_per_month"})
MONTH_DAYS = 30.4375

PRIOR_VISITS = 0.5
"""Visits added to the counted ones: the Jeffreys prior of a Poisson rate (Gelman et al. 2013, 2.6–2.8)."""


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
    is_known = ~np.isnan(rate)
    return np.where(is_known, rate, values), np.where(is_known, 1 / np.where(is_known, visits, 1.0), 0.0)
