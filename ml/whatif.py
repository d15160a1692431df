"""What a profit is made of, so that it can be told for other costs, margins and horizons than were tried.

The effects on fuel margin and on shop sales, and the visits and litres on which the offer is used, each per offered
client and month, with their covariance. A contrast (`ml.contrasts`) is linear in the outcome, so the profit at any
costs is a sum of these four, and its variance a quadratic form of their covariance: what an analysis of that profit
itself would find. Only the degrees of freedom are not: those at the tried costs are kept.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml import analysis, scenario
from ml.columns import codes, numbers, with_nulls
from ml.contrasts import Contrast, combine, contrast
from ml.eligibility import is_eligible
from ml.intervals import LEVEL
from ml.outcomes import PRE_PERIOD, Cell, by_code, cells
from ml.result_table import months
from ml.rules import LIMITS, modifiers_of

SERVED = ("served_visits_count", "served_volume_l")
PARTS = ("fuel", "shop", "visits", "litres")
EFFECTS = (
    "fuel_margin_rub_per_client_per_month",
    "shop_rub_per_client_per_month",
    "served_visits_per_client_per_month",
    "served_volume_l_per_client_per_month",
)
COVARIANCES = tuple(f"covariance_{a}_{b}" for i, a in enumerate(PARTS) for b in PARTS[i:])
AMOUNTS_OF_MARGIN = ("margin_rub", "shop_rub", "volume_l")
T_FACTORS = ("margin_t_factor", "cost_t_factor", "profit_t_factor")


def measured(
    outcomes: pa.Table, features: list[Mapping[str, Any]], *, horizon_weeks: int, shop_margin_share: float
) -> pa.Table:
    """Take the coefficients from trials.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As `ml.analysis.analyse` takes it, and served_visits_count, served_volume_l (0 in control).
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
        (of the control arm), the four `EFFECTS`, their `COVARIANCES`, and half the width of a 95 % interval in
        standard errors at the tried costs (`T_FACTORS`). Nulls where an arm is too small; factors also where nothing
        varies.

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
                row |= _measured([cell], found, length, shop_margin_share)
            rows.append(row)
        row = {"feature_code": code, "portrait_code": None, "estimated_count": 0}
        if told:
            strata, parts = (list(items) for items in zip(*told, strict=True))
            sizes = np.array([len(cell.treated) for cell in strata])
            row |= _measured(strata, combine(parts, sizes / sizes.sum()), length, shop_margin_share)
        rows.append(row)
    return _table(rows, analysis.BASIS)


def _rates(feature: Mapping[str, Any]) -> np.ndarray:
    """₽ per served visit and per served litre."""
    return np.array([float(feature["cost"].get(name) or 0) for name in ("rub_per_visit", "rub_per_l")])


def _contrast(cell: Cell, rates: np.ndarray, shop_margin_share: float) -> Contrast | None:
    """Contrast the four parts and, for their degrees of freedom, margin, cost and profit at the tried rates."""
    margin, shop = cell.values["margin_rub"], cell.values["shop_amount_rub"]
    served = np.column_stack([cell.values[name] for name in SERVED])
    # Where only a fee was paid, what would vary with a price per visit are the visits.
    cost = served @ (rates if rates.any() else np.array([1.0, 0.0]))
    columns = [margin - shop_margin_share * shop, shop, *served.T, margin, cost, margin - served @ rates]
    before = cell.covariates(cell.values[PRE_PERIOD["margin_rub"]])
    return contrast(np.column_stack(columns), cell.treated, before, cell.group_id)


def _measured(strata: list[Cell], found: Contrast, length: float, shop_margin_share: float) -> dict[str, Any]:
    """Tell the coefficients of one row; `length` of the horizon in months."""
    first, count = len(found.effect), len(PARTS)
    covariance = found.variance[first : first + count, first : first + count]
    return {
        "estimated_count": sum(len(cell.treated) for cell in strata),
        "fuel_margin_rub_per_l": _margin_per_l(strata, shop_margin_share),
        **_coefficients(found.effect[:count] / length, covariance / length**2),
        **{name: _t_factor(found, count + place) for place, name in enumerate(T_FACTORS)},
    }


