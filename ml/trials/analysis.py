"""Analysis of trials: difference to control with intervals, tests and verdicts.

Intention to treat: all treated clients are compared with all control clients, responders or not. Strata are the
portraits within which clients were randomised; a feature is the average of its strata weighted by eligible clients.
Strata with fewer than two clients in an arm have no estimate: their rows are null, and they are excluded from the
feature's weights and totals, so that a feature's totals are the sums of its portraits'.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.features import PRIMARY_OUTCOMES, by_code, check_share
from ml.tables.intervals import SIGNIFICANCE, Estimate, fieller, p_value, q_values, ratio, student
from ml.tables.periods import months
from ml.tables.results import EXPERIMENT, ResultRow, to_table
from ml.tables.shares import wilson
from ml.tables.threads import one_thread
from ml.trials.contrasts import MIN_PER_ARM, Contrast, combine, combined_cost_interval, contrast, cost_interval
from ml.trials.costs import offered_means
from ml.trials.outcomes import PRE_PERIOD, Cell, cells
from ml.trials.pooling import pool
from ml.trials.shop_ratio import shop_contrasts

EQUIVALENCE_RATIO = 0.05
"""An effect whose interval lies within ±5 % of the control mean is negligible in practice."""

MONEY = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, -1.0]])
"""Margin and cost → margin, cost, profit."""
AMOUNTS = ("visits_count", "volume_l", "revenue_rub")


@one_thread()
def analyse(
    outcomes: pa.Table, features: Sequence[Mapping[str, Any]], *, horizon_weeks: int | Mapping[str, int]
) -> tuple[pa.Table, pa.Table]:
    """Analyse all trials.

    Parameters
    ----------
    outcomes : pyarrow.Table
        One row per eligible client × feature: client_id, feature_code, portrait_code, is_treated, has_responded (if
        unknown for any treated client, there is no conversion); over the horizon, in the world of the assigned arm:
        visits_count, volume_l, revenue_rub (gross sales), shop_amount_rub, margin_rub (if unknown for the clients of a
        feature, there is no margin, profit or ROI), cost_rub (including discounts; not read for control); before the
        trial: pre_visits_per_month, pre_volume_l_per_month, pre_revenue_rub_per_month, pre_margin_rub_per_month,
        pre_shop_rub_per_month (null without a pre-period); optionally vehicles_count, a covariate that is also known
        for new clients.
    features : list of mappings
        As in `feature_hypotheses.json`: feature_code, primary_metric_code, cost.
    horizon_weeks : int or mapping of str to int
        For all features, or by feature. With 0 there is nothing to compare yet, and only clients are counted.

    Returns
    -------
    by_feature, by_portrait : pyarrow.Table
        One row per feature, including those without eligible clients, and one per feature × portrait (see
        `ml.tables.results`). Totals assume that all eligible clients are treated, per month of 30.4375 days, averaged
        over the horizon. ``…_with`` is ``…_without`` plus the effect, with the interval of the effect.
        `cost_rub_per_month` includes the feature's fixed ₽ per month (in full in the feature's row, shared by eligible
        clients in the portraits' rows), so that profit = margin − cost. `profit_rub_per_client_per_month_shrunk` is for
        ranking: a portrait's profit shrunk towards the feature's mean (`ml.trials.pooling.pool`).
        `sample_ratio_p_value` tests whether the arm sizes agree with `treated_share`: a value near 0 means that the
        trial went wrong. `p_value` is for the primary metric; `q_value` is its Benjamini–Hochberg value over all rows
        of both tables. `verdict_code`: works, harms (q ≤ 0.05, by sign), no_effect (interval within ±5 %),
        too_little_data.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError, DuplicateKeyError
    """
    known = by_code(features)
    for feature in features:
        if "treated_share" in feature:
            check_share(feature)
    weeks = horizon_weeks if isinstance(horizon_weeks, Mapping) else dict.fromkeys(known, horizon_weeks)
    by_feature = groupby(cells(outcomes, known), key=lambda cell: cell.feature_code)
    trials = [(code, list(strata)) for code, strata in by_feature]

    def analyse_trial(trial: tuple[str, list[Cell]]) -> tuple[ResultRow, list[ResultRow]]:
        code, strata = trial
        return _analyse_feature(known[code], strata, weeks[code])

    # numpy releases the GIL, so features run in parallel; the results are the same.
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        results = list(threads.map(analyse_trial, trials))
    feature_rows = [row for row, _ in results]
    portrait_rows = [row for _, rows in results for row in rows]
    analysed = {row.feature_code for row in feature_rows}
    feature_rows += [
        ResultRow(code, None, 0, EXPERIMENT, horizon_weeks=weeks[code]) for code in known if code not in analysed
    ]
    # One family: at most 5 % false discoveries for a reader of both tables.
    _set_verdicts([*feature_rows, *portrait_rows])
    return to_table(feature_rows, by_portrait=False), to_table(portrait_rows, by_portrait=True)


def _analyse_feature(
    feature: Mapping[str, Any], strata: list[Cell], horizon_weeks: int
) -> tuple[ResultRow, list[ResultRow]]:
    fixed = float(feature["cost"].get("rub_per_month", 0) or 0)
    primary = PRIMARY_OUTCOMES[feature["primary_metric_code"]]
    horizon_months = months(horizon_weeks)
    fee = _fee(feature, strata, horizon_months)
    contrasts = [_contrasts(cell, fee) if horizon_weeks else None for cell in strata]
    sizes = np.array([len(cell.treated) for cell in strata])
    rows = []
    for cell, parts, size in zip(strata, contrasts, sizes, strict=True):
        row = _row(feature, cell.portrait_code, [cell], horizon_weeks)
        if parts is not None:
            target = parts[primary] if primary in parts else shop_contrasts([cell])
            cost = _cost(feature, parts["cost"], fee)
            _fill(row, parts, target, cost, int(size), fixed * size / sizes.sum(), horizon_months)
        rows.append(row)
    total = _row(feature, None, strata, horizon_weeks)
    estimable = [i for i, parts in enumerate(contrasts) if parts is not None]
    by_stratum = [parts for parts in contrasts if parts is not None]
    if by_stratum:
        weights = sizes[estimable] / sizes[estimable].sum()
        merged = {name: combine([parts[name] for parts in by_stratum], weights) for name in by_stratum[0]}
        target = merged[primary] if primary in merged else shop_contrasts([strata[i] for i in estimable])
        cost = _cost(feature, merged["cost"], fee, [parts["cost"] for parts in by_stratum], weights)
        _fill(total, merged, target, cost, int(sizes[estimable].sum()), fixed, horizon_months)
    _shrink(rows)
    return total, rows


def _contrasts(cell: Cell, fee: float) -> dict[str, Contrast] | None:
    """Contrasts of the amounts, of the cost above the fee and, if margins are known, of margin, cost and profit.

    None if an arm is too small.
    """
    parts = {}
    for name in AMOUNTS:
        before = cell.covariates(cell.values[PRE_PERIOD[name]])
        part = contrast(cell.values[name][:, None], cell.treated, before, cell.group_id)
        if part is None:
            return None
        parts[name] = part
    margin, above_fee = cell.values["margin_rub"], cell.values["cost_rub"] - fee
    served = offered_means(cell, np.where(np.abs(above_fee) <= 1e-9 * fee, 0.0, above_fee)[:, None])
    if np.isnan(margin).all():
        before = cell.covariates(cell.values[PRE_PERIOD["revenue_rub"]])
        nothing = np.empty((len(margin), 0))
        cost = contrast(nothing, cell.treated, before, cell.group_id, offered=served)
        return None if cost is None else parts | {"cost": cost}
    before = cell.covariates(cell.values[PRE_PERIOD["margin_rub"]])
    money = contrast(margin[:, None], cell.treated, before, cell.group_id, offered=served, mix=MONEY)
    if money is None:
        return None
    with_fee = replace(money, effect=money.effect + np.array([0.0, fee, -fee]))
    return parts | {"cost": money.only(1), "money": with_fee}


def _shrink(rows: list[ResultRow]) -> None:
    """Write the profit of a feature's portraits, shrunk towards their mean."""
    profit = np.array([row.plain.get("profit_rub_per_client_per_month", np.nan) for row in rows])
    shrunk = pool(profit, np.array([row.profit_error for row in rows]))
    for row, value in zip(rows, shrunk.tolist(), strict=True):
        row.plain["profit_rub_per_client_per_month_shrunk"] = value


