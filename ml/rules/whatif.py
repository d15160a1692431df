"""Profit coefficients from the behaviour rules: those of `ml.trials.profit`, without a trial."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.rules.response import respond
from ml.rules.walk import Group, walk
from ml.tables.arrays import total
from ml.tables.coefficients import FACTORS, coefficients, empty_row, to_table
from ml.tables.intervals import LEVEL
from ml.tables.periods import AMOUNTS_PER_MONTH
from ml.tables.results import RULES_SCENARIO


def by_rules(
    clients: pa.Table,
    rules: pa.Table,
    features: Iterable[Mapping[str, Any]],
    *,
    horizon_weeks: int,
    shop_margin_share: float,
    seed: int = 42,
    draws_count: int = 2000,
) -> pa.Table:
    """Compute the coefficients from the behaviour rules, with all eligible clients offered the feature.

    Parameters
    ----------
    clients, rules, features, horizon_weeks, shop_margin_share, seed, draws_count
        As for `ml.rules.scenario.by_rules`; the draws are the same.

    Returns
    -------
    pyarrow.Table
        The columns of `ml.trials.profit.measured`; fuel_margin_rub_per_l is that of the eligible clients. Effects are
        at the rules' means, covariances are of the draws. The draws are not normal, so intervals are close to the
        quantiles of `ml.rules.scenario` but not equal to them.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    rows = []
    for feature, portions in walk(clients, rules, features, seed=seed, draws_count=draws_count):
        portraits = []
        for portion in portions:
            row = empty_row(feature["feature_code"], portion.portrait_code)
            if portion.groups:
                parts = total(_parts(feature, group, horizon_weeks, shop_margin_share) for group in portion.groups)
                portraits.append((portion.clients_count, _sums(group.before for group in portion.groups), parts))
                row |= _columns(*portraits[-1], shop_margin_share)
            rows.append(row)
        row = empty_row(feature["feature_code"], None)
        if portraits:
            counts, befores, of_portraits = zip(*portraits, strict=True)
            row |= _columns(sum(counts), _sums(befores), total(of_portraits), shop_margin_share)
        rows.append(row)
    return to_table(rows, RULES_SCENARIO)


def _sums(befores: Iterable[Mapping[str, float]]) -> dict[str, float]:
    befores = list(befores)
    return {name: sum(before[name] for before in befores) for name in AMOUNTS_PER_MONTH}


def _parts(feature: Mapping[str, Any], group: Group, horizon_weeks: int, shop_margin_share: float) -> np.ndarray:
    """Monthly totals of the four parts by draw, shape (draws + 1, parts); served amounts are costs at a rate of 1 ₽."""
    by_visit, by_litre = (
        respond(
            {**feature, "cost": {rate: 1.0}},
            group.rule,
            group.before,
            0,
            horizon_weeks=horizon_weeks,
            shop_margin_share=shop_margin_share,
        )
        for rate in ("rub_per_visit", "rub_per_l")
    )
    shop = by_visit.added["shop_rub_per_month"]
    fuel = by_visit.added["margin_rub_per_month"] - shop_margin_share * shop
    return np.column_stack([fuel, shop, by_visit.cost_rub, by_litre.cost_rub])


def _columns(count: int, before: Mapping[str, float], parts: np.ndarray, shop_margin_share: float) -> dict[str, Any]:
    """Coefficients of one row from monthly totals by draw."""
    per_client, litres = parts / count, before["volume_l_per_month"]
    fuel = before["margin_rub_per_month"] - shop_margin_share * np.nan_to_num(before["shop_rub_per_month"])
    return {
        "estimated_count": count,
        "fuel_margin_rub_per_l": fuel / litres if litres > 0 else np.nan,
        **coefficients(per_client[0], np.cov(per_client[1:], rowvar=False)),
        **dict.fromkeys(FACTORS, float(stats.norm.ppf(0.5 + LEVEL / 2))),
    }