def _margin_per_l(strata: list[Cell], shop_margin_share: float) -> float:
    totals = {
        name: sum(float(cell.values[name][~cell.treated].sum()) for cell in strata)
        for name in ("margin_rub", "shop_amount_rub", "volume_l")
    }
    fuel = totals["margin_rub"] - shop_margin_share * totals["shop_amount_rub"]
    return fuel / totals["volume_l"] if totals["volume_l"] > 0 else np.nan


def _t_factor(found: Contrast, place: int) -> float:
    """NaN where nothing varies, as `ml.intervals.student` has it."""
    if not found.var_effect(place) > 0 or not found.df[place] > 0:
        return np.nan
    return float(stats.t.ppf(0.5 + LEVEL / 2, found.df[place]))


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
) -> pa.Table:
    """Take the coefficients from the behaviour rules, all eligible clients being offered the feature.

    The effects are those of the rules' means. Their covariance comes from each number of the rules and their modifiers
    moved by its standard deviation up and down, one at a time: the numbers are independent there, and what follows
    from them nearly linear. Intervals are near the quantiles of `ml.scenario`, not the same.

    Parameters
    ----------
    clients, rules, features, horizon_weeks, shop_margin_share
        As `ml.scenario.by_rules` takes them.

    Returns
    -------
    pyarrow.Table
        The columns of `measured`; fuel_margin_rub_per_l is that of the eligible clients.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    features = list(features)
    options = {"horizon_weeks": horizon_weeks, "shop_margin_share": shop_margin_share}
    rows, middle = _played(clients, rules, features, options)
    covariance = np.zeros((len(rows), len(PARTS), len(PARTS)))

    def move(column: str, moved: Callable[[int], list]) -> np.ndarray:
        place = rules.column_names.index(column)
        up, down = (
            _played(clients, rules.set_column(place, column, pa.array(moved(sign))), features, options)[1]
            for sign in (1, -1)
        )
        change = (up - down) / 2
        return change[:, :, None] * change[:, None, :]

    for name in LIMITS:
        covariance += move(f"{name}_mean", lambda sign, name=name: _numbers_moved(rules, name, sign))
    _add_up(rows, covariance)
    # A modifier's factor is one number for all portraits: the whole feature moves with it as they do.
    for number in range(max((len(_factors(modifiers_of(row))) for row in rules.to_pylist()), default=0)):
        covariance += move("modifiers_json", lambda sign, number=number: _factors_moved(rules, number, sign))
    factors = dict.fromkeys(T_FACTORS, float(stats.norm.ppf(0.5 + LEVEL / 2)))
    per_l = _margins_per_l(clients, features, shop_margin_share)
    for row, effects, spread in zip(rows, middle, covariance, strict=True):
        count = row["estimated_count"]
        if count:
            row |= _coefficients(effects / count, spread / count**2) | factors
            row["fuel_margin_rub_per_l"] = per_l[row["feature_code"], row["portrait_code"]]
    return _table(rows, scenario.BASIS)


def _numbers_moved(rules: pa.Table, name: str, sign: int) -> np.ndarray:
    """Move one number of all rules by its standard deviation, within its limits."""
    return np.clip(numbers(rules, f"{name}_mean") + sign * numbers(rules, f"{name}_sd"), *LIMITS[name])


def _factors(modifiers: list[dict[str, Any]]) -> list[dict[str, float]]:
    return [factor for modifier in modifiers for factor in modifier["factors"].values()]


def _factors_moved(rules: pa.Table, number: int, sign: int) -> list[str]:
    """Move one factor of the modifiers of each feature by its standard deviation, not below 0."""
    texts = []
    for rule in rules.to_pylist():
        modifiers = modifiers_of(rule)
        for factor in _factors(modifiers)[number : number + 1]:
            factor["mean"] = max(factor["mean"] + sign * factor["sd"], 0)
        texts.append(json.dumps(modifiers))
    return texts


def _played(
    clients: pa.Table, rules: pa.Table, features: list[Mapping[str, Any]], options: dict[str, float]
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Play the scenario of the rules' means; returns its rows and the four parts, totals per month.

    What is served is the cost at 1 ₽ each; shop sales are the revenue of clients who spend all they do in the shop.
    """
    shop = pa.array(np.nan_to_num(numbers(clients, "shop_rub_per_month")))
    shoppers = clients.set_column(clients.column_names.index("spend_rub_per_month"), "spend_rub_per_month", shop)
    played = []
    for rate in ("rub_per_visit", "rub_per_l"):
        priced = [{**feature, "cost": {rate: 1.0}} for feature in features]
        tables = scenario.by_rules(shoppers, rules, priced, draws_count=scenario.MIN_DRAWS, **options)
        played.append(pa.concat_tables(tables, promote_options="default"))
    by_visit, by_litre = played
    served = [numbers(table, "cost_rub_per_month") for table in played]
    shop_added = numbers(by_visit, "incremental_revenue_rub_per_month")
    fuel = numbers(by_visit, "incremental_margin_rub_per_month") - options["shop_margin_share"] * shop_added
    rows = [
        {
            "feature_code": row["feature_code"],
            "portrait_code": row["portrait_code"],
            "estimated_count": row["eligible_count"] if row["cost_rub_per_month"] is not None else 0,
        }
        for row in by_litre.select(
            ["feature_code", "portrait_code", "eligible_count", "cost_rub_per_month"]
        ).to_pylist()
    ]
    return rows, np.column_stack([fuel, shop_added, *served])