def _row(feature: Mapping[str, Any], portrait_code: str | None, strata: list[Cell], horizon_weeks: int) -> ResultRow:
    treated = sum(int(cell.treated.sum()) for cell in strata)
    eligible = sum(len(cell.treated) for cell in strata)
    row = ResultRow(
        feature["feature_code"],
        portrait_code,
        eligible,
        EXPERIMENT,
        treated_count=treated,
        control_count=eligible - treated,
        horizon_weeks=horizon_weeks,
    )
    responded = [cell.responded for cell in strata if cell.responded is not None]
    if horizon_weeks and len(responded) == len(strata):
        count = sum(int(each.sum()) for each in responded)
        row.estimates["conversion_share"] = wilson(count, treated, design_effect=_design_effect(strata, responded))
    if "treated_share" in feature:
        row.plain["sample_ratio_p_value"] = _sample_ratio(strata, feature["treated_share"])
    return row


def _sample_ratio(strata: list[Cell], share: float) -> float:
    """Exact binomial test of the arm sizes, in clients or in randomised groups."""
    treated = np.concatenate([cell.treated for cell in strata])
    if strata[0].group_id is not None:
        groups = np.concatenate([cell.group_id for cell in strata])
        treated = treated[np.unique(groups, return_index=True)[1]]
    return float(stats.binomtest(int(treated.sum()), len(treated), share).pvalue)


