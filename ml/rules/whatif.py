"""What a profit is made of, so that it can be told for other costs, margins and horizons than were tried.

The effects on fuel margin and on shop sales, and the visits and litres on which the offer is used, each per offered
client and month, with their covariance. A contrast (`ml.trials.contrasts`) is linear in the outcome, as is what the offered
alone tell (`ml.trials.costs`), so the profit at any costs is a sum of these four, and its variance a quadratic form of their
covariance: what an analysis of that profit itself would find. Only the degrees of freedom and the skewness of the cost
are not: those at the tried costs are kept.
"""

from collections.abc import Iterable, Mapping
from itertools import compress, groupby
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.rules import scenario
from ml.rules.distributions import draw_modifiers, draw_rules, met_modifiers, modify, read_rules
from ml.rules.response import AMOUNTS, respond
from ml.tables.columns import codes, numbers, require, with_nulls
from ml.tables.eligibility import is_eligible
from ml.tables.intervals import LEVEL, Estimate, t_quantile
from ml.tables.results import months
from ml.trials import analysis
from ml.trials.contrasts import Contrast, combine, contrast, cost_interval, whole_cost_interval
from ml.trials.costs import offered
from ml.trials.outcomes import PRE_PERIOD, Cell, by_code, cells

SERVED = ("served_visits_count", "served_volume_l")
PARTS = ("fuel", "shop", "visits", "litres")
EFFECTS = (
    "fuel_margin_rub_per_client_per_month",
    "shop_rub_per_client_per_month",
    "served_visits_per_client_per_month",
    "served_volume_l_per_client_per_month",
)
MARGIN, COST, PROFIT = (len(PARTS) + place for place in range(3))
COVARIANCES = tuple(f"covariance_{a}_{b}" for i, a in enumerate(PARTS) for b in PARTS[i:])
FACTORS = ("margin_t_factor", "cost_low_factor", "cost_high_factor", "profit_t_factor")


def measured(
    outcomes: pa.Table, features: list[Mapping[str, Any]], *, horizon_weeks: int, shop_margin_share: float
) -> pa.Table:
    """Take the coefficients from trials.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As `ml.trials.analysis.analyse` takes it, and served_visits_count, served_volume_l (0 in control).
    features : list of mappings
        As in `feature_hypotheses.json`.
    horizon_weeks : int
    shop_margin_share : float
        Margin of shop sales, 0–1: what `margin_rub` of the outcomes holds of them.

    Returns
    -------
    pyarrow.Table
        By feature and portrait, and by feature as a whole (portrait_code null): basis_code, estimated_count (clients
        that the coefficients stand for: of a feature those of the portraits with an estimate), fuel_margin_rub_per_l
        (of the control arm), the four `EFFECTS`, their `COVARIANCES`, and how far the ends of a 95 % interval lie
        from the value, in standard errors at the tried costs (`FACTORS`). Nulls where an arm is too small; factors also
        where nothing varies.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError
    """
    known = by_code(features)
    length = months(horizon_weeks)
    rows = []
    for code, group in groupby(cells(outcomes, known, SERVED), key=lambda cell: cell.feature_code):
        told = []
        for cell in group:
            found = _contrast(cell, _rates(known[code]), shop_margin_share)
            row = {"feature_code": code, "portrait_code": cell.portrait_code, "estimated_count": 0}
            if found is not None:
                told.append((cell, found))
                row |= _measured([cell], found, cost_interval(found, COST), length, shop_margin_share)
            rows.append(row)
        row = {"feature_code": code, "portrait_code": None, "estimated_count": 0}
        if told:
            strata, parts = (list(items) for items in zip(*told, strict=True))
            sizes = np.array([len(cell.treated) for cell in strata])
            weights = sizes / sizes.sum()
            whole = combine(parts, weights)
            cost = whole_cost_interval(parts, weights, whole, COST)
            row |= _measured(strata, whole, cost, length, shop_margin_share)
        rows.append(row)
    return _table(rows, analysis.BASIS)


def _rates(feature: Mapping[str, Any]) -> np.ndarray:
    """₽ per served visit and per served litre."""
    return np.array([float(feature["cost"].get(name) or 0) for name in ("rub_per_visit", "rub_per_l")])


