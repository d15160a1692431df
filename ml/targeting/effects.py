"""Effect of a feature on each client, estimated from its trial.

A doubly robust learner (Kennedy 2023; Nie and Wager 2021 for one regression of both arms) with a second stage designed
for what is known about such effects:

1. *Baseline.* Boosted trees predict the monthly margin from pre-trial covariates, cross-fitted by folds of clients. A
   client's residual divided by the propensity of its arm is its score: very noisy, but unbiased whatever the trees
   predict.
2. *Response.* Boosted trees on the treated clients of the other folds. A client who would not respond is not affected
   (Angrist, Imbens and Rubin 1996), so the effect on a client is its response probability × the change per response.
3. *Change per response*, as a share of the expected margin without the offer: one value per portrait, from the scores
of
   the other folds, shrunk to the mean of all portraits of its kind (private clients or companies), and this mean to
   zero (`ml.trials.pooling.pool_to_zero`).

The cost of the offer follows the same pattern: a share of the margin at stake, plus what every treated client costs.

All regressions use roubles relative to the client's margin before the trial: otherwise a fleet of hundreds would
contribute all of the noise. No prediction uses the client's own score, so scores can evaluate predictions
(`ml.targeting.policies`).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from ml.tables.threads import one_thread
from ml.targeting.trial import Trial
from ml.trials.pooling import pool_to_zero
from ml.uplift.cross_fitting import cross_fit, group_folds
from ml.uplift.doubly_robust import doubly_robust
from ml.uplift.trees import boosted_trees

FOLDS = 5
TREES = 50
MAX_ROWS = 100_000
"""Clients used to grow the trees; more cost time and change little."""
MIN_RESPONSE = 0.003
MIN_EXPECTED = 0.05
"""Lower bounds of the response probability and of the expected margin, the latter relative to the scale."""

CHANGE_PRIOR_SCALE = 0.015
"""Prior scale of the change per response, share of the margin: small trials contain little information about single
clients. Tried from 0.01 to 0.1 on trials of 2,000, 30,000 and 100,000 clients (docs/adr/0014-effects-of-clients.md).
"""

MIN_RESIDUAL_SHARE = 0.05
"""Lower bound of 1 − leverage."""

PRIOR_CLIENTS = 10

MIN_CLIENTS = 5
"""Minimum per arm; a portrait with fewer gets the pooled value."""


@dataclass(frozen=True)
class Effects:
    """Effect of the offer on each client of a trial; all of shape (clients,), ₽ per month.

    Attributes
    ----------
    response_prob : ndarray
        NaN if no responses are known.
    margin, cost : ndarray
        Cross-fitted predictions.
    margin_score, cost_score : ndarray
        Doubly robust scores: their mean over any group of clients is an unbiased estimate.
    """

    response_prob: np.ndarray
    margin: np.ndarray
    cost: np.ndarray
    margin_score: np.ndarray
    cost_score: np.ndarray

    @property
    def profit(self) -> np.ndarray:
        """Predicted margin minus cost."""
        return self.margin - self.cost

    @property
    def profit_score(self) -> np.ndarray:
        """Score of margin minus cost."""
        return self.margin_score - self.cost_score


def estimate_effects(trial: Trial, rng: np.random.Generator) -> Effects:
    """Estimate the effect on each client of a trial.

    Parameters
    ----------
    trial : Trial
    rng : numpy.random.Generator
        Assigns the folds.

    Returns
    -------
    Effects
    """
    fold = group_folds(trial.group_id, trial.treated, FOLDS, rng)
    margin = trial.margin / trial.scale
    with one_thread():
        [without] = cross_fit(trial.covariates, margin, fold, [np.ones(len(fold), dtype=bool)], _trees)
        reported = trial.treated & np.isfinite(trial.responded)
        is_reported = reported.sum() >= MIN_CLIENTS
        response = np.ones(len(fold))
        if is_reported:
            [response] = cross_fit(trial.covariates, trial.responded, fold, [reported], _trees)
            response = np.clip(response, MIN_RESPONSE, 1)
    at_stake = response * np.maximum(without, MIN_EXPECTED)
    cost = _cost(trial, fold, at_stake * trial.scale)
    # One regression serves both arms: effects are small compared with the differences between clients.
    score = doubly_robust(margin, trial.treated, trial.propensity, without, without)
    change = _response_change(trial, fold, score, at_stake, _noise(trial, margin - without))
    return Effects(
        response_prob=response if is_reported else np.full(len(fold), np.nan),
        margin=change * at_stake * trial.scale,
        cost=cost,
        margin_score=score * trial.scale,
        # Control has no cost, so the score of the cost uses treated clients only.
        cost_score=cost + np.where(trial.treated, (trial.cost - cost) / trial.propensity, 0.0),
    )


def _trees(X: np.ndarray, y: np.ndarray) -> HistGradientBoostingRegressor:
    rows = slice(None, None, -(-len(y) // MAX_ROWS))
    X, y = X[rows], y[rows]
    return boosted_trees(X, y, rounds=TREES, leaves=8, rows_per_leaf=max(20, min(100, len(y) // 50)))


def _noise(trial: Trial, residual: np.ndarray) -> np.ndarray:
    """Residual variance of each client's outcome, modelled by portrait and scale; shape (clients,)."""
    columns = [trial.portrait == number for number in range(len(trial.portraits))]
    design = np.column_stack([*columns, np.log(trial.scale)]).astype(np.float64)
    square = residual**2
    floor = 1e-6 * square.mean()
    if floor == 0:
        return np.ones(len(residual))
    fitted = np.exp(design @ np.linalg.lstsq(design, np.log(np.maximum(square, floor)), rcond=None)[0])
    return fitted * (square / fitted).mean()


