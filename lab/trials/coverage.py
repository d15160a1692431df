"""Scores of repeated trials whose truth is known: coverage and bias of intervals, false discoveries and power."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Coverage:
    """Coverage and bias of an estimate over replicates and the cells of a kind.

    Attributes
    ----------
    intervals_count : int
        Number of intervals; what is known exactly has none.
    covered_share : float
        Share of them that cover the truth.
    lowest, highest : float
        The same share of single cells.
    bias : float
        Mean of (estimate − truth) / standard deviation of the estimate, over cells.
    """

    intervals_count: int
    covered_share: float
    lowest: float
    highest: float
    bias: float


def coverage(found: np.ndarray, truth: np.ndarray) -> Coverage:
    """Count the intervals of one estimate that cover the truth.

    Parameters
    ----------
    found : ndarray of shape (replicates, cells, 3)
        Value, low and high; NaN without one.
    truth : ndarray of shape (cells,)
    """
    value, low, high = np.moveaxis(found, 2, 0)
    # What is known exactly (a fee per client) has an interval of width 0, which is not counted.
    is_given = np.isfinite(found).all(axis=2) & np.isfinite(truth) & (high > low)
    holds = is_given & (low <= truth) & (truth <= high)
    count = is_given.sum(axis=0)
    # Of a cell that seldom has an interval the share is too uncertain.
    usual = count >= len(found) / 2
    covered = float(holds.sum() / count.sum()) if count.any() else np.nan
    if not usual.any():
        return Coverage(int(count.sum()), covered, np.nan, np.nan, np.nan)
    shares = holds.sum(axis=0)[usual] / count[usual]
    value = np.where(is_given, value, np.nan)[:, usual]
    spread = np.nanstd(value, axis=0)
    bias = np.nanmean(value, axis=0) - truth[usual]
    known = spread > 1e-9 * np.abs(truth[usual])
    return Coverage(
        int(count.sum()),
        covered,
        float(shares.min()),
        float(shares.max()),
        float((bias[known] / spread[known]).mean()) if known.any() else np.nan,
    )


@dataclass(frozen=True)
class Discoveries:
    """Calls (verdicts `works` or `harms`) over replicates.

    Attributes
    ----------
    any_share : float
        Share of the replicates with any call.
    calls_mean : float
        Mean number of calls of a replicate.
    false_share : float
        False discovery rate: mean over replicates of false calls / calls, 0 without calls.
    found_share : float
        Power: share of the true effects that are called with the right sign.
    """

    any_share: float
    calls_mean: float
    false_share: float
    found_share: float


def discoveries(called: np.ndarray, effect: np.ndarray, is_null: np.ndarray) -> Discoveries:
    """Compare calls with the truth.

    Parameters
    ----------
    called : ndarray of int, shape (replicates, cells)
        1, −1 or 0, see `Replicate`.
    effect : ndarray of shape (cells,)
        True effect on the primary metric.
    is_null : ndarray of bool, shape (cells,)
        Cells without any effect: a call there is false, as is one of the wrong sign elsewhere.
    """
    is_call = called != 0
    is_false = is_call & (is_null | (called != np.sign(effect)))
    calls = is_call.sum(axis=1)
    there = ~is_null & np.isfinite(effect) & (effect != 0)
    return Discoveries(
        any_share=float((calls > 0).mean()),
        calls_mean=float(calls.mean()),
        false_share=float((is_false.sum(axis=1) / np.maximum(calls, 1)).mean()),
        found_share=float((is_call & ~is_false)[:, there].mean()) if there.any() else np.nan,
    )
