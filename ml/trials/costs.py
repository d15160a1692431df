"""What being offered a feature costs, told from the offered alone: without the offer there is no cost.

One slope for both arms, as `ml.trials.contrasts` has it, is wrong for the cost: control has none. The cost goes with what a
client did before. So a cost for each visit before is told, weighted so that no fleet decides it, and applied to all who
are eligible; what the offered cost beyond it is added as the mean that it is (the general regression estimator:
Särndal, Swensson and Wretman 1992, ch. 6). So it is right on average also where the cost does not go with the visits.
Its influences stand beside those of the margin: profit is margin less cost, and their covariance is known.

Few of the offered respond, and a fleet may cost as much as all others, so the cost is skewed: where little of it was
seen its spread looks small too. The interval is therefore that of all costs μ at which the estimate is not
surprising when the variance is in proportion to μ, as it is for a sum over so many responders (a score interval, of
which Wilson's is the case of a share). The variance is itself told by as few as decide it: with s their influences it
has ``2 (Σ s²)² / Σ s⁴`` degrees of freedom at most.

Of a whole feature each portrait's distances to its ends are squared and added (MOVER: Zou and Donner 2008), scaled by
what portraits have in common where they share stations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.tables.intervals import Estimate, t_quantile
from ml.trials.outcomes import PRE_PERIOD, Cell

MAX_LEVERAGE = 0.9


@dataclass(frozen=True)
class Offered:
    """Means per client of what only the offered have, were all of them offered it.

    Attributes
    ----------
    value : ndarray of shape (outcomes,)
    influence : ndarray of shape (clients, outcomes)
        What each client's deviation adds to it; 0 in control.
    leverage : ndarray of shape (clients,)
        Share of each in what a visit before brings; 0 in control.
    """

    value: np.ndarray
    influence: np.ndarray
    leverage: np.ndarray

    @property
    def adjusted(self) -> np.ndarray:
        """Influences, adjusted for what each client decides itself, as HC2 does."""
        return _adjusted(self.influence, self.leverage)

    def by_group(self, group_id: np.ndarray) -> np.ndarray:
        """Add up the influences within groups, in the order of their numbers."""
        groups, place = np.unique(group_id, return_inverse=True)
        columns = (*self.influence.T, self.leverage)
        *influence, leverage = (np.bincount(place, column, len(groups)) for column in columns)
        return _adjusted(np.column_stack(influence), leverage)


def _adjusted(influence: np.ndarray, leverage: np.ndarray) -> np.ndarray:
    return influence / np.sqrt(1 - np.minimum(leverage, MAX_LEVERAGE))[:, None]


def offered(cell: Cell, outcomes: np.ndarray) -> Offered:
    """Estimate what offering the feature to all of a cell would bring of these.

    Linear in the outcomes, but for those that are the same for all: a cost is the sum of what is served at its prices.

    Parameters
    ----------
    cell : Cell
    outcomes : ndarray of shape (clients, outcomes)
        Costs or what is served; fees that are the same for all are no part of it. Those of control are not read.
    """
    treated, size = cell.treated, _size(cell)
    mean = size.mean()
    # Costs are spread about in proportion to visits: clients of many count less for each.
    share = np.where(treated, (size / (size + mean)) ** 2, 0.0)
    share /= share.sum()
    by_visit = np.divide(share, size, out=np.zeros(len(size)), where=size > 0)
    rate = by_visit[treated] @ outcomes[treated]
    beyond = np.where(treated[:, None], outcomes - size[:, None] * rate, 0.0)
    count = float(treated.sum())
    # What is left unequal between the arms is bridged by the rate.
    weight = 1 / count + (mean - size[treated].mean()) * by_visit
    value, influence = rate * mean + beyond.sum(axis=0) / count, weight[:, None] * beyond
    # What is the same for all does not go with visits: it is known.
    is_same = np.ptp(outcomes[treated], axis=0) == 0
    value[is_same], influence[:, is_same] = outcomes[treated][0, is_same], 0.0
    return Offered(value, influence, share)


def _size(cell: Cell) -> np.ndarray:
    """Visits a month before the trial; where unknown those of as many vehicles of the others."""
    visits = cell.values[PRE_PERIOD["visits_count"]]
    vehicles = cell.values.get("vehicles_count", np.ones(len(visits)))
    vehicles = np.where(vehicles >= 1, vehicles, 1.0)
    known = ~np.isnan(visits)
    of_vehicle = visits[known].sum() / vehicles[known].sum() if known.any() else 0.0
    size = np.where(known, visits, of_vehicle * vehicles)
    # Nobody offered came before: what they have in common is vehicles.
    return size if size[cell.treated].sum() > 0 else vehicles


def deciding(influence: np.ndarray) -> float:
    """Degrees of freedom of a variance told by these influences: twice as many as decide it; infinite without any."""
    fourth = (influence**4).sum()
    return float(2 * (influence**2).sum() ** 2 / fourth) if fourth > 0 else np.inf


def interval(value: float, variance: float, df: float) -> Estimate:
    """Score interval of a cost that cannot be negative; none where nothing varied."""
    if not (value > 0 and variance > 0 and df > 0):
        return Estimate(value)
    squared = t_quantile(df) ** 2 * variance
    half = squared / value / 2
    reach = np.sqrt(squared + half**2)
    return Estimate(value, value + half - reach, value + half + reach)


def combined(parts: Sequence[Estimate], weights: np.ndarray, inflation: float = 1.0) -> Estimate:
    """Weighted sum of costs with its interval; none where no part has one.

    Parameters
    ----------
    parts : sequence of Estimate
        Of the strata; one without an interval adds nothing to the width.
    weights : ndarray of shape (strata,)
    inflation : float
        Variance of the sum over that of independent strata.
    """
    value, low, high = (np.array([getattr(part, end) for part in parts]) for end in ("value", "low", "high"))
    whole = float(weights @ value)
    if not np.isfinite(low).any():
        return Estimate(whole)
    below, above = (np.sqrt(inflation * np.nansum((weights * (value - end)) ** 2)) for end in (low, high))
    return Estimate(whole, max(whole - float(below), 0.0), whole + float(above))
