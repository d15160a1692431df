"""Shop sales per visit: a ratio of sums, compared between arms by the delta method.

The visits of an arm are random too, so a client's contribution to the ratio is linearised around the arm's ratio of
totals R, ``(shop − R · visits) / mean visits + R``. Its mean is R and its variance that of R (Deng, Knoblich and Lu
2018, "Applying the delta method in metric analytics").
"""

import numpy as np

from ml.trials.contrasts import MIN_PER_ARM, Contrast, combine, contrast
from ml.trials.outcomes import PRE_PERIOD, Cell

MAX_VISITS_ERROR = 0.2
"""Largest relative standard error of an arm's visits at which ratios to them are linearised."""


def shop_contrasts(strata: list[Cell]) -> Contrast | None:
    """Contrast shop ₽ per visit over one or several strata (weighted by clients).

    Returns
    -------
    Contrast or None
        None if an arm has fewer than two clients in a stratum, or if the relative error of its visits exceeds
        `MAX_VISITS_ERROR`, where the linearisation fails.
    """
    sizes = np.array([len(cell.treated) for cell in strata], dtype=np.float64)
    if any(min(c.treated.sum(), (~c.treated).sum()) < MIN_PER_ARM for c in strata):
        return None
    ratios, visits = {}, {}
    for arm in (True, False):
        means = [_means(cell, cell.treated == arm) for cell in strata]
        shop, visits[arm] = (float(np.dot(sizes, column) / sizes.sum()) for column in zip(*means, strict=True))
        if visits[arm] <= 0 or _visits_error(strata, arm, sizes) > MAX_VISITS_ERROR * visits[arm]:
            return None
        ratios[arm] = shop / visits[arm]
    parts = []
    for cell in strata:
        own_ratio = np.where(cell.treated, ratios[True], ratios[False])
        own_visits = np.where(cell.treated, visits[True], visits[False])
        shop_amount, visits_count = cell.values["shop_amount_rub"], cell.values["visits_count"]
        linear = (shop_amount - own_ratio * visits_count) / own_visits + own_ratio
        part = contrast(linear[:, None], cell.treated, cell.covariates(_before(cell)), cell.group_id)
        if part is None:
            return None
        parts.append(part)
    return combine(parts, sizes / sizes.sum())


def _visits_error(strata: list[Cell], arm: bool, sizes: np.ndarray) -> float:
    """Standard error of the mean visits of an arm."""
    parts = [cell.values["visits_count"][cell.treated == arm] for cell in strata]
    variances = [part.var(ddof=1) / len(part) for part in parts]
    return float(np.sqrt(np.dot((sizes / sizes.sum()) ** 2, variances)))


def _means(cell: Cell, arm: np.ndarray) -> tuple[float, float]:
    return cell.values["shop_amount_rub"][arm].mean(), cell.values["visits_count"][arm].mean()


def _before(cell: Cell) -> np.ndarray:
    """Linearise the pre-period in the same way: the covariate, NaN for clients without a pre-period."""
    shop = cell.values[PRE_PERIOD["shop_amount_rub"]]
    visits = cell.values[PRE_PERIOD["visits_count"]]
    known = ~np.isnan(shop) & ~np.isnan(visits)
    total = visits[known].sum()
    if total <= 0:
        return np.full(len(shop), np.nan)
    return np.where(known, shop - shop[known].sum() / total * visits, np.nan)
