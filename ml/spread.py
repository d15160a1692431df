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

    noise, halves = np.zeros(count), []
    for half in (slice(0, BLOCKS // 2), slice(BLOCKS // 2, BLOCKS)):
        length = weeks[:, half].sum(axis=1)
        level = totals[:, half].sum(axis=1) / length
        halves.append((level, length))
        inside = _residuals(totals[:, half] / weeks[:, half] - level[:, None], sized)
        noise += (weeks[:, half] * inside**2).sum(axis=1)
    weekly = float(noise.mean()) / (BLOCKS - 2)
    (first, first_weeks), (second, second_weeks) = halves
    change = np.mean(_residuals((first - second)[:, None], sized) ** 2)
    slow = max(float(change - weekly * np.mean(1 / first_weeks + 1 / second_weeks)) / 2, 0.0)
    error = slow + weekly * float(np.mean(1 / whole))
    level = max(float(np.mean(_residuals(mean[:, None], base) ** 2)) - error, 0.0)
    if not error > 0:
        return None

    known = float(has_pre_period.mean())
    fixed = slow + level * (known * error / (level + error) + 1 - known)
    rest = _residuals(second[:, None], np.column_stack([base, first]))[:, 0]
    half = float(np.mean(rest**2))
    residual = np.full(len(long_enough), np.nan)
    residual[long_enough] = rest / np.sqrt(half) if half > 0 else 0.0
    return Spread(float(mean.mean()), fixed, weekly, max(float(mean.var(ddof=1)) - error, 0.0), half, residual)


def _design(traits: np.ndarray) -> np.ndarray:
    """Intercept and traits, an unknown trait at the mean of the known ones."""
    unknown = np.isnan(traits)
    means = np.where(unknown, 0.0, traits).sum(axis=0) / np.maximum((~unknown).sum(axis=0), 1)
    return np.column_stack([np.ones(len(traits)), np.where(unknown, means, traits)])


def _residuals(values: np.ndarray, design: np.ndarray) -> np.ndarray:
    """What least squares leave of each column, scaled up for the degrees of freedom they took."""
    coefficients, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    left = values - design @ coefficients
    left[:, np.abs(left).max(axis=0) <= 1e-9 * np.abs(values).max(initial=0.0)] = 0.0
    return left * np.sqrt(len(values) / max(len(values) - rank, 1))
