"""What features would bring according to the behaviour rules alone, for own data without an experiment.

This is not evidence: the rules are assumptions, and the intervals reflect only their stated uncertainty (by Monte
Carlo). There are no arms, tests or verdicts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.rules.response import Change, add, respond
from ml.rules.walk import walk
from ml.tables.arrays import divide
from ml.tables.errors import InvalidValueError
from ml.tables.intervals import LEVEL, Estimate
from ml.tables.periods import AMOUNTS_PER_MONTH
from ml.tables.results import RULES_SCENARIO, ResultRow, to_table

MIN_DRAWS = 1000


def by_rules(
    clients: pa.Table,
    rules: pa.Table,
    features: Iterable[Mapping[str, Any]],
    *,
    horizon_weeks: int,
    seed: int = 42,
    draws_count: int = 2000,
    shop_margin_share: float | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Apply the rules of every feature to all its eligible clients.

    Parameters
    ----------
    clients : pyarrow.Table
        One row per client: portrait_code, the metrics used in conditions, and visits_per_month, volume_l_per_month,
        spend_rub_per_month (including the shop), shop_rub_per_month, margin_rub_per_month. A missing amount counts as
        0; an amount missing for all clients of a portrait gives null.
    rules : pyarrow.Table
        portrait_code, feature_code and response_prob, visits_change, volume_per_visit_change, shop_change, each as
        ``…_mean`` and ``…_sd``; optionally modifiers_json, factors on these for clients with a trait. A portrait
        without a rule gets null estimates and is excluded from the feature's totals.
    features : iterable of mappings
        As in `feature_hypotheses.json`.
    horizon_weeks : int
        Weeks over which effects are averaged.
    seed, draws_count : int
        Of the Monte Carlo (at least 1,000 draws).
    shop_margin_share : float, optional
        Margin of shop sales, 0–1. By default margin is proportional to revenue, for fuel and shop alike.

    Returns
    -------
    by_feature, by_portrait : pyarrow.Table
        The columns of `ml.trials.analysis.analyse`, with treated_count and control_count 0, p_value, q_value and
        verdict_code null, and basis_code `rules_scenario`. `conversion_share` is the rule's response probability with
        its modifiers.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    if draws_count < MIN_DRAWS:
        raise InvalidValueError("draws_count", draws_count, "by_rules", f"{MIN_DRAWS} or more")
    feature_rows, portrait_rows = [], []
    for feature, portions in walk(clients, rules, features, seed=seed, draws_count=draws_count):
        code, changes = feature["feature_code"], []
        for portion in portions:
            row = ResultRow(
                code, portion.portrait_code, portion.clients_count, RULES_SCENARIO, horizon_weeks=horizon_weeks
            )
            portrait_rows.append(row)
            if portion.groups:
                parts = [
                    respond(
                        feature,
                        group.rule,
                        group.before,
                        group.clients_count,
                        horizon_weeks=horizon_weeks,
                        shop_margin_share=shop_margin_share,
                    )
                    for group in portion.groups
                ]
                changes.append((row, add(parts)))
        eligible_count = sum(portion.clients_count for portion in portions)
        total = ResultRow(code, None, eligible_count, RULES_SCENARIO, horizon_weeks=horizon_weeks)
        feature_rows.append(total)
        _fill_all(feature, changes, total)
    return to_table(feature_rows, by_portrait=False), to_table(portrait_rows, by_portrait=True)


def _fill_all(feature: Mapping[str, Any], changes: list[tuple[ResultRow, Change]], total: ResultRow) -> None:
    """Fill the rows of a feature; portraits share the fixed cost in proportion to their eligible clients."""
    if not changes:
        return
    fixed = float(feature["cost"].get("rub_per_month") or 0)
    summed = add([change for _, change in changes])
    for row, change in changes:
        share = change.clients_count / summed.clients_count
        _fill(row, change, feature["primary_metric_code"], fixed * share)
    _fill(total, summed, feature["primary_metric_code"], fixed)


def _fill(row: ResultRow, change: Change, metric_code: str, fixed: float) -> None:
    before, added, clients = change.before, change.added, change.clients_count
    cost = change.cost_rub + fixed
    profit = added["margin_rub_per_month"] - cost
    drawn = {
        "conversion_share": change.responding_count / clients,
        "reaction_ratio": _reaction(change, metric_code),
        "incremental_visits_per_month": added["visits_per_month"],
        "incremental_volume_l_per_month": added["volume_l_per_month"],
        "incremental_revenue_rub_per_month": added["spend_rub_per_month"],
        "incremental_margin_rub_per_month": added["margin_rub_per_month"],
        "cost_rub_per_month": cost,
        "profit_rub_per_month": profit,
        "roi_ratio": divide(profit, cost),
    }
    for name, amount in (("visits", "visits_per_month"), ("revenue_rub", "spend_rub_per_month")):
        label = f"{name}_per_client_per_month"
        row.plain[f"{label}_without"] = before[amount] / clients
        drawn[f"{label}_with"] = (before[amount] + added[amount]) / clients
    row.plain["profit_rub_per_client_per_month"] = float(profit[0]) / clients
    row.estimates |= {name: _summary(values) for name, values in drawn.items()}


def _reaction(change: Change, metric_code: str) -> np.ndarray:
    """Relative change of the primary metric, shape (draws,)."""
    before, added = change.before, change.added
    if metric_code != "shop_rub_per_visit":
        return divide(added[metric_code], before[metric_code])
    growth = {name: divide(before[name] + added[name], before[name]) for name in AMOUNTS_PER_MONTH}
    return growth["shop_rub_per_month"] / growth["visits_per_month"] - 1


def _summary(values: np.ndarray) -> Estimate:
    """Value at the rule's means (the first draw) with the central 95 % of the other draws."""
    if not np.isfinite(values).all():
        return Estimate()
    low, high = np.quantile(values[1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Estimate(float(values[0]), float(min(low, values[0])), float(max(high, values[0])))
