"""Targeting policies: effects per client from trials, and the profit of targeting by them.

Policies are evaluated by doubly robust scores, not by the estimates that order the clients: no prediction uses the
client's own outcome, so the mean score of the targeted clients is an unbiased estimate of the profit of targeting them
(Athey and Wager 2021). Units randomised as a whole are targeted as a whole: the clients of a station together.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.columns import booleans, codes, integers, numbers, strings, with_nulls
from ml.tables.features import by_code
from ml.tables.intervals import LEVEL
from ml.tables.random import stream
from ml.targeting.effects import Effects, estimate_effects
from ml.targeting.trial import Trial, read_trials

SHARES = np.round(np.arange(0, 1.0001, 0.05), 2)
POLICIES = ("uplift", "response", "aimed", "everyone")
"""By predicted profit; by predicted response; target portraits first; at random."""

TARGETS = pa.schema(
    {
        "client_id": pa.int64(),
        "feature_code": pa.string(),
        "portrait_code": pa.string(),
        "group_id": pa.int64(),
        "response_prob": pa.float64(),
        "uplift_margin_rub_per_month": pa.float64(),
        "cost_rub_per_month": pa.float64(),
        "profit_score_rub_per_month": pa.float64(),
        "is_recommended": pa.bool_(),
    }
)
CURVES = pa.schema(
    {
        "feature_code": pa.string(),
        "policy_code": pa.string(),
        "targeted_share": pa.float64(),
        "targeted_count": pa.int64(),
        "profit_rub_per_month": pa.float64(),
        "profit_rub_per_month_low": pa.float64(),
        "profit_rub_per_month_high": pa.float64(),
        "is_recommended": pa.bool_(),
    }
)


def find_targets(
    outcomes: pa.Table,
    profiles: pa.Table | None,
    features: Sequence[Mapping[str, Any]],
    *,
    horizon_weeks: int | Mapping[str, int],
    seed: int,
    jobs: int | None = None,
) -> pa.Table:
    """Estimate the effect of each feature on each client of its trial.

    Parameters
    ----------
    outcomes, profiles, horizon_weeks
        See `ml.targeting.trial.read_trials`.
    features : sequence of mappings
        As in `feature_hypotheses.json`: feature_code, primary_metric_code, cost.
    seed : int
        Assigns the folds.
    jobs : int, optional
        Features processed in parallel, by default as many as cores. Results do not depend on it.

    Returns
    -------
    pyarrow.Table
        `TARGETS`: one row per client of a trial that is large enough (`ml.targeting.trial.MIN_PER_ARM`), by feature and
        client. Costs are per treated client, without the feature's fixed costs; group_id is the station if stations
        were randomised. The profit score is noisy for one client and unbiased over many. `is_recommended`: treating the
        client (or its station) has a positive predicted profit.

    Raises
    ------
    MissingColumnError, UnknownCodeError
    """
    known = by_code(list(features))
    trials = read_trials(outcomes, profiles, known, horizon_weeks=horizon_weeks)

    def estimate(item: tuple[str, Trial]) -> pa.Table:
        code, trial = item
        return _targets(code, trial, estimate_effects(trial, stream(seed, "targeting", code)))

    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        parts = list(pool.map(estimate, trials))
    return pa.concat_tables(parts) if parts else TARGETS.empty_table()


def _targets(code: str, trial: Trial, effects: Effects) -> pa.Table:
    size, index = len(trial.client_id), np.unique(trial.group_id, return_inverse=True)[1]
    columns = [
        pa.array(trial.client_id),
        strings(np.zeros(size, dtype=np.int64), [code]),
        strings(trial.portrait, trial.portraits),
        pa.array(trial.group_id.astype(np.int64), mask=np.full(size, not trial.is_grouped)),
        with_nulls(effects.response_prob),
        pa.array(effects.margin),
        pa.array(effects.cost),
        pa.array(effects.profit_score),
        pa.array((np.bincount(index, effects.profit) > 0)[index]),
    ]
    return pa.table(dict(zip(TARGETS.names, columns, strict=True)), schema=TARGETS)


def targeting_curves(targets: pa.Table, features: Sequence[Mapping[str, Any]], *, seed: int) -> pa.Table:
    """Evaluate policies by the share of clients they target.

    Parameters
    ----------
    targets : pyarrow.Table
        From `find_targets`.
    features : sequence of mappings
        feature_code, cost, aimed_portraits.
    seed : int
        Of the random order.

    Returns
    -------
    pyarrow.Table
        `CURVES`: by feature, policy and targeted share, the monthly profit with a 95 % interval, minus the feature's
        fixed cost if anyone is targeted. `is_recommended` marks, on the `uplift` curve, the share closest to that of
        clients with a positive predicted profit: chosen without the curve, whose own maximum would be biased upwards.
    """
    settings = {each["feature_code"]: each for each in features}
    feature, codes_of = codes(targets, "feature_code")
    curves = []
    for index, code in enumerate(codes_of):
        rows = targets.filter(pa.array(feature == index))
        fixed = float(settings[code]["cost"].get("rub_per_month") or 0)
        score, group = numbers(rows, "profit_score_rub_per_month"), _groups(rows)
        tie_break = stream(seed, "targeting order", code).random(rows.num_rows)
        best = SHARES[np.abs(SHARES - booleans(rows, "is_recommended")[0].mean()).argmin()]
        for policy, rank in _ranks(rows, settings[code].get("aimed_portraits") or ()).items():
            is_recommended = (best == SHARES) & (policy == "uplift")
            curves.append(
                _curve((code, policy), score, _targeting_order(group, rank, tie_break), group, fixed, is_recommended)
            )
    return pa.concat_tables(curves) if curves else CURVES.empty_table()


def _groups(rows: pa.Table) -> np.ndarray:
    """Index of the randomised unit of each client, shape (clients,)."""
    group = numbers(rows, "group_id")
    return np.unique(np.where(np.isnan(group), integers(rows, "client_id"), group), return_inverse=True)[1]


def _ranks(rows: pa.Table, aimed: Sequence[str]) -> dict[str, np.ndarray]:
    """Ranking score of the clients under each policy, highest first."""
    portrait, portraits = codes(rows, "portrait_code")
    profit = numbers(rows, "uplift_margin_rub_per_month") - numbers(rows, "cost_rub_per_month")
    ranks = (
        profit,
        np.nan_to_num(numbers(rows, "response_prob")),
        np.isin(portraits, list(aimed))[portrait].astype(np.float64),
        np.zeros(rows.num_rows),
    )
    return dict(zip(POLICIES, ranks, strict=True))


def _targeting_order(group: np.ndarray, rank: np.ndarray, tie_break: np.ndarray) -> np.ndarray:
    """Indices of the clients from first to last targeted: groups by mean rank, ties in random order."""
    size = np.bincount(group)
    mean, mean_tie_break = (np.bincount(group, values) / size for values in (rank, tie_break))
    return np.lexsort((tie_break, group, mean_tie_break[group], -mean[group]))


def _curve(
    keys: tuple[str, str],
    score: np.ndarray,
    order: np.ndarray,
    group: np.ndarray,
    fixed: float,
    is_recommended: np.ndarray,
) -> pa.Table:
    """Profit of targeting the first clients of an order, by share."""
    size, groups = len(score), group.max() + 1
    counts = np.rint(SHARES * size).astype(np.int64)
    profit, half = np.empty(len(counts)), np.empty(len(counts))
    for i, count in enumerate(counts):
        chosen = np.zeros(size)
        chosen[order[:count]] = score[order[:count]]
        group_total = np.bincount(group, chosen, groups)
        profit[i] = chosen.sum() - (fixed if count else 0.0)
        half[i] = stats.t.ppf(0.5 + LEVEL / 2, groups - 1) * np.sqrt(groups * group_total.var(ddof=1))
    texts = [strings(np.zeros(len(counts), dtype=np.int64), [text]) for text in keys]
    columns = [*texts, SHARES, counts, profit, profit - half, profit + half, is_recommended]
    return pa.table(dict(zip(CURVES.names, columns, strict=True)), schema=CURVES)
