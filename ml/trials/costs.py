"""Cost of offering a feature, estimated from the treated clients alone: control has no cost.

A common slope for both arms, as in `ml.trials.contrasts`, would be wrong here because the control arm has no cost.
Costs scale with what a client did before the trial. So the cost per pre-period visit is estimated, weighted so that no
fleet dominates it, and applied to all eligible clients; the mean residual of the treated clients is added (the general
regression estimator: Särndal, Swensson and Wretman 1992, ch. 6). The estimate is therefore unbiased even where costs
are not proportional to visits. Its influence values are combined with those of the margin: profit is margin minus cost,
and their covariance is known.

Few treated clients respond, and one fleet may cost as much as all others, so costs are skewed: a trial with a low
observed cost also underestimates its variance. The interval is therefore the set of costs μ that the estimate does not
reject when the variance is proportional to μ, as it is for a sum over a random number of responders (a score interval;
Wilson's is the special case of a share). The variance itself is estimated from the few clients that dominate it: with
influence values s it has at most ``2 (Σ s²)² / Σ s⁴`` degrees of freedom.

For a whole feature, the distances of the portraits' estimates to their interval ends are added in quadrature (MOVER:
Zou and Donner 2008), scaled by the covariance between portraits that share stations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.tables.intervals import Estimate, t_quantile
from ml.trials.outcomes import PRE_PERIOD, Cell

MAX_LEVERAGE = 0.9


@dataclass(frozen=True)
class OfferedMeans:
    """Means per client of outcomes that exist only in treatment, if all clients were treated.

    Attributes
    ----------
    value : ndarray of shape (outcomes,)
    influence : ndarray of shape (clients, outcomes)
        Contribution of each client's residual; 0 in control.
    leverage : ndarray of shape (clients,)
        Weight of each client in the rate per pre-period visit; 0 in control.
    """

    value: np.ndarray
    influence: np.ndarray
    leverage: np.ndarray

    @property
    def adjusted(self) -> np.ndarray:
        """Influence values adjusted for leverage, as in HC2."""
        return _adjusted(self.influence, self.leverage)

    def by_group(self, group_id: np.ndarray) -> np.ndarray:
        """Sum influence values within groups, in the order of group_id."""
        groups, index = np.unique(group_id, return_inverse=True)
        columns = (*self.influence.T, self.leverage)
        *influence, leverage = (np.bincount(index, column, len(groups)) for column in columns)
        return _adjusted(np.column_stack(influence), leverage)


def _adjusted(influence: np.ndarray, leverage: np.ndarray) -> np.ndarray:
    return influence / np.sqrt(1 - np.minimum(leverage, MAX_LEVERAGE))[:, None]


def offered_means(cell: Cell, outcomes: np.ndarray) -> OfferedMeans:
    """Estimate the mean outcomes if all clients of a cell were treated.

    Linear in the outcomes, except for constant ones: a cost equals the sum of what is served, times its prices.

    Parameters
    ----------
    cell : Cell
    outcomes : ndarray of shape (clients, outcomes)
        Costs or served amounts, without fees that are equal for all. Values of control are not read.
    """
    treated, size = cell.treated, _size(cell)
    mean = size.mean()
    # Cost variance grows about in proportion to visits, so clients with many visits get less weight per visit.
    share = np.where(treated, (size / (size + mean)) ** 2, 0.0)
    share /= share.sum()
    weight_per_visit = np.divide(share, size, out=np.zeros(len(size)), where=size > 0)
    rate = weight_per_visit[treated] @ outcomes[treated]
    residual = np.where(treated[:, None], outcomes - size[:, None] * rate, 0.0)
    count = float(treated.sum())
    # The rate corrects for the remaining imbalance between the arms.
    weight = 1 / count + (mean - size[treated].mean()) * weight_per_visit
    value, influence = rate * mean + residual.sum(axis=0) / count, weight[:, None] * residual
    # An outcome equal for all treated clients does not depend on visits: it is known exactly.
    is_constant = np.ptp(outcomes[treated], axis=0) == 0
    value[is_constant], influence[:, is_constant] = outcomes[treated][0, is_constant], 0.0
    return OfferedMeans(value, influence, share)


def _size(cell: Cell) -> np.ndarray:
    """Pre-period visits per month; if unknown, vehicles × the mean visits per vehicle of the other clients."""
    visits = cell.values[PRE_PERIOD["visits_count"]]
    vehicles = cell.values.get("vehicles_count", np.ones(len(visits)))
    vehicles = np.where(vehicles >= 1, vehicles, 1.0)
    known = ~np.isnan(visits)
    visits_per_vehicle = visits[known].sum() / vehicles[known].sum() if known.any() else 0.0
    size = np.where(known, visits, visits_per_vehicle * vehicles)
    # No treated client came before the trial: fall back to vehicles.
    return size if size[cell.treated].sum() > 0 else vehicles


def effective_df(influence: np.ndarray) -> float:
    """Degrees of freedom of a variance estimated from these influence values; infinite if all are 0."""
    fourth = (influence**4).sum()
    return float(2 * (influence**2).sum() ** 2 / fourth) if fourth > 0 else np.inf


def score_interval(value: float, variance: float, df: float) -> Estimate:
    """Score interval of a non-negative cost; no interval if nothing varies."""
    if not (value > 0 and variance > 0 and df > 0):
        return Estimate(value)
    squared = t_quantile(df) ** 2 * variance
    half = squared / value / 2
    reach = np.sqrt(squared + half**2)
    return Estimate(value, value + half - reach, value + half + reach)


def combine_intervals(parts: Sequence[Estimate], weights: np.ndarray, inflation: float = 1.0) -> Estimate:
    """Weighted sum of costs with its interval; no interval if no part has one.

    Parameters
    ----------
    parts : sequence of Estimate
        One per stratum; a part without an interval adds nothing to the width.
    weights : ndarray of shape (strata,)
    inflation : float
        Variance of the sum relative to that of independent strata.
    """
    value, low, high = (np.array([getattr(part, end) for part in parts]) for end in ("value", "low", "high"))
    whole = float(weights @ value)
    if not np.isfinite(low).any():
        return Estimate(whole)
    below, above = (np.sqrt(inflation * np.nansum((weights * (value - end)) ** 2)) for end in (low, high))
    return Estimate(whole, max(whole - float(below), 0.0), whole + float(above))
