"""The shop's receipts: who enters, what is bought at which time of day and where, how much and for how much."""

import numpy as np
import pytest

from generator.visits.basket import baskets, draw_lines
from tests.unit.generator.conftest import planted

VISITS = 40_000
HOUR_OF_DAYPART = (23, 6, 15, 16)
"""An hour at an edge of night, morning, day and evening."""


@pytest.fixture(scope="module")
def draw(block):
    """Draw the lines of visits in one hour by people of one affinity to stations all over the network."""

    def lines(hour, affinity=1.0, **shop):
        stations = np.arange(VISITS) % len(block.network.station_region)
        run = planted(block.run, shop=shop)
        hours, affinities = np.full(VISITS, hour), np.full(VISITS, affinity)
        return draw_lines(run, block.network, np.random.default_rng(11), affinities, stations, hours), stations

    return lines


@pytest.mark.parametrize("daypart", range(4))
@pytest.mark.parametrize("affinity", [0.5, 2.0])
def test_categories_are_bought_as_often_as_planted_at_each_time_of_day(block, draw, daypart, affinity):
    """Planted: 40 % × affinity enter; of them the category's share × its daypart buys, where it is sold."""
    lines, station = draw(HOUR_OF_DAYPART[daypart], affinity, entry_prob=0.4)
    network = block.network
    sold = {
        "any": np.ones(len(station), dtype=bool),
        "cafe": network.station_has_cafe[station],
        "wash": network.station_has_wash[station],
    }
    for number, item in enumerate(block.run.params["basket"]):
        visit = lines.visit[lines.category == number]
        assert sold[item["needs"]][visit].all()
        share, size = 0.4 * affinity * item["entry_share"] * item["dayparts"][daypart], sold[item["needs"]].sum()
        assert abs(len(visit) / size - share) < 4 * np.sqrt(share * (1 - share) / size), item["category_code"]


def test_some_take_two_and_prices_scatter_around_the_planted_ones(block, draw):
    """Planted: 30 % take two; prices lognormal with the list price as their mean and a log sd of 0.2."""
    lines, _ = draw(12, 2.0, second_item_prob=0.3, price_sd=0.2)
    assert set(lines.quantity) == {1, 2}
    assert abs((lines.quantity == 2).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / len(lines.quantity))
    unit = lines.amount_rub / lines.quantity
    assert (unit == np.rint(unit)).all()
    for number, item in enumerate(block.run.params["basket"]):
        ratio = unit[lines.category == number] / item["price_rub"]
        assert abs(ratio.mean() - 1) < 4 * 0.202 / np.sqrt(len(ratio)), item["category_code"]
        assert abs(np.log(ratio).std() - 0.2) < 4 * 0.2 / np.sqrt(2 * len(ratio)), item["category_code"]


def test_receipts_hold_the_lines_of_their_visits(block, draw):
    """A line for each line, in kopecks; most visits have none."""
    lines, _ = draw(12)
    lists = baskets(block.run, lines, VISITS)
    assert len(lists) == VISITS
    assert (np.asarray(lists.value_lengths()) == np.bincount(lines.visit, minlength=VISITS)).all()
    names = [item["category_code"] for item in block.run.params["basket"]]
    first = lists[int(lines.visit[0])].as_py()[0]
    amount, quantity = int(lines.amount_rub[0] * 100), int(lines.quantity[0])
    assert first == {"category_code": names[lines.category[0]], "quantity": quantity, "amount_kopecks": amount}
