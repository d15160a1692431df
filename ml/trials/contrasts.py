"""Treatment minus control within one stratum, adjusted for pre-period covariates.

Ordinary least squares of the outcome on the arm and the centred pre-period covariate (ANCOVA, the regression form of
CUPED: Deng, Xu, Kohavi and Walker 2013), with an HC2 covariance and Satterthwaite degrees of freedom by arm; without
covariates it is exactly Welch's test.

Where whole groups were randomised (clients by their home station), influence values are summed within groups before
they are squared, so that what clients of a station share counts once (Liang and Zeger 1986). The residuals of each
group are adjusted for its leverage: CR2, of which HC2 is the case of one client per group (Bell and McCaffrey 2002).
The degrees of freedom of an arm are those of the equivalent number of equal-sized groups: fewer when a few groups hold
most clients.
"""

from dataclasses import dataclass, replace

import numpy as np

from ml.tables.intervals import Estimate
from ml.trials.costs import OfferedMeans, combine_intervals, effective_df, score_interval

MIN_PER_ARM = 2
MIN_PER_ARM_ADJUSTED = 10
"""Smaller arms are compared without covariates: a slope from a few clients does harm.

With a higher limit, one large fleet in a small portrait would dominate the interval of a whole feature.
"""


@dataclass(frozen=True)
class Groups:
    """Contributions of randomised groups to a contrast; kept because groups span strata, so strata are not independent.

    Attributes
    ----------
    group_id : ndarray of shape (groups,)
    is_treated : ndarray of bool, shape (groups,)
    clients_count : ndarray of float, shape (groups,)
        Clients, weighted like their stratum.
    influence : ndarray of shape (groups, 2 * outcomes)
        Of (control…, effect…).
    """

    group_id: np.ndarray
    is_treated: np.ndarray
    clients_count: np.ndarray
    influence: np.ndarray


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
    groups : Groups or None
        None if clients were randomised individually.
    """

    control: np.ndarray
    effect: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    groups: Groups | None = None

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

    def only(self, i: int) -> "Contrast":
        """Outcome i alone."""
        both = [i, len(self.effect) + i]
        groups = self.groups and replace(self.groups, influence=self.groups.influence[:, both])
        variance = self.variance[np.ix_(both, both)]
        return Contrast(self.control[[i]], self.effect[[i]], variance, self.df[[i]], groups)


def contrast(
    outcomes: np.ndarray,
    treated: np.ndarray,
    covariates: np.ndarray,
    group_id: np.ndarray | None = None,
    *,
    offered: OfferedMeans | None = None,
    mix: np.ndarray | None = None,
) -> Contrast | None:
    """Compare the arms of one stratum.

    Parameters
    ----------
    outcomes : ndarray of shape (clients, outcomes)
    treated : ndarray of bool, shape (clients,)
    covariates : ndarray of shape (clients, covariates)
        Pre-period values; NaN for a client without a pre-period (gets an indicator).
    group_id : ndarray of shape (clients,), optional
        Randomised unit if not the client: all clients of a group are in one arm.
    offered : OfferedMeans, optional
        Further outcomes that exist only in treatment, appended to the others.
    mix : ndarray of shape (outcomes including `offered`, results), optional
        Linear combinations to return; by default the outcomes themselves.

    Returns
    -------
    Contrast or None
        None if an arm has fewer than two clients (groups).
    """
    arms = treated, ~treated
    units = [len(np.unique(group_id[arm])) if group_id is not None else int(arm.sum()) for arm in arms]
    if min(units) < MIN_PER_ARM:
        return None
    design = np.column_stack([np.ones(len(treated)), treated])
    if min(units) >= MIN_PER_ARM_ADJUSTED:
        design = np.hstack([design, _centred(covariates, treated)])
    bread = np.linalg.pinv(design.T @ design)
    coefficients = bread @ (design.T @ outcomes)
    residuals = outcomes - design @ coefficients
    scale = np.abs(outcomes).max(axis=0)
    residuals[:, np.abs(residuals).max(axis=0) <= 1e-12 * scale] = 0.0
    extra = design.shape[1] - 2
    groups = None
    if group_id is not None:
        groups = _groups(group_id, treated, design, bread, residuals)
        influence = groups.influence
    else:
        weights = design @ bread
        scaled = residuals / _hc2_divisor((weights * design).sum(axis=1))[:, None]
        influence = np.hstack([weights[:, [0]] * scaled, weights[:, [1]] * scaled])
    (control, effect), halves, known = coefficients[:2], np.hsplit(influence, 2), outcomes.shape[1]
    if offered is not None:
        control, effect = np.r_[control, np.zeros(len(offered.value))], np.r_[effect, offered.value]
        offered_influence = offered.adjusted if group_id is None else offered.by_group(group_id)
        halves = [np.hstack([halves[0], np.zeros_like(offered_influence)]), np.hstack([halves[1], offered_influence])]
    mix = np.eye(len(effect)) if mix is None else mix
    control, effect, influence = control @ mix, effect @ mix, np.hstack([half @ mix for half in halves])
    if groups is not None:
        groups = replace(groups, influence=influence)
        variance, df = _group_variance(groups, extra)
    else:
        by_arm = [influence[arm].T @ influence[arm] for arm in arms]
        spread = [np.diag(part)[len(effect) :] for part in by_arm]
        variance, df = sum(by_arm), _satterthwaite(spread, [max(size - 1 - extra / 2, 1) for size in units])
    for i in np.flatnonzero(~mix[:known].any(axis=0)):
        df[i] = min(df[i], effective_df(influence[:, len(effect) + i]))
    return Contrast(control, effect, variance, df, groups)


def cost_interval(part: Contrast, i: int) -> Estimate:
    """Score interval of an effect on an outcome that exists only in treatment (see `ml.trials.costs`)."""
    return score_interval(float(part.effect[i]), part.var_effect(i), float(part.df[i]))


def combined_cost_interval(parts: list[Contrast], weights: np.ndarray, total: Contrast, i: int) -> Estimate:
    """Score interval of the weighted sum of such an effect over strata."""
    independent = float(weights**2 @ [part.var_effect(i) for part in parts])
    inflation = total.var_effect(i) / independent if independent > 0 else 1.0
    return combine_intervals([cost_interval(part, i) for part in parts], weights, inflation)


def combine(parts: list[Contrast], weights: np.ndarray) -> Contrast:
    """Weighted sum over strata; `weights` of shape (strata,) sum to 1.

    Strata are independent if clients were randomised individually; groups are summed over their strata.
    """
    control = sum(weight * part.control for part, weight in zip(parts, weights, strict=True))
    effect = sum(weight * part.effect for part, weight in zip(parts, weights, strict=True))
    by_stratum = [part.groups for part in parts if part.groups is not None]
    if by_stratum:
        groups = _add_groups(by_stratum, weights)
        return Contrast(control, effect, *_group_variance(groups, 0), groups)
    variances = [weight**2 * part.variance for part, weight in zip(parts, weights, strict=True)]
    k = len(effect)
    spread = [np.diag(variance)[k:] for variance in variances]
    return Contrast(control, effect, sum(variances), _satterthwaite(spread, [part.df for part in parts]))


def _hc2_divisor(leverage: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(1 - leverage, 1e-3))


def _groups(
    group_id: np.ndarray, treated: np.ndarray, design: np.ndarray, bread: np.ndarray, residuals: np.ndarray
) -> Groups:
    """Influence values of each group with the CR2 adjustment.

    For a group with rows X and residuals e this is ``b' X' (I − X B X')^(−1/2) e``, where b is a row of the bread B.
    With the root R of B and U = X R it equals ``(R b₀)' (I − U'U)^(−1/2) U'e``: matrices only as large as the design is
    wide.
    """
    ids, index = np.unique(group_id, return_inverse=True)
    is_treated = np.zeros(len(ids), dtype=bool)
    is_treated[index] = treated
    values, vectors = np.linalg.eigh(bread)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    rows = design @ root
    width, count = rows.shape[1], residuals.shape[1]

    def summed(column: np.ndarray) -> np.ndarray:
        return np.bincount(index, column, len(ids))

    inner = np.empty((len(ids), width, width))
    outer = np.empty((len(ids), width, count))
    for i in range(width):
        for j in range(width):
            inner[:, i, j] = summed(rows[:, i] * rows[:, j])
        for j in range(count):
            outer[:, i, j] = summed(rows[:, i] * residuals[:, j])
    share, axes = np.linalg.eigh(inner)
    # Along an axis determined by a single group its residuals are zero: nothing to adjust.
    factor = np.where(share < 1 - 1e-9, 1 / np.sqrt(np.maximum(1 - share, 1e-9)), 0.0)
    adjusted = np.einsum("gik,gk,gjk,gjc->gic", axes, factor, axes, outer, optimize=True)
    # Rows of B are (R b₀)' R: the first is the control's, the second the effect's.
    influence = np.hstack([np.einsum("i,gic->gc", root[:, coefficient], adjusted) for coefficient in (0, 1)])
    return Groups(ids, is_treated, np.bincount(index, minlength=len(ids)).astype(np.float64), influence)


def _add_groups(parts: list[Groups], weights: np.ndarray) -> Groups:
    ids, index = np.unique(np.concatenate([part.group_id for part in parts]), return_inverse=True)
    influence = np.concatenate([weight * part.influence for part, weight in zip(parts, weights, strict=True)])
    is_treated = np.zeros(len(ids), dtype=bool)
    is_treated[index] = np.concatenate([part.is_treated for part in parts])
    clients = np.concatenate([part.clients_count for part in parts])
    summed = np.column_stack([np.bincount(index, column, len(ids)) for column in influence.T])
    return Groups(ids, is_treated, np.bincount(index, clients, len(ids)), summed)


def _group_variance(groups: Groups, extra: int) -> tuple[np.ndarray, np.ndarray]:
    """Variance and degrees of freedom; groups are weighted by their clients."""
    by_arm, degrees = [], []
    for arm in (groups.is_treated, ~groups.is_treated):
        influence, weight = groups.influence[arm], groups.clients_count[arm]
        by_arm.append(influence.T @ influence)
        degrees.append(max(weight.sum() ** 2 / (weight**2).sum() - 1 - extra / 2, 1))
    k = groups.influence.shape[1] // 2
    spread = [np.diag(part)[k:] for part in by_arm]
    return by_arm[0] + by_arm[1], _satterthwaite(spread, degrees)


def _satterthwaite(variances: list[np.ndarray], dfs: list) -> np.ndarray:
    total = sum(variances)
    terms = sum(v**2 / np.maximum(df, 1e-9) for v, df in zip(variances, dfs, strict=True))
    return np.divide(total**2, terms, out=np.zeros_like(total), where=terms > 0)


def _centred(covariates: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Centred covariates and indicators of missing values; columns that do not vary are dropped."""
    missing = np.isnan(covariates)
    known_mean = np.where(missing, 0.0, covariates).sum(axis=0) / np.maximum((~missing).sum(axis=0), 1)
    filled = np.where(missing, known_mean, covariates)
    usable = []
    for column in (*filled.T, *missing.T.astype(np.float64)):
        varies_in_both = all(np.ptp(column[arm]) > 0 for arm in (treated, ~treated))
        if varies_in_both and column.std() > 1e-9 * max(1.0, np.abs(column).max()):
            usable.append((column - column.mean()) / column.std())
    return np.column_stack(usable) if usable else np.zeros((len(treated), 0))
