"""Whom to offer a feature: effects per client from a trial, and what targeting by them would earn.

Policies are judged by doubly robust scores, not by the estimates they order clients by: nobody's prediction has seen
its own outcome, so the mean score of those whom it would target is an honest estimate of what targeting them earns
(Athey and Wager 2021). What was randomised as a whole is targeted as a whole: a station's clients together.
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
"""By predicted profit; by predicted response; the aimed portraits first; at random."""

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
    """Estimate what each feature changes for each client of its trial.

    Parameters
    ----------
    outcomes, profiles, horizon_weeks
        See `ml.targeting.trial.read_trials`.
    features : sequence of mappings
        As in `feature_hypotheses.json`: feature_code, primary_metric_code, cost.
    seed : int
        Cuts the folds.
    jobs : int, optional
        Features at a time; as many as cores by default. The numbers are the same.

    Returns
    -------
    pyarrow.Table
        `TARGETS`: one row per client of a trial that is large enough (`ml.targeting.trial.MIN_PER_ARM`), by feature and client.
        Costs are those of one offered client, without the feature's fixed ones; group_id is the station, where these
        were randomised. The score of the profit is noise for one client and unbiased for many. `is_recommended`:
        offering it to this client (its station) is predicted to earn more than it costs.

    Raises
    ------
    MissingColumnError, UnknownCodeError
    """
    known = by_code(list(features))
    trials = read_trials(outcomes, profiles, known, horizon_weeks=horizon_weeks)

    def found(named: tuple[str, Trial]) -> pa.Table:
        code, trial = named
        return _targets(code, trial, estimate_effects(trial, stream(seed, "targeting", code)))

    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        parts = list(pool.map(found, trials))
    return pa.concat_tables(parts) if parts else TARGETS.empty_table()


def _targets(code: str, trial: Trial, effects: Effects) -> pa.Table:
    size, place = len(trial.client_id), np.unique(trial.group_id, return_inverse=True)[1]
    columns = [
        pa.array(trial.client_id),
        strings(np.zeros(size, dtype=np.int64), [code]),
        strings(trial.portrait, trial.portraits),
        pa.array(trial.group_id.astype(np.int64), mask=np.full(size, not trial.is_grouped)),
        with_nulls(effects.response_prob),
        pa.array(effects.margin),
        pa.array(effects.cost),
        pa.array(effects.profit_score),
        pa.array((np.bincount(place, effects.profit) > 0)[place]),
    ]
    return pa.table(dict(zip(TARGETS.names, columns, strict=True)), schema=TARGETS)


def targeting_curves(targets: pa.Table, features: Sequence[Mapping[str, Any]], *, seed: int) -> pa.Table:
    """Value policies by the share of clients they target.

    Parameters
    ----------
    targets : pyarrow.Table
        Of `find_targets`.
    features : sequence of mappings
        feature_code, cost, aimed_portraits.
    seed : int
        Of the order at random.

    Returns
    -------
    pyarrow.Table
        `CURVES`: by feature, policy and share targeted the profit of a month with a 95 % interval. The feature's fixed
        cost is taken off where anybody is targeted. `is_recommended` marks on the curve of `uplift` the share next to
        that of the clients for whom profit is predicted: chosen without the curve, which would flatter its own best
        point.
    """
    settings = {each["feature_code"]: each for each in features}
    feature, codes_of = codes(targets, "feature_code")
    curves = []
    for number, code in enumerate(codes_of):
        rows = targets.filter(pa.array(feature == number))
        fixed = float(settings[code]["cost"].get("rub_per_month") or 0)
        score, group = numbers(rows, "profit_score_rub_per_month"), _groups(rows)
        luck = stream(seed, "targeting order", code).random(rows.num_rows)
        best = SHARES[np.abs(SHARES - booleans(rows, "is_recommended")[0].mean()).argmin()]
        for policy, rank in _ranks(rows, settings[code].get("aimed_portraits") or ()).items():
            marked = (best == SHARES) & (policy == "uplift")
            curves.append(_curve((code, policy), score, _in_order(group, rank, luck), group, fixed, marked))
    return pa.concat_tables(curves) if curves else CURVES.empty_table()


def _groups(rows: pa.Table) -> np.ndarray:
    """Place of what each client was randomised with, shape (clients,)."""
    group = numbers(rows, "group_id")
    return np.unique(np.where(np.isnan(group), integers(rows, "client_id"), group), return_inverse=True)[1]


def _ranks(rows: pa.Table, aimed: Sequence[str]) -> dict[str, np.ndarray]:
    """What each policy orders the clients by, the highest first."""
    portrait, portraits = codes(rows, "portrait_code")
    profit = numbers(rows, "uplift_margin_rub_per_month") - numbers(rows, "cost_rub_per_month")
    ranks = (
        profit,
        np.nan_to_num(numbers(rows, "response_prob")),
        np.isin(portraits, list(aimed))[portrait].astype(np.float64),
        np.zeros(rows.num_rows),
    )
    return dict(zip(POLICIES, ranks, strict=True))


def _in_order(group: np.ndarray, rank: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Places of the clients from the first to the last targeted: groups by their mean rank, equal ones by luck."""
    size = np.bincount(group)
    mean, chance = (np.bincount(group, values) / size for values in (rank, luck))
    return np.lexsort((luck, group, chance[group], -mean[group]))


def _curve(
    named: tuple[str, str], score: np.ndarray, order: np.ndarray, group: np.ndarray, fixed: float, marked: np.ndarray
) -> pa.Table:
    """Value of targeting the first of an order, by share."""
    size, groups = len(score), group.max() + 1
    counts = np.rint(SHARES * size).astype(np.int64)
    profit, half = np.empty(len(counts)), np.empty(len(counts))
    for number, count in enumerate(counts):
        chosen = np.zeros(size)
        chosen[order[:count]] = score[order[:count]]
        of_group = np.bincount(group, chosen, groups)
        profit[number] = chosen.sum() - (fixed if count else 0.0)
        half[number] = stats.t.ppf(0.5 + LEVEL / 2, groups - 1) * np.sqrt(groups * of_group.var(ddof=1))
    texts = [strings(np.zeros(len(counts), dtype=np.int64), [text]) for text in named]
    columns = [*texts, SHARES, counts, profit, profit - half, profit + half, marked]
    return pa.table(dict(zip(CURVES.names, columns, strict=True)), schema=CURVES)
