"""What features would bring by the behaviour rules alone: for own data without an experiment.

Not evidence: the rules are an assumption, and the intervals carry only their stated uncertainty (by
Monte Carlo), not that of the world. There are no arms, no tests and no verdicts.

A responding client's visits and litres rise by `visits_change` (fuel won from competitors);
`volume_per_visit_change` makes fills larger or smaller with the litres conserved, so visits change by
1 / (1 + x); `shop_change` is relative to the shop bill per visit. Responses fade with the weekly
interest of the feature (`ml.adoption`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.adoption import weekly_interest
from ml.columns import codes, numbers, require
from ml.eligibility import is_eligible
from ml.errors import InvalidValueError
from ml.intervals import LEVEL, Estimate
from ml.outcomes import PRIMARY_OUTCOMES, by_code
from ml.result_table import ResultRow, to_table
from ml.rules import draw_rules, read_rules

BASIS = "rules_scenario"
AMOUNTS = (
    "visits_per_month",
    "volume_l_per_month",
    "spend_rub_per_month",
    "shop_rub_per_month",
    "margin_rub_per_month",
)


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
    """Scenario of every feature, all eligible clients being offered it.

    Parameters
    ----------
    clients : pyarrow.Table
        One row per client: portrait_code, the metrics that conditions name, and per month
        visits_per_month, volume_l_per_month, spend_rub_per_month (shop included),
        shop_rub_per_month, margin_rub_per_month. A missing amount counts as 0, except that a
        quantity unknown for all clients of a portrait gives null.
    rules : pyarrow.Table
        portrait_code, feature_code and response_prob, visits_change, volume_per_visit_change,
        shop_change, each as ``…_mean`` and ``…_sd``. A portrait without a rule gets null rows and
        is left out of the feature's totals.
    features : iterable of mappings
        As in `feature_hypotheses.json`.
    horizon_weeks : int
        Effects are averaged over it.
    seed, draws_count : int
        Of the Monte Carlo (1,000 draws or more).
    shop_margin_share : float, optional
        Margin of shop sales, 0–1. Without it margin follows revenue, fuel and shop alike.

    Returns
    -------
    by_feature, by_portrait : pyarrow.Table
        The columns of `ml.analysis.analyse`; treated_count and control_count 0, p_value, q_value and
        verdict_code null, basis_code `rules_scenario`. `conversion_share` is the rule's.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError
    """
    if draws_count < 1000:
        raise InvalidValueError("draws_count", draws_count, "by_rules", "1000 or more")
    known = by_code(list(features))
    require(clients, ["portrait_code", *AMOUNTS], "clients")
    portrait, portraits = codes(clients, "portrait_code")
    amounts = {name: numbers(clients, name) for name in AMOUNTS}
    rule_of = read_rules(rules, known)
    feature_rows, portrait_rows = [], []
    for code in sorted(known):
        feature = known[code]
        eligible = is_eligible(clients, feature.get("eligibility") or ())
        parts = []
        for i, portrait_code in enumerate(portraits):
            chosen = eligible & (portrait == i)
            if not chosen.any():
                continue
            sums = {name: _sum(values[chosen]) for name, values in amounts.items()}
            rule = rule_of.get((portrait_code, code))
            row = ResultRow(code, portrait_code, int(chosen.sum()), BASIS)
            portrait_rows.append(row)
            if rule is not None:
                drawn = draw_rules(rule, seed, draws_count)
                parts.append((row, _play(feature, sums, drawn, row, horizon_weeks, shop_margin_share)))
        total = ResultRow(code, None, int(eligible.sum()), BASIS)
        feature_rows.append(total)
        _fill_all(feature, parts, total)
    return to_table(feature_rows, by_portrait=False), to_table(portrait_rows, by_portrait=True)


def _sum(values: np.ndarray) -> float:
    return float(np.nansum(values)) if (~np.isnan(values)).any() else np.nan


def _play(
    feature: Mapping[str, Any],
    sums: dict[str, float],
    rule: dict[str, np.ndarray],
    row: ResultRow,
    horizon_weeks: int,
    shop_margin_share: float | None,
) -> dict[str, np.ndarray]:
    """Totals per month of one cell in every draw (the first is the rule's mean), shape (draws,)."""
    adoption = feature["adoption"]
    interest = weekly_interest(horizon_weeks, adoption["ramp_weeks"], adoption["half_life_weeks"]).mean()
    acting = rule["response_prob"] * interest
    litres = 1 + rule["visits_change"]
    visits = litres / (1 + rule["volume_per_visit_change"])
    shop = visits * (1 + rule["shop_change"])
    shop_rub = np.nan_to_num(sums["shop_rub_per_month"])
    fuel_rub = sums["spend_rub_per_month"] - shop_rub
    added = {
        "visits": acting * (visits - 1) * sums["visits_per_month"],
        "volume_l": acting * (litres - 1) * sums["volume_l_per_month"],
        "shop_rub": acting * (shop - 1) * shop_rub,
    }
    added["revenue_rub"] = acting * (litres - 1) * fuel_rub + added["shop_rub"]
    margin, spend = sums["margin_rub_per_month"], sums["spend_rub_per_month"]
    if shop_margin_share is None:
        added["margin_rub"] = added["revenue_rub"] * (margin / spend if spend > 0 else np.nan)
    else:
        shop_margin = shop_margin_share * shop_rub
        added["margin_rub"] = acting * (litres - 1) * (margin - shop_margin) + shop_margin_share * added["shop_rub"]
    cost = feature["cost"]
    added["cost_rub"] = (
        _cost(cost, "rub_per_visit", acting * visits * sums["visits_per_month"])
        + _cost(cost, "rub_per_l", acting * litres * sums["volume_l_per_month"])
        + _cost(cost, "rub_per_client_per_month", np.full_like(acting, row.eligible_count))
    )
    added["responding"] = rule["response_prob"] * row.eligible_count
    base = {f"base_{name}": np.full_like(acting, value) for name, value in sums.items()}
    return added | base | {"clients": np.full_like(acting, row.eligible_count)}


def _cost(cost: Mapping[str, float], name: str, quantity: np.ndarray) -> np.ndarray:
    """Multiply a rate by its quantity; a rate of 0 costs nothing even of an unknown quantity."""
    rate = float(cost.get(name) or 0)
    return rate * quantity if rate else np.zeros_like(quantity)


def _fill_all(
    feature: Mapping[str, Any],
    parts: list[tuple[ResultRow, dict[str, np.ndarray]]],
    total: ResultRow,
) -> None:
    fixed = float(feature["cost"].get("rub_per_month", 0) or 0)
    if not parts:
        return
    known_clients = sum(row.eligible_count for row, _ in parts)
    for row, drawn in parts:
        _fill(row, drawn, feature["primary_metric_code"], fixed * row.eligible_count / known_clients)
    merged = {name: sum(drawn[name] for _, drawn in parts) for name in parts[0][1]}
    _fill(total, merged, feature["primary_metric_code"], fixed)


def _fill(row: ResultRow, drawn: dict[str, np.ndarray], metric_code: str, fixed: float) -> None:
    cost = drawn["cost_rub"] + fixed
    profit = drawn["margin_rub"] - cost
    clients = drawn["clients"]
    estimates = {
        "conversion_share": drawn["responding"] / clients,
        "reaction_ratio": _reaction(drawn, PRIMARY_OUTCOMES[metric_code]),
        "incremental_visits_per_month": drawn["visits"],
        "incremental_volume_l_per_month": drawn["volume_l"],
        "incremental_revenue_rub_per_month": drawn["revenue_rub"],
        "incremental_margin_rub_per_month": drawn["margin_rub"],
        "cost_rub_per_month": cost,
        "profit_rub_per_month": profit,
        "roi_ratio": _divide(profit, cost),
        "visits_per_client_per_month_with": (drawn["base_visits_per_month"] + drawn["visits"]) / clients,
        "revenue_rub_per_client_per_month_with": (drawn["base_spend_rub_per_month"] + drawn["revenue_rub"]) / clients,
    }
    row.estimates |= {name: _summary(values) for name, values in estimates.items()}
    for name, base in (("visits", "visits_per_month"), ("revenue_rub", "spend_rub_per_month")):
        value = float(drawn[f"base_{base}"][0] / clients[0])
        row.plain[f"{name}_per_client_per_month_without"] = value


def _reaction(drawn: dict[str, np.ndarray], outcome: str) -> np.ndarray:
    visits = drawn["base_visits_per_month"]
    if outcome == "visits_count":
        return _divide(drawn["visits"], visits)
    if outcome == "volume_l":
        return _divide(drawn["volume_l"], drawn["base_volume_l_per_month"])
    if outcome == "revenue_rub":
        return _divide(drawn["revenue_rub"], drawn["base_spend_rub_per_month"])
    shop = drawn["base_shop_rub_per_month"]
    growth = _divide(shop + drawn["shop_rub"], shop)
    return growth / _divide(visits + drawn["visits"], visits) - 1


def _divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _summary(values: np.ndarray) -> Estimate:
    """Take the rule's mean (first draw) with the middle 95 % of the draws."""
    if not np.isfinite(values).all():
        return Estimate()
    low, high = np.quantile(values[1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Estimate(float(values[0]), float(min(low, values[0])), float(max(high, values[0])))