def _contrast(cell: Cell, rates: np.ndarray, shop_margin_share: float) -> Contrast | None:
    """Contrast the four parts and, for their intervals, margin, cost and profit at the tried rates."""
    if not cell.treated.any():
        return None
    margin, shop = cell.values["margin_rub"], cell.values["shop_amount_rub"]
    used = offered(cell, np.column_stack([cell.values[name] for name in SERVED]))
    # Where only a fee was paid, what would vary with a price per visit are the visits.
    cost = rates if rates.any() else np.array([1.0, 0.0])
    mix = np.zeros((len(PARTS) + 1, len(PARTS) + 3))
    mix[[0, 1, 3, 4], [0, 1, 2, 3]] = 1
    mix[2, [MARGIN, PROFIT]] = 1
    mix[3:, COST], mix[3:, PROFIT] = cost, -rates
    columns = np.column_stack([margin - shop_margin_share * shop, shop, margin])
    before = cell.covariates(cell.values[PRE_PERIOD["margin_rub"]])
    return contrast(columns, cell.treated, before, cell.group_id, offered=used, mix=mix)


def _measured(
    strata: list[Cell], found: Contrast, cost: Estimate, length: float, shop_margin_share: float
) -> dict[str, Any]:
    """Tell the coefficients of one row; `length` of the horizon in months."""
    first, count = len(found.effect), len(PARTS)
    covariance = found.variance[first : first + count, first : first + count]
    error = np.sqrt(found.var_effect(COST)) or np.nan
    ends = _t_factor(found, MARGIN), (cost.value - cost.low) / error, (cost.high - cost.value) / error
    return {
        "estimated_count": sum(len(cell.treated) for cell in strata),
        "fuel_margin_rub_per_l": _margin_per_l(strata, shop_margin_share),
        **_coefficients(found.effect[:count] / length, covariance / length**2),
        **dict(zip(FACTORS, (*ends, _t_factor(found, PROFIT)), strict=True)),
    }


def _margin_per_l(strata: list[Cell], shop_margin_share: float) -> float:
    totals = {
        name: sum(float(cell.values[name][~cell.treated].sum()) for cell in strata)
        for name in ("margin_rub", "shop_amount_rub", "volume_l")
    }
    fuel = totals["margin_rub"] - shop_margin_share * totals["shop_amount_rub"]
    return fuel / totals["volume_l"] if totals["volume_l"] > 0 else np.nan


def _t_factor(found: Contrast, place: int) -> float:
    """NaN where nothing varies, as `ml.tables.intervals.student` has it."""
    if not found.var_effect(place) > 0 or not found.df[place] > 0:
        return np.nan
    return t_quantile(found.df[place])


