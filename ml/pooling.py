"""Cells that borrow from their neighbours: shrinkage towards the common mean as far as each is uncertain."""

import numpy as np


def shrink_shares(share: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Beta-binomial empirical Bayes: shares pulled towards their common mean.

    Parameters
    ----------
    share, trials : ndarrays of shape (cells,)
        A cell with 0 trials (rules) keeps its share; one without a share takes the mean.

    Returns
    -------
    ndarray of shape (cells,), NaN where no cell is known
    """
    known = np.isfinite(share)
    if not known.any():
        return np.full_like(share, np.nan)
    counted = known & (trials > 0)
    if not counted.any():
        return np.where(known, share, share[known].mean())
    n, p = trials[counted], share[counted]
    mean = float((n * p).sum() / n.sum())
    noise = mean * (1 - mean)
    # Method of moments for the between-cell variance of a beta-binomial with unequal sizes.
    total, cells = n.sum(), len(n)
    spread = float((n * (p - mean) ** 2).sum())
    scale = total - (n**2).sum() / total
    between = max((spread - (cells - 1) * noise) / scale, 0.0) if scale > 0 else 0.0
    between = min(between, noise)
    strength = noise / between - 1 if between > 0 else np.inf
    result = np.where(known, share, mean)
    pulled = (n * p + strength * mean) / (n + strength) if np.isfinite(strength) else mean
    result[counted] = pulled
    return result


def pool(effect: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Random-effects partial pooling (DerSimonian–Laird).

    Parameters
    ----------
    effect, error : ndarrays of shape (cells,)
        Estimates and their standard errors; a cell without both takes the pooled mean.

    Returns
    -------
    ndarray of shape (cells,), NaN where no cell is known
    """
    usable = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    known = np.isfinite(effect)
    if not usable.any():
        return np.where(known, effect, effect[known].mean() if known.any() else np.nan)
    y, variance = effect[usable], error[usable] ** 2
    weight = 1 / variance
    fixed = (weight * y).sum() / weight.sum()
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    excess = (weight * (y - fixed) ** 2).sum() - (len(y) - 1)
    between = max(excess / scale, 0.0) if scale > 0 else 0.0
    weight = 1 / (variance + between)
    mean = float((weight * y).sum() / weight.sum())
    result = np.full(len(effect), mean)
    result[usable] = (between * y + variance * mean) / (between + variance)
    return result
