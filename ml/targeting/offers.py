"""One best offer for each client, under a budget and a number of contacts; and what these offers would earn.

Who gets which offer is a multiple-choice knapsack: each client one offer at most, the total predicted profit as high as
the budget allows. Its Lagrangian takes the budget out of the limits: a rouble of cost is charged λ, each client takes
what is best for it at that price, and λ is the lowest price at which the budget suffices (Fisher 1981; Sinha and
Zoltners 1979). The number of contacts needs no price: at any λ the best choice of K clients is that of the K largest
gains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.columns import codes, integers, numbers, require, strings, with_nulls
from ml.tables.errors import InvalidValueError, UnknownCodeError
from ml.tables.intervals import LEVEL
from vocabulary.codes import PERSONAL_UNITS

BISECTIONS = 60

LEAST_CLIENTS = 30
"""Scores of fewer clients tell nothing: the interval of their sum would be that of single ones."""

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
VALUES = pa.schema(
    {
        "feature_code": pa.string(),
        "portrait_code": pa.string(),
        "clients_count": pa.int64(),
        "predicted_profit_rub_per_month": pa.float64(),
        "predicted_cost_rub_per_month": pa.float64(),
        "fixed_cost_rub_per_month": pa.float64(),
        "profit_rub_per_month": pa.float64(),
        "profit_rub_per_month_low": pa.float64(),
        "profit_rub_per_month_high": pa.float64(),
    }
)


@dataclass(frozen=True)
class Choice:
    """An offer for each client, or none.

    Attributes
    ----------
    offer : ndarray of int, shape (clients,)
        Place of the feature; -1 for none.
    bound : float
        No choice within the limits has a profit higher by more than this, ₽.
    """

    offer: np.ndarray
    bound: float


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
        Of `ml.targeting.policies.find_targets`: eligible clients only.
    contactable : pyarrow.Array
        client_id of all who agreed to offers.
    features : sequence of mappings
        feature_code, randomization_unit, cost. Only those of `PERSONAL_UNITS` are offered here.
    budget : float, optional
        Most that all offers may cost together, ₽ per month, fixed costs aside; none by default. Costs are predicted.
    contacts_limit : int, optional
        Most clients with an offer; no limit by default.

    Returns
    -------
    pyarrow.Table
        `OFFERS`, by rank_number: clients of whom a profit above 0 is predicted, the highest first, equal ones by
        client_id. Of offers that are equally good for a client the first by feature_code is taken.

    Raises
    ------
    MissingColumnError, UnknownCodeError
    InvalidValueError
        A limit below 0.

    Notes
    -----
    A feature whose clients together do not earn its fixed cost is dropped, the worst first, and all choose again. This
    is greedy: without fixed costs the choice is within `Choice.bound` of the best, with them only among the features
    that stay.
    """
    for name, limit in (("budget_rub_per_month", budget), ("contacts_limit", contacts_limit)):
        if limit is not None and not limit >= 0:
            raise InvalidValueError(name, limit, "offers", "a number, 0 or more, or null for no limit")
    require(
        estimates,
        ("client_id", "feature_code", "portrait_code", "uplift_margin_rub_per_month", "cost_rub_per_month"),
        "estimates",
    )
    settings = _by_code(estimates, features)
    agreed = np.unique(np.asarray(contactable.to_numpy(zero_copy_only=False), dtype=np.int64))
    personal = [code for code, each in settings.items() if each["randomization_unit"] in PERSONAL_UNITS]
    feature, codes_of = codes(estimates, "feature_code")
    column = np.array([personal.index(code) if code in personal else -1 for code in codes_of], dtype=np.int64)[feature]
    rows = np.flatnonzero((column >= 0) & np.isin(integers(estimates, "client_id"), agreed))
    clients, place = np.unique(integers(estimates, "client_id")[rows], return_inverse=True)

    # What is not offered to a client has no profit: it is never chosen.
    profit, cost = (np.zeros((len(clients), len(personal))) for _ in range(2))
    portrait = np.full(profit.shape, -1, dtype=np.int16)
    of_portrait, portraits = codes(estimates, "portrait_code")
    cost[place, column[rows]] = numbers(estimates, "cost_rub_per_month")[rows]
    profit[place, column[rows]] = numbers(estimates, "uplift_margin_rub_per_month")[rows] - cost[place, column[rows]]
    portrait[place, column[rows]] = of_portrait[rows]
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
        _texts(portrait[at], portraits),
        profit[at],
        cost[at],
        np.arange(1, len(chosen) + 1),
    ]
    return pa.table(dict(zip(OFFERS.names, columns, strict=True)), schema=OFFERS)


