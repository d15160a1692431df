"""Variance of clients after the start of a trial, estimated from the weeks before it.

The window of the client metrics is split into six blocks, three per half, the same for all clients of a portrait. A
client's value per week is modelled as level + slow + noise:

- noise is independent between blocks; its variance over t weeks is ``weekly / t``;
- slow is the difference between the halves beyond noise: clients who left, came back or changed. It is assumed to
  last as long as the window and the trial. Permanent changes would count about twice as much, temporary lulls half as
  much; one window cannot distinguish them;
- level is permanent; a client's mean over the window estimates it with an error of ``slow + weekly / T``.

The variance of a client's mean over w weeks, given the mean of the window, is therefore ``fixed + weekly / w`` with
``fixed = slow + level · error / (level + error)``. Changes explained by the client's size (seasons) and its other
covariates are removed, as in the analysis. The components are moment estimates of nested variances, truncated at zero.
"""

from dataclasses import dataclass

import numpy as np

BLOCKS = 6
MIN_DAYS = 24
"""Shorter histories are not used: their blocks have fewer than four days."""
MIN_CLIENTS = 10
"""With fewer clients there is no estimate."""
MAX_LEVERAGE = 0.9
"""No covariates are fitted if one client exceeds this leverage: its own variance would be hidden."""


@dataclass(frozen=True)
class Spread:
    """Moments of a metric per client and week.

    Attributes
    ----------
    mean : float
    fixed, weekly : float
        ``fixed + weekly / w`` is the variance of a client's mean over w weeks given the covariates.
    between : float
        Variance between the levels of clients, without adjustment for covariates.
    half : float
        Variance of the second half given the first and the covariates.
    residual : ndarray of shape (clients,)
        Standardised residual of the second half in that fit; NaN if the history is too short.
    """

    mean: float
    fixed: float
    weekly: float
    between: float
    half: float
    residual: np.ndarray


def spread(totals: np.ndarray, days: np.ndarray, has_pre_period: np.ndarray, traits: np.ndarray) -> Spread | None:
    """Estimate the variance components of one stratum.

    Parameters
    ----------
    totals : ndarray of shape (clients, BLOCKS)
        Totals of the metric per block.
    days : ndarray of shape (clients, BLOCKS)
        Length of the blocks; shorter for clients observed for part of the window.
    has_pre_period : ndarray of bool, shape (clients,)
        Whether the client was observed for the whole window; others have no covariate in the analysis.
    traits : ndarray of shape (clients, traits)
        Other covariates; NaN if unknown.

    Returns
    -------
    Spread or None
        None with fewer than `MIN_CLIENTS` clients of at least `MIN_DAYS`, or if nothing varies.
    """
    long_enough = days.sum(axis=1) >= MIN_DAYS
    count = int(long_enough.sum())
    if count < MIN_CLIENTS:
        return None
    totals, weeks = totals[long_enough], days[long_enough] / 7
    whole = weeks.sum(axis=1)
    mean = totals.sum(axis=1) / whole
    base = _design(traits[long_enough])
    with_mean = np.column_stack([base, mean])
    if _largest_leverage(with_mean) > MAX_LEVERAGE:
        base = with_mean = base[:, :1]

    halves, weekly, slow = _within(totals, weeks, with_mean)
    errors = slow + weekly / whole
    if not errors.max() > 0:
        return None

    # Clients without a pre-period keep the full between-client variance, and may differ systematically from the others.
    pre_share, pre = float(has_pre_period.mean()), has_pre_period[long_enough]
    level_square = _residuals(mean[:, None], base)[:, 0] ** 2 - errors
    with_pre, without = max(_mean(level_square[pre]), 0.0), max(_mean(level_square[~pre]), 0.0)
    error = _mean(errors[pre])
    conditional = with_pre * error / (with_pre + error) if error > 0 else 0.0
    fixed = slow + pre_share * conditional + (1 - pre_share) * without
    between = max(float(mean.var(ddof=1) - errors.mean()), 0.0)
    residuals = _residuals(halves[:, [1]], np.column_stack([base, halves[:, 0]]))[:, 0]
    half = float(np.mean(residuals**2))
    residual = np.full(len(long_enough), np.nan)
    residual[long_enough] = residuals / np.sqrt(half) if half > 0 else 0.0
    return Spread(float(mean.mean()), fixed, weekly, between, half, residual)


def _within(totals: np.ndarray, weeks: np.ndarray, with_mean: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Means of the halves, shape (clients, 2), weekly noise variance, and variance of slow changes."""
    noise, halves, lengths = [], [], []
    for half in (slice(0, BLOCKS // 2), slice(BLOCKS // 2, BLOCKS)):
        length = weeks[:, half].sum(axis=1)
        level = totals[:, half].sum(axis=1) / length
        deviation = _residuals(totals[:, half] / weeks[:, half] - level[:, None], with_mean)
        noise.append((weeks[:, half] * deviation**2).sum(axis=1))
        halves.append(level)
        lengths.append(length)
    weekly = float(np.mean(noise[0] + noise[1])) / (BLOCKS - 2)
    change = np.mean(_residuals((halves[0] - halves[1])[:, None], with_mean) ** 2)
    slow = float(change - weekly * np.mean(1 / lengths[0] + 1 / lengths[1])) / 2
    return np.column_stack(halves), weekly, max(slow, 0.0)


def _design(traits: np.ndarray) -> np.ndarray:
    """Intercept and traits, with unknown traits set to the mean of the known ones."""
    unknown = np.isnan(traits)
    means = np.where(unknown, 0.0, traits).sum(axis=0) / np.maximum((~unknown).sum(axis=0), 1)
    return np.column_stack([np.ones(len(traits)), np.where(unknown, means, traits)])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def _largest_leverage(design: np.ndarray) -> float:
    return float(np.einsum("ij,ji->i", design, np.linalg.pinv(design)).max())


def _residuals(values: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Least-squares residuals of each column, scaled for the degrees of freedom used."""
    coefficients, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    residuals = values - design @ coefficients
    residuals[:, np.abs(residuals).max(axis=0) <= 1e-9 * np.abs(values).max(initial=0.0)] = 0.0
    return residuals * np.sqrt(len(values) / max(len(values) - rank, 1))
