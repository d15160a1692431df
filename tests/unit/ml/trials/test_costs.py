"""The cost of an offer: intervals cover it although few clients respond and one fleet costs as much as all others."""

import numpy as np
import pytest

from ml.tables.intervals import Estimate
from ml.trials.contrasts import contrast
from ml.trials.costs import combine_intervals, effective_df, offered_means, score_interval
from ml.trials.outcomes import PRE_PERIOD, Cell

CLIENTS = 120


def cell(size: np.ndarray, cost: np.ndarray, treated: np.ndarray, group_id=None, **values) -> Cell:
    values = {PRE_PERIOD["visits_count"]: size, "cost_rub": np.where(treated, cost, 0.0)} | values
    return Cell("free_coffee", "eco", treated, treated, values, group_id)


MONEY = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, -1.0]])


def offered_cost(cell: Cell):
    return offered_means(cell, cell.values["cost_rub"][:, None])


def clients(seed: int = 0) -> np.ndarray:
    """Pre-period visits: similar clients, and one fleet with as many visits as forty of them."""
    size = np.random.default_rng(seed).gamma(4, 1.25, CLIENTS)
    size[0] = 200
    return size


def trials(count: int, response: float):
    """Yield contrasts of repeated trials of the same clients."""
    size = clients()
    for i in range(count):
        rng = np.random.default_rng([1, i])
        treated = rng.permutation(CLIENTS) < CLIENTS // 2
        cost = 20 * rng.poisson(3 * size) * (rng.random(CLIENTS) < response)
        found = offered_cost(cell(size, cost, treated))
        margin = rng.normal(100, 10, CLIENTS)[:, None]
        yield contrast(margin, treated, size[:, None], offered=found, mix=MONEY)


@pytest.mark.statistical
@pytest.mark.parametrize(("response", "least", "most"), [(0.15, 0.92, 0.99), (0.5, 0.925, 0.985)])
def test_intervals_cover_the_cost_of_the_eligible_clients(response, least, most):
    truth = 60 * clients().mean() * response
    found = [score_interval(each.effect[1], each.var_effect(1), each.df[1]) for each in trials(800, response)]
    assert least <= np.mean([each.low <= truth <= each.high for each in found]) <= most
    value = np.array([each.value for each in found])
    assert abs(value.mean() - truth) < 4 * value.std() / np.sqrt(len(value)) + 0.03 * truth


def test_profit_is_margin_minus_cost_with_their_covariance():
    for each in trials(5, 0.5):
        assert each.effect[2] == pytest.approx(each.effect[0] - each.effect[1])
        margin, cost, profit = each.variance[3:, 3:]
        assert profit[2] == pytest.approx(margin[0] + cost[1] - 2 * margin[1])
        assert each.control.tolist() == [each.control[0], 0.0, each.control[0]]


def test_a_cost_proportional_to_visits_is_known_exactly():
    size, treated = clients(), np.arange(CLIENTS) % 2 == 0
    found = offered_cost(cell(size, 7 * size, treated))
    assert found.value[0] == pytest.approx(7 * size.mean())
    np.testing.assert_allclose(found.influence, 0, atol=1e-9)


def test_clients_without_a_pre_period_are_sized_by_their_vehicles():
    """Two pre-period visits per vehicle: clients without a pre-period are assumed to have as many."""
    vehicles = np.tile([1.0, 3.0, 5.0], 40)
    treated = np.arange(CLIENTS) % 2 == 0
    size = np.where(np.arange(CLIENTS) < 60, 2 * vehicles, np.nan)
    found = offered_cost(cell(size, 10 * vehicles, treated, vehicles_count=vehicles))
    assert found.value[0] == pytest.approx(10 * vehicles.mean())
    nobody = offered_cost(cell(np.zeros(CLIENTS), 10 * vehicles, treated, vehicles_count=vehicles))
    assert nobody.value[0] == pytest.approx(10 * vehicles.mean())
    unknown = offered_cost(cell(np.full(CLIENTS, np.nan), 10 * vehicles, treated))
    assert unknown.value[0] == pytest.approx(10 * vehicles[treated].mean())


def test_a_cost_is_the_sum_of_served_amounts_at_their_prices():
    rng, treated = np.random.default_rng(4), np.arange(CLIENTS) % 2 == 0
    served = rng.poisson(3 * clients()[:, None] * [1, 40]).astype(float)
    prices = np.array([5.0, 0.7])
    parts, whole = offered_means(cell(clients(), served[:, 0], treated), served), served @ prices
    found = offered_means(cell(clients(), whole, treated), whole[:, None])
    assert found.value[0] == pytest.approx(parts.value @ prices)
    np.testing.assert_allclose(found.influence[:, 0], parts.influence @ prices, atol=1e-9)


@pytest.mark.parametrize("fee", [0.0, 35.0])
def test_a_constant_cost_has_no_variance(fee):
    found = offered_cost(cell(clients(), np.full(CLIENTS, fee), np.arange(CLIENTS) % 2 == 0))
    assert (found.value[0], np.abs(found.influence).max()) == (fee, 0.0)
    assert effective_df(found.influence) == np.inf


def test_stations_are_clusters():
    size, station = clients(), np.repeat(np.arange(20), 6)
    treated = station % 2 == 0
    cost = np.random.default_rng(3).poisson(3 * size) * 20.0
    found = offered_cost(cell(size, cost, treated, station))
    by_hand = np.array([found.influence[station == each].sum() for each in range(20)])
    share = np.array([found.leverage[station == each].sum() for each in range(20)])
    np.testing.assert_allclose(found.by_group(station)[:, 0], by_hand / np.sqrt(1 - np.minimum(share, 0.9)))
    whole = contrast(cost[:, None], treated, np.zeros((CLIENTS, 0)), station, offered=found)
    assert whole.var_effect(1) == pytest.approx((found.by_group(station) ** 2).sum())


def test_few_dominating_clients_leave_few_degrees_of_freedom():
    assert effective_df(np.ones(50)) == pytest.approx(100)
    assert effective_df(np.r_[np.ones(50), 100.0]) == pytest.approx(2, rel=0.02)


def test_interval_ends_are_costs_at_the_critical_value():
    found = score_interval(100.0, 900.0, 1e9)
    for end in (found.low, found.high):
        assert abs(100 - end) / np.sqrt(900 * end / 100) == pytest.approx(1.96, abs=1e-3)
    assert 0 < found.low < found.value < found.high
    assert score_interval(0.0, 0.0, 5.0).value == 0.0 and np.isnan(score_interval(0.0, 0.0, 5.0).high)


def test_distances_of_strata_are_added_in_quadrature():
    parts = [Estimate(10, 7, 14), Estimate(20, 16, 23), Estimate(0.0)]
    found = combine_intervals(parts, np.array([0.5, 0.25, 0.25]))
    assert found.value == pytest.approx(10)
    assert found.low == pytest.approx(10 - np.hypot(1.5, 1))
    assert found.high == pytest.approx(10 + np.hypot(2, 0.75))
    assert combine_intervals(parts, np.array([0.5, 0.25, 0.25]), 4.0).high == pytest.approx(10 + 2 * np.hypot(2, 0.75))
    assert np.isnan(combine_intervals(parts[2:], np.ones(1)).high)