def offer_values(offers: pa.Table, estimates: pa.Table, features: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Value offers by the doubly robust scores of the trials.

    Parameters
    ----------
    offers : pyarrow.Table
        Of `best_offers`.
    estimates : pyarrow.Table
        Of `ml.targeting.policies.find_targets`.
    features : sequence of mappings
        feature_code, cost.

    Returns
    -------
    pyarrow.Table
        `VALUES`: for each feature offered and portrait, and for each feature as a whole (portrait_code null, its fixed
        cost taken off), the sum of the predictions and that of the scores with a 95 % interval; null for fewer than
        `LEAST_CLIENTS`.

    Notes
    -----
    No prediction of a client has seen its own score, so neither who is chosen nor which feature is chosen for whom
    follows the noise of the scores that are summed here: unlike the predictions, they do not flatter the choice. What
    is left is of a lower order. A client's outcome is among those that predict for the other folds, whose clients
    compete with it for the budget; and a feature is dropped, or not, by the predictions of all its clients.
    """
    settings = _by_code(estimates, features)
    feature, codes_of = codes(estimates, "feature_code")
    offered, offered_codes = codes(offers, "feature_code")
    parts = []
    for number, code in enumerate(offered_codes):
        rows = estimates.filter(pa.array(feature == codes_of.index(code))).sort_by("client_id")
        given = offers.filter(pa.array(offered == number)).sort_by("client_id")
        place = np.searchsorted(integers(rows, "client_id"), integers(given, "client_id"))
        score = np.zeros(rows.num_rows)
        score[place] = numbers(rows, "profit_score_rub_per_month")[place]
        portrait, portraits = codes(given, "portrait_code")
        fixed = float(settings[code]["cost"].get("rub_per_month") or 0)
        groups = [(-1, np.ones(len(place), dtype=bool), fixed)]
        groups += [(each, portrait == each, np.nan) for each in range(len(portraits))]
        parts += [_value(code, group, portraits, given, score, place) for group in groups]
    return pa.concat_tables(parts) if parts else VALUES.empty_table()


def _by_code(estimates: pa.Table, features: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Settings of the features by their code, in its order."""
    settings = {each["feature_code"]: each for each in sorted(features, key=lambda each: each["feature_code"])}
    for code in codes(estimates, "feature_code")[1]:
        if code not in settings:
            raise UnknownCodeError("feature_code", code, "estimates", settings)
    return settings


def _worth_their_fixed_costs(
    profit: np.ndarray, cost: np.ndarray, fixed: np.ndarray, budget: float | None, limit: int | None
) -> np.ndarray:
    """Choose, and choose anew without the worst feature as long as one does not earn its fixed cost."""
    stays = np.ones(len(fixed), dtype=bool)
    while True:
        offer = choose(np.where(stays, profit, 0.0), cost, budget=budget, contacts_limit=limit).offer
        taken = offer >= 0
        earned = np.bincount(offer[taken], profit[taken, offer[taken]], len(fixed)) - fixed
        # Nobody's feature costs nothing.
        earned[np.bincount(offer[taken], minlength=len(fixed)) == 0] = 0.0
        if not (earned < 0).any():
            return offer
        stays[earned.argmin()] = False


def choose(
    profit: np.ndarray, cost: np.ndarray, *, budget: float | None = None, contacts_limit: int | None = None
) -> Choice:
    """Choose at most one offer for each client, the total profit as high as the limits allow.

    Parameters
    ----------
    profit, cost : ndarray, shape (clients, features)
        ₽. Costs are 0 or more; only offers with a profit above 0 are given.
    budget : float, optional
        Of the costs.
    contacts_limit : int, optional
        Of the clients.

    Returns
    -------
    Choice
        Exact where the budget does not bind (bound 0). Else the best choice is at most λ × (what is left of the budget)
        better before what is left is spent; `bound` is what remains of that after it is.
    """
    clients = len(profit)
    limit = clients if contacts_limit is None else min(contacts_limit, clients)
    if clients == 0 or limit == 0:
        return Choice(np.full(clients, -1, dtype=np.int64), 0.0)
    if budget is None:
        budget = np.inf
    offer = _at_price(profit, cost, 0.0, limit)
    if _total(cost, offer) <= budget:
        return Choice(offer, 0.0)
    # At the highest price nothing is worth its cost any more, or costs nothing: always within the budget.
    costly = (cost > 0) & (profit > 0)
    low, high = 0.0, float((profit[costly] / cost[costly]).max()) * (1 + 1e-9)
    for _ in range(BISECTIONS):
        price = (low + high) / 2
        if _total(cost, _at_price(profit, cost, price, limit)) <= budget:
            high = price
        else:
            low = price
    offer = _at_price(profit, cost, high, limit)
    most = _total(profit - high * cost, offer) + high * budget
    offer = _filled(profit, cost, offer, budget, limit)
    return Choice(offer, max(most - _total(profit, offer), 0.0))


def _at_price(profit: np.ndarray, cost: np.ndarray, price: float, limit: int) -> np.ndarray:
    """Best offers when a rouble of cost is charged `price`, shape (clients,): those of the `limit` largest gains."""
    gain = np.where(profit > 0, profit - price * cost, 0.0)
    offer = gain.argmax(axis=1)
    best = gain[np.arange(len(gain)), offer]
    offer = np.where(best > 0, offer, -1)
    if (offer >= 0).sum() > limit:
        last = np.partition(best, len(best) - limit)[len(best) - limit]
        # Equal ones in the order of the clients.
        equal = np.flatnonzero(best == last)[limit - (best > last).sum() :]
        offer[best < last] = -1
        offer[equal] = -1
    return offer


def _filled(profit: np.ndarray, cost: np.ndarray, offer: np.ndarray, budget: float, limit: int) -> np.ndarray:
    """Spend what is left: the changes with the highest profit for their cost first, in rounds until none fits."""
    offer, everyone = offer.copy(), np.arange(len(offer))
    left = budget - _total(cost, offer)
    while True:
        has = offer >= 0
        now_profit, now_cost = (np.where(has, each[everyone, offer], 0.0) for each in (profit, cost))
        more, dearer = profit - now_profit[:, None], cost - now_cost[:, None]
        can = (profit > 0) & (more > 0) & (dearer <= left)
        room = limit - int(has.sum())
        if room == 0:
            can &= has[:, None]
        # A change that costs nothing more comes before all others.
        ratio = np.where(can, more / np.maximum(dearer, 1e-9), -np.inf)
        best = ratio.argmax(axis=1)
        who = np.flatnonzero(can[everyone, best])
        if not len(who):
            return offer
        who = who[np.argsort(-ratio[who, best[who]], kind="stable")]
        fits = (np.cumsum(dearer[who, best[who]]) <= left) & (np.cumsum(~has[who]) <= room)
        # The first fits alone, so every round changes something.
        who = who[: max(int(np.argmin(fits)) if not fits.all() else len(fits), 1)]
        changed = offer.copy()
        changed[who] = best[who]
        if _total(cost, changed) > budget:  # by a rounding
            return offer
        offer, left = changed, budget - _total(cost, changed)


def _total(values: np.ndarray, offer: np.ndarray) -> float:
    """Sum over the offers given."""
    given = np.flatnonzero(offer >= 0)
    return float(values[given, offer[given]].sum())


def _value(
    code: str,
    group: tuple[int, np.ndarray, float],
    portraits: list[str],
    given: pa.Table,
    score: np.ndarray,
    place: np.ndarray,
) -> pa.Table:
    """Row of one group of the clients that are offered a feature."""
    portrait, members, fixed = group
    of_group = np.zeros(len(score))
    of_group[place[members]] = score[place[members]]
    size = len(score)
    is_told = members.sum() >= LEAST_CLIENTS
    half = stats.t.ppf(0.5 + LEVEL / 2, size - 1) * np.sqrt(size * of_group.var(ddof=1))
    profit = of_group.sum() - np.nan_to_num(fixed)
    columns = [
        [code],
        _texts(np.array([portrait]), portraits),
        [int(members.sum())],
        *([numbers(given, name)[members].sum()] for name in OFFERS.names[3:5]),
        with_nulls(np.array([fixed])),
        *([bound if is_told else None] for bound in (profit, profit - half, profit + half)),
    ]
    return pa.table(dict(zip(VALUES.names, columns, strict=True)), schema=VALUES)


def _texts(index: np.ndarray, levels: list[str]) -> pa.Array:
    """Text of each place in `levels`; null for -1."""
    return pa.array([*levels, None], pa.string()).take(pa.array(index % (len(levels) + 1)))