def _design_effect(strata: list[Cell], responded_by_stratum: list[np.ndarray]) -> float:
    """Variance ratio of the share of responders: above 1 if stations were randomised, below 1 by stratification."""
    arms = [cell.treated for cell in strata]
    groups_by_stratum = [cell.group_id for cell in strata if cell.group_id is not None]
    if len(groups_by_stratum) < len(strata):
        return _stratification(arms, responded_by_stratum)
    group_id = np.concatenate([each[arm] for each, arm in zip(groups_by_stratum, arms, strict=True)])
    responded = np.concatenate([each[arm] for each, arm in zip(responded_by_stratum, arms, strict=True)])
    responded = responded.astype(np.float64)
    groups, index = np.unique(group_id, return_inverse=True)
    if len(groups) < MIN_PER_ARM or np.ptp(responded) == 0:
        return 1.0
    sums = np.bincount(index, responded - responded.mean())
    ratio_of_variances = (sums**2).sum() * len(groups) / (len(groups) - 1) / (len(responded) * responded.var())
    return max(float(ratio_of_variances), 1.0)


def _stratification(arms: list[np.ndarray], responded: list[np.ndarray]) -> float:
    """Within-portrait share of the variance: arms are balanced within portraits, so the rest does not count."""
    offered = np.array([arm.sum() for arm in arms], dtype=np.float64)
    share = np.array([each.sum() for each in responded]) / np.maximum(offered, 1)
    whole = float(offered @ share) / max(offered.sum(), 1)
    within = float(offered @ (share * (1 - share))) / max(offered.sum(), 1)
    return within / (whole * (1 - whole)) if within > 0 else 1.0


