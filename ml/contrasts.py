"""Offered minus control within one stratum, adjusted by what was known before the trial.

Ordinary least squares of the outcome on the arm and the centred pre-period covariate (ANCOVA, the
regression form of CUPED: Deng, Xu, Kohavi and Walker 2013), with an HC2 covariance and
Satterthwaite degrees of freedom by arm; without covariates it is exactly Welch's test.
"""

from dataclasses import dataclass

import numpy as np

MIN_PER_ARM = 2
MIN_PER_ARM_ADJUSTED = 10
"""Smaller arms are compared without covariates: a slope from a few clients does harm."""


@dataclass(frozen=True)
class Contrast:
    """Control means and effects of several outcomes in one stratum, or combined over strata.

    Attributes
    ----------
    control, effect : ndarrays of shape (outcomes,)
    variance : ndarray of shape (2 * outcomes, 2 * outcomes)
        Covariance of (control…, effect…).
    df : ndarray of shape (outcomes,)
        Degrees of freedom of each effect.
    """

    control: np.ndarray
    effect: np.ndarray
    variance: np.ndarray
    df: np.ndarray

    def var_effect(self, i: int) -> float:
        """Variance of effect i."""
        k = len(self.effect)
        return float(self.variance[k + i, k + i])

    def var_control(self, i: int) -> float:
        """Variance of control mean i."""
        return float(self.variance[i, i])

    def covariance(self, i: int) -> float:
        """Covariance of control mean i and effect i."""
        return float(self.variance[i, len(self.effect) + i])


def contrast(outcomes: np.ndarray, treated: np.ndarray, covariates: np.ndarray) -> Contrast | None:
    """Compare the arms of one stratum.

    Parameters
    ----------
    outcomes : ndarray of shape (clients, outcomes)
    treated : ndarray of bool, shape (clients,)
    covariates : ndarray of shape (clients, covariates)
        Pre-period values; NaN for a client without a pre-period (gets an indicator of its own).

    Returns
    -------
    Contrast or None
        None when an arm has fewer than two clients.
    """
    arms = treated, ~treated
    sizes = [int(arm.sum()) for arm in arms]
    if min(sizes) < MIN_PER_ARM:
        return None
    design = np.column_stack([np.ones(len(treated)), treated])
    if min(sizes) >= MIN_PER_ARM_ADJUSTED:
        design = np.hstack([design, _centred(covariates, treated)])
    bread = np.linalg.pinv(design.T @ design)
    coefficients = bread @ (design.T @ outcomes)
    residuals = outcomes - design @ coefficients
    scale = np.abs(outcomes).max(axis=0)
    residuals[:, np.abs(residuals).max(axis=0) <= 1e-12 * scale] = 0.0
    weights = design @ bread
    leverage = (weights * design).sum(axis=1)
    scaled = residuals / np.sqrt(np.maximum(1 - leverage, 1e-3))[:, None]
    influence = np.hstack([weights[:, [0]] * scaled, weights[:, [1]] * scaled])
    by_arm = [influence[arm].T @ influence[arm] for arm in arms]
    k = outcomes.shape[1]
    spread = [np.diag(part)[k:] for part in by_arm]
    extra = design.shape[1] - 2
    df = _satterthwaite(spread, [max(size - 1 - extra / 2, 1) for size in sizes])
    return Contrast(coefficients[0], coefficients[1], by_arm[0] + by_arm[1], df)


def combine(parts: list[Contrast], weights: np.ndarray) -> Contrast:
    """Weighted sum over independent strata; `weights` of shape (strata,) sum to 1."""
    variances = [weight**2 * part.variance for part, weight in zip(parts, weights, strict=True)]
    k = len(parts[0].effect)
    spread = [np.diag(variance)[k:] for variance in variances]
    return Contrast(
        sum(weight * part.control for part, weight in zip(parts, weights, strict=True)),
        sum(weight * part.effect for part, weight in zip(parts, weights, strict=True)),
        sum(variances),
        _satterthwaite(spread, [part.df for part in parts]),
    )


def _satterthwaite(variances: list[np.ndarray], dfs: list) -> np.ndarray:
    total = sum(variances)
    terms = sum(v**2 / np.maximum(df, 1e-9) for v, df in zip(variances, dfs, strict=True))
    return np.divide(total**2, terms, out=np.zeros_like(total), where=terms > 0)


def _centred(covariates: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Centred covariates and indicators of their absence; those that do not vary are dropped."""
    missing = np.isnan(covariates)
    known_mean = np.where(missing, 0.0, covariates).sum(axis=0) / np.maximum((~missing).sum(axis=0), 1)
    filled = np.where(missing, known_mean, covariates)
    usable = []
    for column in (*filled.T, *missing.T.astype(np.float64)):
        varies_in_both = all(np.ptp(column[arm]) > 0 for arm in (treated, ~treated))
        if varies_in_both and column.std() > 1e-9 * max(1.0, np.abs(column).max()):
            usable.append((column - column.mean()) / column.std())
    return np.column_stack(usable) if usable else np.zeros((len(treated), 0))
