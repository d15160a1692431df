"""Choice of offers under limits: compared with exhaustive search."""

from itertools import product

import numpy as np
import pytest

from ml.targeting.knapsack import choose


def best_of_all(profit, cost, budget, limit):
    """Profit of the best choice, by exhaustive search."""
    best = 0.0
    for offers in product(range(-1, profit.shape[1]), repeat=len(profit)):
        given = [(client, offer) for client, offer in enumerate(offers) if offer >= 0]
        if len(given) <= limit and sum(cost[at] for at in given) <= budget:
            best = max(best, sum(profit[at] for at in given))
    return best


def total(values, choice):
    return sum(values[client, offer] for client, offer in enumerate(choice.offer) if offer >= 0)


@pytest.mark.parametrize("seed", range(30))
def test_the_choice_is_within_its_bound_of_the_optimum(seed):
    rng = np.random.default_rng(seed)
    profit, cost = rng.normal(10, 20, (6, 3)), rng.exponential(10, (6, 3)) * (rng.random((6, 3)) < 0.9)
    budget, limit = rng.uniform(0, 60), int(rng.integers(1, 7))
    choice = choose(profit, cost, budget=budget, contacts_limit=limit)
    best = best_of_all(profit, cost, budget, limit)
    assert total(cost, choice) <= budget
    assert (choice.offer >= 0).sum() <= limit
    assert total(profit, choice) <= best + 1e-9 <= total(profit, choice) + choice.bound + 2e-9


@pytest.mark.parametrize("limit", [None, 2, 0])
def test_without_a_budget_the_choice_is_exact(limit):
    rng = np.random.default_rng(1)
    profit, cost = rng.normal(0, 20, (6, 3)), rng.exponential(10, (6, 3))
    choice = choose(profit, cost, contacts_limit=limit)
    assert choice.bound == 0
    assert total(profit, choice) == pytest.approx(best_of_all(profit, cost, np.inf, 6 if limit is None else limit))


def test_the_bound_is_small_with_many_clients():
    """At most the profit of one marginal offer, which is negligible for 20,000 clients."""
    rng = np.random.default_rng(2)
    profit, cost = rng.normal(0, 20, (20_000, 4)), rng.exponential(10, (20_000, 4))
    for limit in (None, 3_000):
        budget = 0.2 * total(cost, choose(profit, cost, contacts_limit=limit))
        choice = choose(profit, cost, budget=budget, contacts_limit=limit)
        assert 0.99 * budget < total(cost, choice) <= budget
        assert choice.bound < 1e-4 * total(profit, choice)


def test_equal_clients_share_a_budget_in_their_order():
    """All clients switch at the same price, but the budget must still be spent."""
    profit, cost = np.full((10, 2), 5.0), np.full((10, 2), 3.0)
    choice = choose(profit, cost, budget=13.0)
    np.testing.assert_array_equal(choice.offer, [0] * 4 + [-1] * 6)