def _fill(
    row: ResultRow,
    parts: Mapping[str, Contrast],
    target: Contrast | None,
    cost: Estimate,
    clients: int,
    fixed: float,
    horizon_months: float,
) -> None:
    """Write the estimates of one row from its contrasts (per client over the horizon); `target` is the primary one."""
    scale = clients / horizon_months
    for name, column in zip(AMOUNTS, ("visits", "volume_l", "revenue_rub"), strict=True):
        row.estimates[f"incremental_{column}_per_month"] = _effect(parts[name], 0).times(scale)
    for name, column in (("visits_count", "visits"), ("revenue_rub", "revenue_rub")):
        without = float(parts[name].control[0]) / horizon_months
        label = f"{column}_per_client_per_month"
        row.plain[f"{label}_without"] = without
        row.estimates[f"{label}_with"] = _effect(parts[name], 0).times(1 / horizon_months).plus(without)
    row.estimates["cost_rub_per_month"] = cost.times(scale).plus(fixed)
    if "money" in parts:
        money = parts["money"]
        row.estimates["incremental_margin_rub_per_month"] = _effect(money, 0).times(scale)
        row.estimates["profit_rub_per_month"] = _effect(money, 2).times(scale).plus(-fixed)
        row.plain["profit_rub_per_client_per_month"] = row.estimates["profit_rub_per_month"].value / clients
        row.plain["profit_rub_per_client_per_month_shrunk"] = row.plain["profit_rub_per_client_per_month"]
        row.profit_error = float(np.sqrt(money.var_effect(2))) / horizon_months
        row.estimates["roi_ratio"] = _roi(money, fixed / scale)
    if target is not None:
        row.primary_effect = float(target.effect[0])
        row.p_value = p_value(target.effect[0], target.var_effect(0), target.df[0])
        row.estimates["reaction_ratio"] = ratio(
            target.effect[0],
            target.control[0],
            target.var_effect(0),
            target.var_control(0),
            target.covariance(0),
            target.df[0],
        )


def _effect(part: Contrast, i: int) -> Estimate:
    return student(part.effect[i], part.var_effect(i), part.df[i])


def _cost(
    feature: Mapping[str, Any],
    served: Contrast,
    fee: float,
    strata: list[Contrast] | None = None,
    weights: np.ndarray | None = None,
) -> Estimate:
    """Interval of the cost: `served` is the part above the fee, of one stratum or of a feature with its strata."""
    if _is_fee_only(feature) and not served.var_effect(0) > 0:
        return student(float(served.effect[0]) + fee, 0.0, 0.0, is_exact=True)
    if strata is None or weights is None:
        return cost_interval(served, 0).plus(fee)
    return combined_cost_interval(strata, weights, served, 0).plus(fee)


def _fee(feature: Mapping[str, Any], strata: list[Cell], horizon_months: float) -> float:
    """Fee per treated client over the horizon, known without a trial.

    A pilot's costs are those in its file: if any client cost less than the fee, the fee is not treated as known.
    """
    fee = float(feature["cost"].get("rub_per_client_per_month") or 0) * horizon_months
    paid = np.concatenate([cell.values["cost_rub"][cell.treated] for cell in strata])
    return fee if (paid >= fee * (1 - 1e-9)).all() else 0.0


def _is_fee_only(feature: Mapping[str, Any]) -> bool:
    """Whether the cost per treated client is a fixed fee, known without an experiment."""
    return not any(feature["cost"].get(name) for name in ("rub_per_visit", "rub_per_l"))


def _roi(money: Contrast, fixed: float) -> Estimate:
    """ROI, profit / cost; cost is outcome 1, profit outcome 2, per client over the horizon."""
    k = len(money.effect)
    covariance = float(money.variance[k + 1, k + 2])
    profit, cost = money.effect[2] - fixed, money.effect[1] + fixed
    return fieller(profit, cost, money.var_effect(2), money.var_effect(1), covariance, money.df[2])


def _set_verdicts(rows: list[ResultRow]) -> None:
    """Write q-values and verdicts over all rows."""
    for row, q in zip(rows, q_values(np.array([row.p_value for row in rows])), strict=True):
        reaction = row.estimates.get("reaction_ratio", Estimate())
        row.q_value = float(q)
        if q <= SIGNIFICANCE:
            row.verdict_code = "works" if row.primary_effect > 0 else "harms"
        elif reaction.low >= -EQUIVALENCE_RATIO and reaction.high <= EQUIVALENCE_RATIO:
            row.verdict_code = "no_effect"
        else:
            row.verdict_code = "too_little_data"
