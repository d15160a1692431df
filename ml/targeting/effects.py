"""What a feature changes for each client, estimated from its trial.

A doubly robust learner (Kennedy 2023; Nie and Wager 2021 for one regression of both arms) with a second stage made for
what is known of such effects:

1. *Without the offer.* Boosted trees predict the margin of a month from what was known before, clients of other folds
   only. What is left of a client's own margin, divided by its chance to be in its arm, is its score: full of noise,
   but right on average whatever the trees say.
2. *Who responds.* Boosted trees on the treated clients of other folds. Whoever would not respond is not changed
   (Angrist, Imbens and Rubin 1996), so the effect on a client is its probability to respond × what a response changes.
3. *What a response changes*, as a share of the margin expected without the offer: one figure for each portrait, from
   the scores of the other folds, each pulled to that of all portraits of its kind (private clients or companies), and
   that to nothing, as far as they are uncertain (`ml.trials.pooling.pool_to_zero`).

What the offer costs goes with the same: a share of the margin at stake, and what everyone offered pays alike.

All regressions are of roubles in units of the client's margin before the trial: a fleet of hundreds would otherwise
have all of the noise. Nobody's prediction has seen its own score, so scores can judge predictions (`ml.targeting.policies`).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from ml.targeting.trial import Trial
from ml.trials.pooling import pool_to_zero
from ml.uplift.cross_fitting import cross_fit, doubly_robust, group_folds
from ml.uplift.trees import boosted_trees

FOLDS = 5
TREES = 50
MOST_ROWS = 100_000
"""So many clients grow the trees; more would cost time and change little."""
LEAST_RESPONSE = 0.003
LEAST_EXPECTED = 0.05
"""Nobody is taken to be sure not to respond, or to bring nothing: shares of the scale."""

USUAL_CHANGE = 0.015
"""Scale of the prior of what a response changes, share of the margin: small trials say little of single clients, and
should not say more. Tried from 0.01 to 0.1 on trials of 2,000, 30,000 and 100,000 clients (docs/uplift.md)."""

LEAST_LEFT = 0.05
"""Of a residual that its own client explains."""

PRIOR_CLIENTS = 10

MIN_CLIENTS = 5
"""Of each arm; a portrait with fewer takes the figure of all."""


@dataclass(frozen=True)
class Effects:
    """What the offer changes for each client of a trial; all of shape (clients,), ₽ a month.

    Attributes
    ----------
    response_prob : ndarray
        NaN where nobody's response is known.
    margin, cost : ndarray
        Predicted from the other clients.
    margin_score, cost_score : ndarray
        Doubly robust scores: of any group of clients their mean is an unbiased estimate.
    """

    response_prob: np.ndarray
    margin: np.ndarray
    cost: np.ndarray
    margin_score: np.ndarray
    cost_score: np.ndarray

    @property
    def profit(self) -> np.ndarray:
        """Predicted margin less cost."""
        return self.margin - self.cost

    @property
    def profit_score(self) -> np.ndarray:
        """Score of margin less cost."""
        return self.margin_score - self.cost_score


def estimate_effects(trial: Trial, rng: np.random.Generator) -> Effects:
    """Estimate the effect on each client of a trial.

    Parameters
    ----------
    trial : Trial
    rng : numpy.random.Generator
        Cuts the folds.

    Returns
    -------
    Effects
    """
    fold = group_folds(trial.group_id, trial.treated, FOLDS, rng)
    margin = trial.margin / trial.scale
    with threadpool_limits(limits=1):
        [without] = cross_fit(trial.known, margin, fold, [np.ones(len(fold), dtype=bool)], _trees)
        answers = trial.treated & np.isfinite(trial.responded)
        is_reported = answers.sum() >= MIN_CLIENTS
        response = np.ones(len(fold))
        if is_reported:
            [response] = cross_fit(trial.known, trial.responded, fold, [answers], _trees)
            response = np.clip(response, LEAST_RESPONSE, 1)
    at_stake = response * np.maximum(without, LEAST_EXPECTED)
    cost = _cost(trial, fold, at_stake * trial.scale)
    # One regression serves both arms: effects are small beside the differences between clients.
    score = doubly_robust(margin, trial.treated, trial.propensity, without, without)
    changed = _changed(trial, fold, score, at_stake, _noise(trial, margin - without))
    return Effects(
        response_prob=response if is_reported else np.full(len(fold), np.nan),
        margin=changed * at_stake * trial.scale,
        cost=cost,
        margin_score=score * trial.scale,
        # Without the offer there is no cost: its score needs the treated alone.
        cost_score=cost + np.where(trial.treated, (trial.cost - cost) / trial.propensity, 0.0),
    )


def _trees(X: np.ndarray, y: np.ndarray) -> HistGradientBoostingRegressor:
    rows = slice(None, None, -(-len(y) // MOST_ROWS))
    X, y = X[rows], y[rows]
    return boosted_trees(X, y, rounds=TREES, leaves=8, rows_per_leaf=max(20, min(100, len(y) // 50)))


def _noise(trial: Trial, left: np.ndarray) -> np.ndarray:
    """Variance of what is left of each client's outcome, by portrait and size; shape (clients,)."""
    columns = [trial.portrait == number for number in range(len(trial.portraits))]
    design = np.column_stack([*columns, np.log(trial.scale)]).astype(np.float64)
    square = left**2
    floor = 1e-6 * square.mean()
    if floor == 0:
        return np.ones(len(left))
    fitted = np.exp(design @ np.linalg.lstsq(design, np.log(np.maximum(square, floor)), rcond=None)[0])
    return fitted * (square / fitted).mean()


