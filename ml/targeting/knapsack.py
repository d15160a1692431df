"""Choice of at most one offer per client with the highest total profit, under a budget and a limit of contacts.

This is a multiple-choice knapsack. Its Lagrangian relaxes the budget: each rouble of cost is charged λ, each client
takes its best offer at that price, and λ is the lowest price at which the budget suffices (Fisher 1981; Sinha and
Zoltners 1979). The limit of contacts needs no price: at any λ the best choice of K clients is that of the K largest
gains.
"""

from dataclasses import dataclass

import numpy as np

BISECTIONS = 60


@dataclass(frozen=True)
class Choice:
    """An offer for each client, or none.

    Attributes
    ----------
    offer : ndarray of int, shape (clients,)
        Index of the feature; -1 for none.
    bound : float
        No choice within the limits exceeds the profit of this one by more, ₽.
    """

    offer: np.ndarray
    bound: float


def choose(
    profit: np.ndarray, cost: np.ndarray, *, budget: float | None = None, contacts_limit: int | None = None
) -> Choice:
    """Choose at most one offer per client, with the highest total profit within the limits.

    Parameters
    ----------
    profit, cost : ndarray, shape (clients, features)
        ₽. Costs are non-negative; only offers with a positive profit are made.
    budget : float, optional
        Limit of the total cost.
    contacts_limit : int, optional
        Limit of the clients with an offer.

    Returns
    -------
    Choice
        Exact if the budget does not bind (bound 0). Otherwise the optimum is better by at most λ × the unspent budget,
        before the unspent budget is spent greedily; `bound` is what remains of that afterwards.
    """
    clients = len(profit)
    limit = clients if contacts_limit is None else min(contacts_limit, clients)
    if clients == 0 or limit == 0:
        return Choice(np.full(clients, -1, dtype=np.int64), 0.0)
    if budget is None:
        budget = np.inf
    offer = _best_at_price(profit, cost, 0.0, limit)
    if _total(cost, offer) <= budget:
        return Choice(offer, 0.0)
    # At the highest price only offers that cost nothing are worth it: always within the budget.
    costly = (cost > 0) & (profit > 0)
    low, high = 0.0, float((profit[costly] / cost[costly]).max()) * (1 + 1e-9)
    for _ in range(BISECTIONS):
        price = (low + high) / 2
        if _total(cost, _best_at_price(profit, cost, price, limit)) <= budget:
            high = price
        else:
            low = price
    offer = _best_at_price(profit, cost, high, limit)
    upper_bound = _total(profit - high * cost, offer) + high * budget
    offer = _spend_rest(profit, cost, offer, budget, limit)
    return Choice(offer, max(upper_bound - _total(profit, offer), 0.0))


def _best_at_price(profit: np.ndarray, cost: np.ndarray, price: float, limit: int) -> np.ndarray:
    """Best offers if a rouble of cost is charged `price`, shape (clients,): those of the `limit` largest gains."""
    gain = np.where(profit > 0, profit - price * cost, 0.0)
    offer = gain.argmax(axis=1)
    best = gain[np.arange(len(gain)), offer]
    offer = np.where(best > 0, offer, -1)
    if (offer >= 0).sum() > limit:
        last = np.partition(best, len(best) - limit)[len(best) - limit]
        # Ties in the order of the clients.
        equal = np.flatnonzero(best == last)[limit - (best > last).sum() :]
        offer[best < last] = -1
        offer[equal] = -1
    return offer


def _spend_rest(profit: np.ndarray, cost: np.ndarray, offer: np.ndarray, budget: float, limit: int) -> np.ndarray:
    """Spend the rest of the budget on the changes with the highest profit per cost, in rounds until none fits."""
    offer, everyone = offer.copy(), np.arange(len(offer))
    rest = budget - _total(cost, offer)
    while True:
        has_offer = offer >= 0
        now_profit, now_cost = (np.where(has_offer, each[everyone, offer], 0.0) for each in (profit, cost))
        gain, extra_cost = profit - now_profit[:, None], cost - now_cost[:, None]
        can_change = (profit > 0) & (gain > 0) & (extra_cost <= rest)
        room = limit - int(has_offer.sum())
        if room == 0:
            can_change &= has_offer[:, None]
        # Changes without extra cost come first.
        ratio = np.where(can_change, gain / np.maximum(extra_cost, 1e-9), -np.inf)
        best = ratio.argmax(axis=1)
        who = np.flatnonzero(can_change[everyone, best])
        if not len(who):
            return offer
        who = who[np.argsort(-ratio[who, best[who]], kind="stable")]
        fits = (np.cumsum(extra_cost[who, best[who]]) <= rest) & (np.cumsum(~has_offer[who]) <= room)
        # The first change always fits by itself, so every round makes progress.
        who = who[: max(int(np.argmin(fits)) if not fits.all() else len(fits), 1)]
        changed = offer.copy()
        changed[who] = best[who]
        if _total(cost, changed) > budget:  # by rounding
            return offer
        offer, rest = changed, budget - _total(cost, changed)


def _total(values: np.ndarray, offer: np.ndarray) -> float:
    """Sum over the offers made."""
    clients = np.flatnonzero(offer >= 0)
    return float(values[clients, offer[clients]].sum())
