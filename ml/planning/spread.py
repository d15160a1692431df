"""How far clients will be spread after the start of a trial, told from the weeks before it.

The window of the client metrics is cut into six blocks, three to a half, the same for all clients of a portrait. A
client's value per week is taken as level + slow + noise:

- noise is independent from block to block; its variance over t weeks is ``weekly / t``;
- slow is what differs between the halves beyond noise: who left, came back or changed. It is taken to last as long as
  the window and the trial do. Changes that never revert would count about twice that, passing lulls half of it; one
  window cannot tell the two apart;
- level is what persists; a client's mean of the window tells it, with an error of ``slow + weekly / T``.

So the variance of a client's mean over w weeks, given the mean of the window, is ``fixed + weekly / w`` with
``fixed = slow + level · error / (level + error)``. Changes that go with the client's size (seasons) and with its other
covariates are taken out, as the analysis does. Moment estimates of nested variance components; none below zero.
"""

from dataclasses import dataclass

import numpy as np

BLOCKS = 6
MIN_DAYS = 24
"""Shorter histories say too little: blocks of less than four days."""
MIN_CLIENTS = 10
"""Fewer clients have no estimate of their spread."""
DECIDING_LEVERAGE = 0.9
"""Where one client decides the fit of covariates there is none: it would seem to have no spread of its own."""


@dataclass(frozen=True)
class Spread:
    """Moments of a metric per client and week.

    Attributes
    ----------
    mean : float
    fixed, weekly : float
        ``fixed + weekly / w`` is the variance of a client's mean over w weeks given the covariates.
    between : float
        Variance between the levels of clients, covariates not taken out.
    half : float
        Variance of the second half given the first and the covariates.
    residual : ndarray of shape (clients,)
        What is left of the second half then, in standard deviations; NaN where the history is too short.
    """

    mean: float
    fixed: float
    weekly: float
    between: float
    half: float
    residual: np.ndarray


def spread(totals: np.ndarray, days: np.ndarray, has_pre_period: np.ndarray, traits: np.ndarray) -> Spread | None:
    """Estimate the spread of one stratum.

    Parameters
    ----------
    totals : ndarray of shape (clients, BLOCKS)
        Of the metric in each block.
    days : ndarray of shape (clients, BLOCKS)
        Length of the blocks; shorter for clients observed for a part of the window.
    has_pre_period : ndarray of bool, shape (clients,)
        Observed for the whole window: the others have no covariate in the analysis.
    traits : ndarray of shape (clients, traits)
        Other covariates; NaN where unknown.

    Returns
    -------
    Spread or None
        None with fewer than `MIN_CLIENTS` of `MIN_DAYS`, or when nothing varies.
    """
    long_enough = days.sum(axis=1) >= MIN_DAYS
    count = int(long_enough.sum())
    if count < MIN_CLIENTS:
        return None
    totals, weeks = totals[long_enough], days[long_enough] / 7
    whole = weeks.sum(axis=1)
    mean = totals.sum(axis=1) / whole
    base = _design(traits[long_enough])
    sized = np.column_stack([base, mean])
    if _largest_leverage(sized) > DECIDING_LEVERAGE:
        base = sized = base[:, :1]

    halves, weekly, slow = _within(totals, weeks, sized)
    errors = slow + weekly / whole
    if not errors.max() > 0:
        return None

    # Who has no pre-period keeps the whole difference to the others; these may be quite other clients.
    known, has = float(has_pre_period.mean()), has_pre_period[long_enough]
    apart = _residuals(mean[:, None], base)[:, 0] ** 2 - errors
    with_pre, without = max(_mean(apart[has]), 0.0), max(_mean(apart[~has]), 0.0)
    error = _mean(errors[has])
    told = with_pre * error / (with_pre + error) if error > 0 else 0.0
    fixed = slow + known * told + (1 - known) * without
    between = max(float(mean.var(ddof=1) - errors.mean()), 0.0)
    rest = _residuals(halves[:, [1]], np.column_stack([base, halves[:, 0]]))[:, 0]
    half = float(np.mean(rest**2))
    residual = np.full(len(long_enough), np.nan)
    residual[long_enough] = rest / np.sqrt(half) if half > 0 else 0.0
    return Spread(float(mean.mean()), fixed, weekly, between, half, residual)


def _within(totals: np.ndarray, weeks: np.ndarray, sized: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Means of the halves, shape (clients, 2), the variance of noise in a week, and that of slow changes."""
    noise, halves, lengths = [], [], []
    for half in (slice(0, BLOCKS // 2), slice(BLOCKS // 2, BLOCKS)):
        length = weeks[:, half].sum(axis=1)
        level = totals[:, half].sum(axis=1) / length
        inside = _residuals(totals[:, half] / weeks[:, half] - level[:, None], sized)
        noise.append((weeks[:, half] * inside**2).sum(axis=1))
        halves.append(level)
        lengths.append(length)
    weekly = float(np.mean(noise[0] + noise[1])) / (BLOCKS - 2)
    change = np.mean(_residuals((halves[0] - halves[1])[:, None], sized) ** 2)
    slow = float(change - weekly * np.mean(1 / lengths[0] + 1 / lengths[1])) / 2
    return np.column_stack(halves), weekly, max(slow, 0.0)


def _design(traits: np.ndarray) -> np.ndarray:
    """Intercept and traits, an unknown trait at the mean of the known ones."""
    unknown = np.isnan(traits)
    means = np.where(unknown, 0.0, traits).sum(axis=0) / np.maximum((~unknown).sum(axis=0), 1)
    return np.column_stack([np.ones(len(traits)), np.where(unknown, means, traits)])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def _largest_leverage(design: np.ndarray) -> float:
    return float(np.einsum("ij,ji->i", design, np.linalg.pinv(design)).max())


def _residuals(values: np.ndarray, design: np.ndarray) -> np.ndarray:
    """What least squares leave of each column, scaled up for the degrees of freedom they took."""
    coefficients, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    left = values - design @ coefficients
    left[:, np.abs(left).max(axis=0) <= 1e-9 * np.abs(values).max(initial=0.0)] = 0.0
    return left * np.sqrt(len(values) / max(len(values) - rank, 1))