def _cost(trial: Trial, fold: np.ndarray, at_stake: np.ndarray) -> np.ndarray:
    """Cost of the offer for each client: what all pay alike, and beyond it in proportion to what is at stake.

    The proportion is that of the client's portrait in the other folds, with `PRIOR_CLIENTS` as in all portraits.
    """
    count, found = len(trial.portraits), np.empty(len(at_stake))
    for part in range(FOLDS):
        used, out = trial.treated & (fold != part), fold == part
        fee = trial.cost[used].min() if used.any() else 0.0
        portrait, beyond, base = trial.portrait[used], trial.cost[used] - fee, at_stake[used]
        usual = beyond.sum() / base.sum() if used.any() else 0.0
        paid, total, size = (np.bincount(portrait, each, count) for each in (beyond, base, np.ones(len(base))))
        more = PRIOR_CLIENTS * total / np.maximum(size, 1)
        rate = np.divide(paid + more * usual, total + more, out=np.full(count, usual), where=total > 0)
        found[out] = fee + rate[trial.portrait[out]] * at_stake[out]
    return found


def _changed(trial: Trial, fold: np.ndarray, score: np.ndarray, at_stake: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """What a response changes, share of the expected margin, for each client by the scores of the other folds."""
    found = np.empty(len(score))
    for part in range(FOLDS):
        estimate, error = _by_portrait(trial, fold != part, score, at_stake, noise)
        out = fold == part
        pooled = np.empty(len(estimate))
        # Companies have their own ways: what a discount changes for drivers says little of them.
        for kind in (trial.is_company, ~trial.is_company):
            pooled[kind] = pool_to_zero(estimate[kind], error[kind], USUAL_CHANGE)
        found[out] = pooled[trial.portrait[out]]
    return found


def _by_portrait(
    trial: Trial, used: np.ndarray, score: np.ndarray, at_stake: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slope of the scores on what is at stake in each portrait and its standard error, shapes (portraits,); else NaN.

    The error is HC3 (MacKinnon and White 1985), and wider where few clients decide: of ``t`` with so many degrees of
    freedom as would weigh alike, the variance of the posterior.
    """
    count = len(trial.portraits)
    estimate, error = np.full(count, np.nan), np.full(count, np.nan)
    for number in range(count):
        rows = used & (trial.portrait == number)
        treated = trial.treated[rows]
        if min(treated.sum(), (~treated).sum()) < MIN_CLIENTS:
            continue
        weight = at_stake[rows] / noise[rows]
        part = weight * at_stake[rows]
        square = float(part.sum())
        slope = float(weight @ score[rows]) / square
        left = weight * (score[rows] - slope * at_stake[rows])
        part /= square
        if trial.is_grouped:
            place = np.unique(trial.group_id[rows], return_inverse=True)[1]
            left, part = np.bincount(place, left), np.bincount(place, part)
        deciding = 1 / float(part @ part)
        if deciding > 3:
            estimate[number] = slope
            left = left / np.maximum(1 - part, LEAST_LEFT)
            error[number] = float(np.sqrt(left @ left * deciding / (deciding - 2))) / square
    return estimate, error
