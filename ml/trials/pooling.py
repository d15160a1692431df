"""Shrinkage of cells towards a common mean according to their uncertainty.

Written here: statsmodels' `combine_effects` returns the common mean only, does not keep its between-cell variance from
falling below 0, and is NaN for a single cell.
"""

import numpy as np


def shrink_shares(share: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Shrink shares towards their common mean by beta-binomial empirical Bayes.

    Parameters
    ----------
    share, trials : ndarrays of shape (cells,)
        A cell with 0 trials (rules) keeps its share; a cell without a share gets the mean.

    Returns
    -------
    ndarray of shape (cells,), NaN if no cell is known
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
    shrunk = (n * p + strength * mean) / (n + strength) if np.isfinite(strength) else mean
    result[counted] = shrunk
    return result


def pool(effect: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Random-effects partial pooling (DerSimonian–Laird).

    Parameters
    ----------
    effect, error : ndarrays of shape (cells,)
        Estimates and their standard errors; a cell missing either gets the pooled mean.

    Returns
    -------
    ndarray of shape (cells,), NaN if no cell is known
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


def pool_to_zero(effect: np.ndarray, error: np.ndarray, prior_scale: float) -> np.ndarray:
    """Bayesian partial pooling: shrink effects towards their common mean, and the mean towards 0.

    Effects are normal around a common mean, which is normal around 0. Both standard deviations have half-Cauchy priors
    of scale `prior_scale` (Gelman 2006) and are integrated out by quadrature: with a dozen cells, plugging in point
    estimates would be overconfident.

    Parameters
    ----------
    effect, error : ndarrays of shape (cells,)
        Estimates and their standard errors; a cell missing either gets the common mean.
    prior_scale : float
        Typical size of effects.

    Returns
    -------
    ndarray of shape (cells,)
        Posterior means; 0 if no cell is known.
    """
    known = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    y, variance = effect[known], error[known] ** 2
    # Log-spaced, from far below detectable effects to far above typical ones.
    grid = prior_scale * np.geomspace(0.03, 10, 24)
    prior = np.log(grid) - np.log1p((grid / prior_scale) ** 2)
    common, spread = grid[:, None], grid[None, :]
    total = variance + spread[:, :, None] ** 2
    precision, weighted = (1 / total).sum(axis=2), (y / total).sum(axis=2)
    fit = (np.log(total) + y**2 / total).sum(axis=2)
    shrinkage = 1 + common**2 * precision
    log_posterior = (
        prior[:, None] + prior[None, :] - 0.5 * (fit + np.log(shrinkage) - common**2 * weighted**2 / shrinkage)
    )
    weight = np.exp(log_posterior - log_posterior.max())
    weight /= weight.sum()
    mean = common**2 * weighted / shrinkage
    result = np.full(len(effect), float((weight * mean).sum()))
    share = spread[:, :, None] ** 2 / total
    result[known] = (weight[:, :, None] * (share * y + (1 - share) * mean[:, :, None])).sum(axis=(0, 1))
    return result