def _add_up(rows: list[dict[str, Any]], covariance: np.ndarray) -> None:
    """Make the whole feature's row, in place, that of its portraits: their rules are independent of one another."""
    for place, row in enumerate(rows):
        if row["portrait_code"] is None:
            mine = [
                other
                for other, each in enumerate(rows)
                if each["feature_code"] == row["feature_code"] and each["portrait_code"] and each["estimated_count"]
            ]
            covariance[place] = covariance[mine].sum(axis=0)
            row["estimated_count"] = sum(rows[other]["estimated_count"] for other in mine)


def _margins_per_l(
    clients: pa.Table, features: list[Mapping[str, Any]], shop_margin_share: float
) -> dict[tuple[str, str | None], float]:
    """Fuel margin per litre of the eligible clients by feature and portrait, and of each feature as a whole."""
    portrait, portraits = codes(clients, "portrait_code")
    margin, shop, litres = (np.nan_to_num(numbers(clients, f"{name}_per_month")) for name in AMOUNTS_OF_MARGIN)
    found = {}
    for feature in features:
        eligible = is_eligible(clients, feature.get("eligibility") or ())
        groups = {None: eligible} | {code: eligible & (portrait == place) for place, code in enumerate(portraits)}
        for code, chosen in groups.items():
            sold = litres[chosen].sum()
            fuel = margin[chosen].sum() - shop_margin_share * shop[chosen].sum()
            found[feature["feature_code"], code] = fuel / sold if sold > 0 else np.nan
    return found


def _table(rows: list[dict[str, Any]], basis_code: str) -> pa.Table:
    """Rows as a table ordered by feature and portrait, the whole feature first."""
    rows = sorted(rows, key=lambda row: (row["feature_code"], row["portrait_code"] or ""))
    columns: dict[str, pa.Array] = {
        "feature_code": pa.array([row["feature_code"] for row in rows], pa.string()),
        "portrait_code": pa.array([row["portrait_code"] for row in rows], pa.string()),
        "basis_code": pa.array([basis_code] * len(rows), pa.string()),
        "estimated_count": pa.array([row["estimated_count"] for row in rows], pa.int64()),
    }
    for name in ("fuel_margin_rub_per_l", *EFFECTS, *COVARIANCES, *T_FACTORS):
        columns[name] = with_nulls(np.array([row.get(name, np.nan) for row in rows], dtype=np.float64))
    return pa.table(columns)
