"""Shop receipts: who enters, what is bought at which time of day and where, quantities and prices."""

import numpy as np
import pytest

from generator.visits.basket import baskets, draw_lines
from tests.synthetic import planted

VISITS = 40_000
HOUR_OF_DAYPART = (23, 6, 15, 16)
"""An hour at the boundary of night, morning, day and evening."""


@pytest.fixture(scope="module")
def draw(block):
    """Return a function that draws lines of visits at one hour, by people of one affinity, to all stations in turn."""

    def lines(hour, affinity=1.0, **shop):
        stations = np.arange(VISITS) % len(block.network.station_region)
        run = planted(block.run, shop=shop)
        hours, affinities = np.full(VISITS, hour), np.full(VISITS, affinity)
        return draw_lines(run, block.network, np.random.default_rng(11), affinities, stations, hours), stations

    return lines


@pytest.mark.parametrize("daypart", range(4))
@pytest.mark.parametrize("affinity", [0.5, 2.0])
def test_categories_are_bought_at_the_planted_rates_at_each_time_of_day(block, draw, daypart, affinity):
    """Planted: 40 % × affinity enter; of these, the category's share × its daypart buys, where it is sold."""
    lines, station = draw(HOUR_OF_DAYPART[daypart], affinity, entry_prob=0.4)
    network = block.network
    sold = {
        "any": np.ones(len(station), dtype=bool),
        "cafe": network.station_has_cafe[station],
        "wash": network.station_has_wash[station],
    }
    for index, item in enumerate(block.run.params["basket"]):
        visit = lines.visit[lines.category == index]
        assert sold[item["needs"]][visit].all()
        share, size = 0.4 * affinity * item["entry_share"] * item["dayparts"][daypart], sold[item["needs"]].sum()
        assert abs(len(visit) / size - share) < 4 * np.sqrt(share * (1 - share) / size), item["category_code"]


def test_some_take_two_and_prices_scatter_around_the_planted_ones(block, draw):
    """Planted: 30 % take two; prices are lognormal with the list price as mean and a log sd of 0.2."""
    lines, _ = draw(12, 2.0, second_item_prob=0.3, price_sd=0.2)
    assert set(lines.quantity) == {1, 2}
    assert abs((lines.quantity == 2).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / len(lines.quantity))
    unit = lines.amount_rub / lines.quantity
    assert (unit == np.rint(unit)).all()
    for index, item in enumerate(block.run.params["basket"]):
        ratio = unit[lines.category == index] / item["price_rub"]
        assert abs(ratio.mean() - 1) < 4 * 0.202 / np.sqrt(len(ratio)), item["category_code"]
        assert abs(np.log(ratio).std() - 0.2) < 4 * 0.2 / np.sqrt(2 * len(ratio)), item["category_code"]


def test_receipts_contain_the_lines_of_their_visits(block, draw):
    """One entry per line, in kopecks; most visits have none."""
    lines, _ = draw(12)
    lists = baskets(block.run, lines, VISITS)
    assert len(lists) == VISITS
    assert (np.asarray(lists.value_lengths()) == np.bincount(lines.visit, minlength=VISITS)).all()
    names = [item["category_code"] for item in block.run.params["basket"]]
    first = lists[int(lines.visit[0])].as_py()[0]
    amount, quantity = int(lines.amount_rub[0] * 100), int(lines.quantity[0])
    assert first == {"category_code": names[lines.category[0]], "quantity": quantity, "amount_kopecks": amount}