def _coefficients(effects: np.ndarray, covariance: np.ndarray) -> dict[str, float]:
    upper = covariance[np.triu_indices(len(PARTS))]
    return dict(zip((*EFFECTS, *COVARIANCES), (*effects.tolist(), *upper.tolist()), strict=True))


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
    """Take the coefficients from the behaviour rules, all eligible clients being offered the feature.

    Parameters
    ----------
    clients, rules, features, horizon_weeks, shop_margin_share, seed, draws_count
        As `ml.rules.scenario.by_rules` takes them; the draws are the same.

    Returns
    -------
    pyarrow.Table
        The columns of `measured`; fuel_margin_rub_per_l is that of the eligible clients. The effects are those of the
        rules' means; the covariances are of the draws, which are not normal: intervals are near the quantiles of
        `ml.rules.scenario`, not the same.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    known = by_code(list(features))
    require(clients, ["portrait_code", *AMOUNTS], "clients")
    portrait, portraits = codes(clients, "portrait_code")
    amounts = {name: numbers(clients, name) for name in AMOUNTS}
    rule_of = read_rules(rules, known)
    options = {"horizon_weeks": horizon_weeks, "shop_margin_share": shop_margin_share}
    rows = []
    for code in sorted(known):
        eligible = is_eligible(clients, known[code].get("eligibility") or ())
        told = []
        for place, portrait_code in enumerate(portraits):
            chosen = np.flatnonzero(eligible & (portrait == place))
            if not len(chosen):
                continue
            row = {"feature_code": code, "portrait_code": portrait_code, "estimated_count": 0}
            rule = rule_of.get((portrait_code, code))
            if rule is not None:
                drawn = draw_rules(rule, seed, draws_count), draw_modifiers(rule, seed, draws_count)
                met = met_modifiers(clients, chosen, rule["modifiers"])
                groups = _groups(met, {name: values[chosen] for name, values in amounts.items()})
                parts = sum(_parts(known[code], *drawn, traits, totals, options) for traits, totals in groups)
                before = {name: sum(totals[name] for _, totals in groups) for name in AMOUNTS}
                told.append((len(chosen), before, parts))
                row |= _by_rules(*told[-1], shop_margin_share)
            rows.append(row)
        row = {"feature_code": code, "portrait_code": None, "estimated_count": 0}
        if told:
            counts, befores, parts = zip(*told, strict=True)
            before = {name: sum(each[name] for each in befores) for name in AMOUNTS}
            row |= _by_rules(sum(counts), before, sum(parts), shop_margin_share)
        rows.append(row)
    return _table(rows, scenario.BASIS)


def _groups(met: np.ndarray, amounts: Mapping[str, np.ndarray]) -> list[tuple[np.ndarray, dict[str, float]]]:
    """Put clients of the same traits together, as `ml.rules.scenario` does: the modifiers they meet, and their totals."""
    traits, group = np.unique(met, axis=0, return_inverse=True)
    sums = {
        name: np.bincount(group.ravel(), values if np.isnan(values).all() else np.nan_to_num(values), len(traits))
        for name, values in amounts.items()
    }
    return [(row, {name: float(totals[place]) for name, totals in sums.items()}) for place, row in enumerate(traits)]


def _parts(
    feature: Mapping[str, Any],
    rule: dict[str, np.ndarray],
    factors: list[dict[str, np.ndarray]],
    met: np.ndarray,
    before: dict[str, float],
    options: dict[str, float],
) -> np.ndarray:
    """Totals of the four parts per month by draw, shape (draws + 1, parts); what is served is a cost of 1 ₽ each."""
    changed = modify(rule, compress(factors, met))
    by_visit, by_litre = (
        respond({**feature, "cost": {rate: 1.0}}, changed, before, 0, **options)
        for rate in ("rub_per_visit", "rub_per_l")
    )
    shop = by_visit.added["shop_rub_per_month"]
    fuel = by_visit.added["margin_rub_per_month"] - options["shop_margin_share"] * shop
    return np.column_stack([fuel, shop, by_visit.cost_rub, by_litre.cost_rub])


def _by_rules(count: int, before: Mapping[str, float], parts: np.ndarray, shop_margin_share: float) -> dict[str, Any]:
    """Tell the coefficients of one row from totals per month by draw."""
    per_client, litres = parts / count, before["volume_l_per_month"]
    fuel = before["margin_rub_per_month"] - shop_margin_share * np.nan_to_num(before["shop_rub_per_month"])
    return {
        "estimated_count": count,
        "fuel_margin_rub_per_l": fuel / litres if litres > 0 else np.nan,
        **_coefficients(per_client[0], np.cov(per_client[1:], rowvar=False)),
        **dict.fromkeys(FACTORS, float(stats.norm.ppf(0.5 + LEVEL / 2))),
    }


def _table(rows: list[dict[str, Any]], basis_code: str) -> pa.Table:
    """Rows as a table ordered by feature and portrait, the whole feature first."""
    rows = sorted(rows, key=lambda row: (row["feature_code"], row["portrait_code"] or ""))
    columns: dict[str, pa.Array] = {
        "feature_code": pa.array([row["feature_code"] for row in rows], pa.string()),
        "portrait_code": pa.array([row["portrait_code"] for row in rows], pa.string()),
        "basis_code": pa.array([basis_code] * len(rows), pa.string()),
        "estimated_count": pa.array([row["estimated_count"] for row in rows], pa.int64()),
    }
    for name in ("fuel_margin_rub_per_l", *EFFECTS, *COVARIANCES, *FACTORS):
        columns[name] = with_nulls(np.array([row.get(name, np.nan) for row in rows], dtype=np.float64))
    return pa.table(columns)
