"""How a group of clients changes under a behaviour rule if all of them are offered a feature.

A responding client's visits and litres rise by `visits_change` (fuel won from competitors).
`volume_per_visit_change` makes fills larger or smaller at constant litres, so that visits change by 1 / (1 + x).
`shop_change` is relative to the shop bill per visit. `response_prob` of the clients respond, in each week in
proportion to the feature's interest (`weekly_interest`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.tables.arrays import total
from ml.tables.errors import InvalidValueError


@dataclass(frozen=True)
class Change:
    """Monthly totals of a group without the feature, and what the feature adds.

    Attributes
    ----------
    clients_count : int
    before : dict of str to float
        Totals by the names of `AMOUNTS_PER_MONTH`; NaN where unknown.
    added : dict of str to ndarray of shape (draws,)
        By the same names.
    cost_rub, responding_count : ndarrays of shape (draws,)
    """

    clients_count: int
    before: dict[str, float]
    added: dict[str, np.ndarray]
    cost_rub: np.ndarray
    responding_count: np.ndarray


def weekly_interest(horizon_weeks: int, ramp_weeks: float, half_life_weeks: float) -> np.ndarray:
    """Share of a responder's full effect in each week after the offer.

    ``min(1, week / ramp) · 0.5 ** (max(0, week − ramp) / half_life)`` for week = 1…horizon: a linear rise while clients
    learn about the offer, then exponential decay of the novelty.

    Returns
    -------
    ndarray of shape (horizon_weeks,), values 0–1

    Raises
    ------
    InvalidValueError
        If the horizon is shorter than one week, the half-life not positive or the ramp negative.
    """
    if horizon_weeks < 1:
        raise InvalidValueError("horizon_weeks", horizon_weeks, "the trial", "1 or more")
    if half_life_weeks <= 0:
        raise InvalidValueError("half_life_weeks", half_life_weeks, "adoption", "above 0")
    if ramp_weeks < 0:
        raise InvalidValueError("ramp_weeks", ramp_weeks, "adoption", "0 or more")
    week = np.arange(1, horizon_weeks + 1, dtype=np.float64)
    rise = np.minimum(1.0, week / ramp_weeks) if ramp_weeks > 0 else np.ones_like(week)
    return rise * 0.5 ** (np.maximum(0.0, week - ramp_weeks) / half_life_weeks)


def respond(
    feature: Mapping[str, Any],
    rule: Mapping[str, np.ndarray],
    before: dict[str, float],
    clients_count: int,
    *,
    horizon_weeks: int,
    shop_margin_share: float | None,
) -> Change:
    """Apply a rule to a group.

    Parameters
    ----------
    feature : mapping
        `adoption` and `cost`, as in `feature_hypotheses.json`.
    rule : mapping of str to ndarray of shape (draws,)
        Draws of the rule's effects (`ml.rules.distributions.draw_rules`).
    before : dict of str to float
        Monthly totals of the group by the names of `AMOUNTS_PER_MONTH`.
    clients_count : int
    horizon_weeks : int
        Weeks over which the change is averaged.
    shop_margin_share : float or None
        Margin of shop sales, 0–1; None: margin is proportional to revenue, for fuel and shop alike.
    """
    adoption = feature["adoption"]
    interest = weekly_interest(horizon_weeks, adoption["ramp_weeks"], adoption["half_life_weeks"])
    acting = rule["response_prob"] * interest.mean()
    litres = 1 + rule["visits_change"]
    visits = litres / (1 + rule["volume_per_visit_change"])
    shop = visits * (1 + rule["shop_change"])
    shop_rub = float(np.nan_to_num(before["shop_rub_per_month"]))
    spend, margin = before["spend_rub_per_month"], before["margin_rub_per_month"]
    fuel_growth, shop_added = acting * (litres - 1), acting * (shop - 1) * shop_rub
    revenue = fuel_growth * (spend - shop_rub) + shop_added
    if shop_margin_share is None:
        margin_added = revenue * (margin / spend if spend > 0 else np.nan)
    else:
        margin_added = fuel_growth * (margin - shop_margin_share * shop_rub) + shop_margin_share * shop_added
    cost = feature["cost"]
    return Change(
        clients_count=clients_count,
        before=before,
        added={
            "visits_per_month": acting * (visits - 1) * before["visits_per_month"],
            "volume_l_per_month": fuel_growth * before["volume_l_per_month"],
            "spend_rub_per_month": revenue,
            "shop_rub_per_month": shop_added,
            "margin_rub_per_month": margin_added,
        },
        cost_rub=_cost(cost, "rub_per_visit", acting * visits * before["visits_per_month"])
        + _cost(cost, "rub_per_l", acting * litres * before["volume_l_per_month"])
        + _cost(cost, "rub_per_client_per_month", np.full_like(acting, clients_count)),
        responding_count=rule["response_prob"] * clients_count,
    )


def add(parts: list[Change]) -> Change:
    """Sum disjoint groups; an amount unknown in one of them is unknown in the sum."""
    names = parts[0].before
    return Change(
        clients_count=sum(part.clients_count for part in parts),
        before={name: sum(part.before[name] for part in parts) for name in names},
        added={name: total(part.added[name] for part in parts) for name in names},
        cost_rub=total(part.cost_rub for part in parts),
        responding_count=total(part.responding_count for part in parts),
    )


def _cost(cost: Mapping[str, float], name: str, quantity: np.ndarray) -> np.ndarray:
    """Rate × quantity; a rate of 0 costs nothing even if the quantity is unknown."""
    rate = float(cost.get(name) or 0)
    return rate * quantity if rate else np.zeros_like(quantity)