def _cost(trial: Trial, fold: np.ndarray, at_stake: np.ndarray) -> np.ndarray:
    """Cost of the offer for each client: a fee paid for all, plus a part proportional to the margin at stake.

    The proportion is estimated by portrait in the other folds, with `PRIOR_CLIENTS` prior clients at the overall
    proportion.
    """
    count, cost = len(trial.portraits), np.empty(len(at_stake))
    for part in range(FOLDS):
        used, out = trial.treated & (fold != part), fold == part
        fee = trial.cost[used].min() if used.any() else 0.0
        portrait, above_fee, base = trial.portrait[used], trial.cost[used] - fee, at_stake[used]
        overall = above_fee.sum() / base.sum() if used.any() else 0.0
        paid, total, size = (np.bincount(portrait, each, count) for each in (above_fee, base, np.ones(len(base))))
        prior = PRIOR_CLIENTS * total / np.maximum(size, 1)
        rate = np.divide(paid + prior * overall, total + prior, out=np.full(count, overall), where=total > 0)
        cost[out] = fee + rate[trial.portrait[out]] * at_stake[out]
    return cost


def _response_change(
    trial: Trial, fold: np.ndarray, score: np.ndarray, at_stake: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Change per response of each client as a share of the expected margin, from the scores of the other folds."""
    change = np.empty(len(score))
    for part in range(FOLDS):
        estimate, error = _by_portrait(trial, fold != part, score, at_stake, noise)
        out = fold == part
        pooled = np.empty(len(estimate))
        # Companies are pooled separately: a discount for drivers says little about them.
        for kind in (trial.is_company, ~trial.is_company):
            pooled[kind] = pool_to_zero(estimate[kind], error[kind], CHANGE_PRIOR_SCALE)
        change[out] = pooled[trial.portrait[out]]
    return change


def _by_portrait(
    trial: Trial, used: np.ndarray, score: np.ndarray, at_stake: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slope of the scores on the margin at stake by portrait, with its standard error, shapes (portraits,); else NaN.

    The error is HC3 (MacKinnon and White 1985), inflated where few clients dominate to the standard deviation of a
    ``t`` distribution with the effective number of clients as degrees of freedom.
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
        residual = weight * (score[rows] - slope * at_stake[rows])
        part /= square
        if trial.is_grouped:
            index = np.unique(trial.group_id[rows], return_inverse=True)[1]
            residual, part = np.bincount(index, residual), np.bincount(index, part)
        effective_clients = 1 / float(part @ part)
        if effective_clients > 3:
            estimate[number] = slope
            residual = residual / np.maximum(1 - part, MIN_RESIDUAL_SHARE)
            error[number] = float(np.sqrt(residual @ residual * effective_clients / (effective_clients - 2))) / square
    return estimate, error
