"""One best personal offer per client, under a budget and a limit of contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import codes, integers, numbers, require, strings
from ml.tables.errors import InvalidValueError, UnknownCodeError
from ml.targeting.knapsack import choose
from vocabulary.codes import PERSONAL_UNITS

OFFERS = pa.schema(
    {
        "client_id": pa.int64(),
        "feature_code": pa.string(),
        "portrait_code": pa.string(),
        "predicted_profit_rub_per_month": pa.float64(),
        "predicted_cost_rub_per_month": pa.float64(),
        "rank_number": pa.int64(),
    }
)


def best_offers(
    estimates: pa.Table,
    contactable: pa.Array | pa.ChunkedArray,
    features: Sequence[Mapping[str, Any]],
    *,
    budget: float | None = None,
    contacts_limit: int | None = None,
) -> pa.Table:
    """Choose at most one offer for each client.

    Parameters
    ----------
    estimates : pyarrow.Table
        From `ml.targeting.policies.find_targets`: eligible clients only.
    contactable : pyarrow.Array
        client_id of all clients who consented to offers.
    features : sequence of mappings
        feature_code, randomization_unit, cost. Only features with one of `PERSONAL_UNITS` are offered.
    budget : float, optional
        Limit of the total predicted cost, ₽ per month, without fixed costs; none by default.
    contacts_limit : int, optional
        Limit of the clients with an offer; none by default.

    Returns
    -------
    pyarrow.Table
        `OFFERS`, by rank_number: clients with a positive predicted profit, highest first, ties by client_id. Of equally
        good offers for a client, the first by feature_code.

    Raises
    ------
    MissingColumnError, UnknownCodeError
    InvalidValueError
        A negative limit.

    Notes
    -----
    A feature whose clients together do not earn its fixed cost is dropped, the worst first, and offers are chosen
    again. This is greedy: without fixed costs the choice is within `ml.targeting.knapsack.Choice.bound` of the optimum,
    with fixed costs only among the features kept.
    """
    for name, limit in (("budget_rub_per_month", budget), ("contacts_limit", contacts_limit)):
        if limit is not None and not limit >= 0:
            raise InvalidValueError(name, limit, "offers", "a number, 0 or more, or null for no limit")
    require(
        estimates,
        ("client_id", "feature_code", "portrait_code", "uplift_margin_rub_per_month", "cost_rub_per_month"),
        "estimates",
    )
    settings = settings_by_code(estimates, features)
    consenting = np.unique(np.asarray(contactable.to_numpy(zero_copy_only=False), dtype=np.int64))
    personal = [code for code, each in settings.items() if each["randomization_unit"] in PERSONAL_UNITS]
    feature, codes_of = codes(estimates, "feature_code")
    column = np.array([personal.index(code) if code in personal else -1 for code in codes_of], dtype=np.int64)[feature]
    rows = np.flatnonzero((column >= 0) & np.isin(integers(estimates, "client_id"), consenting))
    clients, index = np.unique(integers(estimates, "client_id")[rows], return_inverse=True)

    # A feature for which the client is not eligible has zero profit and is never chosen.
    profit, cost = (np.zeros((len(clients), len(personal))) for _ in range(2))
    portrait = np.full(profit.shape, -1, dtype=np.int16)
    of_portrait, portraits = codes(estimates, "portrait_code")
    cost[index, column[rows]] = numbers(estimates, "cost_rub_per_month")[rows]
    profit[index, column[rows]] = numbers(estimates, "uplift_margin_rub_per_month")[rows] - cost[index, column[rows]]
    portrait[index, column[rows]] = of_portrait[rows]
    fixed = np.array([float(settings[code]["cost"].get("rub_per_month") or 0) for code in personal])
    offer = _worth_their_fixed_costs(profit, cost, fixed, budget, contacts_limit)

    chosen = np.flatnonzero(offer >= 0)
    earned = profit[chosen, offer[chosen]]
    order = np.lexsort((clients[chosen], -earned))
    chosen = chosen[order]
    at = chosen, offer[chosen]
    columns = [
        clients[chosen],
        strings(offer[chosen], personal),
        nullable_strings(portrait[at], portraits),
        profit[at],
        cost[at],
        np.arange(1, len(chosen) + 1),
    ]
    return pa.table(dict(zip(OFFERS.names, columns, strict=True)), schema=OFFERS)


def settings_by_code(estimates: pa.Table, features: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the features by code, sorted; UnknownCodeError if `estimates` has a feature that is not among them."""
    settings = {each["feature_code"]: each for each in sorted(features, key=lambda each: each["feature_code"])}
    for code in codes(estimates, "feature_code")[1]:
        if code not in settings:
            raise UnknownCodeError("feature_code", code, "estimates", settings)
    return settings


def nullable_strings(index: np.ndarray, levels: list[str]) -> pa.Array:
    """Text array from indices into `levels`; -1 becomes null."""
    return pa.array([*levels, None], pa.string()).take(pa.array(index % (len(levels) + 1)))


def _worth_their_fixed_costs(
    profit: np.ndarray, cost: np.ndarray, fixed: np.ndarray, budget: float | None, limit: int | None
) -> np.ndarray:
    """Choose offers, repeatedly dropping the worst feature that does not earn its fixed cost; shape (clients,)."""
    kept = np.ones(len(fixed), dtype=bool)
    while True:
        offer = choose(np.where(kept, profit, 0.0), cost, budget=budget, contacts_limit=limit).offer
        taken = offer >= 0
        earned = np.bincount(offer[taken], profit[taken, offer[taken]], len(fixed)) - fixed
        # A feature that is offered to nobody costs nothing.
        earned[np.bincount(offer[taken], minlength=len(fixed)) == 0] = 0.0
        if not (earned < 0).any():
            return offer
        kept[earned.argmin()] = False
