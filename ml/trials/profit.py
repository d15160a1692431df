"""Profit coefficients estimated from trials, for costs, margins and horizons other than those tried.

A contrast (`ml.trials.contrasts`) is linear in the outcome, and so is the cost estimated from the treated clients alone
(`ml.trials.costs`). The profit at any costs is therefore a linear combination of the four parts in
`ml.tables.coefficients`, with the same variance that an analysis of that profit would give. The exceptions are the
degrees of freedom and the skewness of the cost, which are kept from the tried costs.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.coefficients import FACTORS, PARTS, coefficients, empty_row, to_table
from ml.tables.features import by_code
from ml.tables.intervals import Estimate, t_quantile
from ml.tables.periods import months
from ml.tables.results import EXPERIMENT
from ml.tables.threads import one_thread
from ml.trials.contrasts import Contrast, combine, combined_cost_interval, contrast, cost_interval
from ml.trials.costs import offered_means
from ml.trials.outcomes import PRE_PERIOD, Cell, cells

SERVED = ("served_visits_count", "served_volume_l")
MARGIN, COST, PROFIT = (len(PARTS) + i for i in range(3))


@one_thread()
def measured(
    outcomes: pa.Table, features: Sequence[Mapping[str, Any]], *, horizon_weeks: int, shop_margin_share: float
) -> pa.Table:
    """Estimate the coefficients from trials.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.trials.analysis.analyse`, with served_visits_count and served_volume_l (0 in control).
    features : list of mappings
        As in `feature_hypotheses.json`.
    horizon_weeks : int
    shop_margin_share : float
        Margin of shop sales, 0–1, as included in `margin_rub` of the outcomes.

    Returns
    -------
    pyarrow.Table
        By feature and portrait, and by feature as a whole (portrait_code null): basis_code, estimated_count (clients
        covered by the coefficients; for a feature, those of portraits with an estimate), fuel_margin_rub_per_l (of the
        control arm), the four `ml.tables.coefficients.EFFECTS`, their `COVARIANCES`, and the distances of the ends of a
        95 % interval from the value, in standard errors at the tried costs (`FACTORS`). Null if an arm is too small;
        factors are also null if nothing varies.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError
    """
    known = by_code(features)
    length = months(horizon_weeks)
    rows = []
    for code, group in groupby(cells(outcomes, known, SERVED), key=lambda cell: cell.feature_code):
        estimated = []
        for cell in group:
            part = _contrast(cell, _rates(known[code]), shop_margin_share)
            row = empty_row(code, cell.portrait_code)
            if part is not None:
                estimated.append((cell, part))
                row |= _measured([cell], part, cost_interval(part, COST), length, shop_margin_share)
            rows.append(row)
        row = empty_row(code, None)
        if estimated:
            strata, parts = (list(items) for items in zip(*estimated, strict=True))
            sizes = np.array([len(cell.treated) for cell in strata])
            weights = sizes / sizes.sum()
            total = combine(parts, weights)
            cost = combined_cost_interval(parts, weights, total, COST)
            row |= _measured(strata, total, cost, length, shop_margin_share)
        rows.append(row)
    return to_table(rows, EXPERIMENT)


def _rates(feature: Mapping[str, Any]) -> np.ndarray:
    """Cost in ₽ per served visit and per served litre."""
    return np.array([float(feature["cost"].get(name) or 0) for name in ("rub_per_visit", "rub_per_l")])


def _contrast(cell: Cell, rates: np.ndarray, shop_margin_share: float) -> Contrast | None:
    """Contrast the four parts and, for their intervals, margin, cost and profit at the tried rates."""
    if not cell.treated.any():
        return None
    margin, shop = cell.values["margin_rub"], cell.values["shop_amount_rub"]
    served = offered_means(cell, np.column_stack([cell.values[name] for name in SERVED]))
    # If only a fee was paid, use visits, which would vary with a price per visit.
    cost = rates if rates.any() else np.array([1.0, 0.0])
    mix = np.zeros((len(PARTS) + 1, len(PARTS) + 3))
    mix[[0, 1, 3, 4], [0, 1, 2, 3]] = 1
    mix[2, [MARGIN, PROFIT]] = 1
    mix[3:, COST], mix[3:, PROFIT] = cost, -rates
    columns = np.column_stack([margin - shop_margin_share * shop, shop, margin])
    before = cell.covariates(cell.values[PRE_PERIOD["margin_rub"]])
    return contrast(columns, cell.treated, before, cell.group_id, offered=served, mix=mix)


def _measured(
    strata: list[Cell], part: Contrast, cost: Estimate, length: float, shop_margin_share: float
) -> dict[str, Any]:
    """Coefficients of one row; `length` is the horizon in months."""
    first, count = len(part.effect), len(PARTS)
    covariance = part.variance[first : first + count, first : first + count]
    error = np.sqrt(part.var_effect(COST)) or np.nan
    ends = _t_factor(part, MARGIN), (cost.value - cost.low) / error, (cost.high - cost.value) / error
    return {
        "estimated_count": sum(len(cell.treated) for cell in strata),
        "fuel_margin_rub_per_l": _margin_per_l(strata, shop_margin_share),
        **coefficients(part.effect[:count] / length, covariance / length**2),
        **dict(zip(FACTORS, (*ends, _t_factor(part, PROFIT)), strict=True)),
    }


def _margin_per_l(strata: list[Cell], shop_margin_share: float) -> float:
    totals = {
        name: sum(float(cell.values[name][~cell.treated].sum()) for cell in strata)
        for name in ("margin_rub", "shop_amount_rub", "volume_l")
    }
    fuel = totals["margin_rub"] - shop_margin_share * totals["shop_amount_rub"]
    return fuel / totals["volume_l"] if totals["volume_l"] > 0 else np.nan


def _t_factor(part: Contrast, i: int) -> float:
    """Quantile of t; NaN if nothing varies, as in `ml.tables.intervals.student`."""
    if not part.var_effect(i) > 0 or not part.df[i] > 0:
        return np.nan
    return t_quantile(part.df[i])
