"""Receipts are physically consistent and do not reveal the client when no card was shown."""

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
import pytest

from generator.people.clients import PAYMENT_METHODS
from generator.streams import BLOCK_CLIENTS
from generator.visits.fills import share_of_wallet
from generator.visits.visits import draw_hour, draw_station, draw_visits
from tests.synthetic import make_run, planted

KNOWN = {"fuel_card": 1.0, "loyalty_card": 1.0, "none": 1.0}
"""Every registered client is identified on every visit."""


@pytest.fixture(scope="module")
def visits(block):
    """Receipts of the first block as a pyarrow table."""
    return draw_visits(block.run, block.network, block.people, block.fills, 0)


def test_fuel_amount_is_litres_times_price_to_the_kopeck(visits):
    litres = visits["centilitres"].to_numpy().astype(np.int64)
    price = visits["price_kopecks_per_l"].to_numpy()
    amount = visits["fuel_amount_kopecks"].to_numpy()
    assert (np.abs(2 * (100 * amount - litres * price)) <= 100).all()


def test_price_is_that_of_the_region_grade_and_day(block, visits):
    """The region of each station is known, so its price series must contain the receipt's price."""
    station = visits["station_id"].to_numpy() - 1
    region = block.network.station_region[station]
    grade = np.array([block.run.grade_codes.index(code) for code in visits["fuel_grade"].to_pylist()])
    day = (visits["occurred_at"].to_numpy().astype("datetime64[D]") - block.run.start64).astype(int)
    assert (block.network.prices.price_kopecks[region, grade, day] == visits["price_kopecks_per_l"].to_numpy()).all()


def test_ids_are_unique_and_ordered_in_time(visits):
    ids = visits["transaction_id"].to_numpy()
    assert (np.diff(ids) == 1).all()
    assert (np.diff(visits["occurred_at"].to_numpy()).astype(np.int64) >= 0).all()


def test_no_visit_before_registration_and_none_outside_the_period(block, visits):
    identified = visits.filter(pc.is_valid(visits["client_id"]))
    client = identified["client_id"].to_numpy() - 1
    day = (identified["occurred_at"].to_numpy().astype("datetime64[D]") - block.run.start64).astype(int)
    assert (day >= block.people.life.registered_day[client]).all()
    assert day.min() >= 0
    assert day.max() < block.run.days


def test_anonymous_visits_have_neither_client_nor_vehicle(visits):
    anonymous = pc.is_null(visits["client_id"]).to_numpy()
    assert 0.05 < anonymous.mean() < 0.4
    assert (anonymous == pc.is_null(visits["vehicle_id"]).to_numpy()).all()


def test_coffee_and_meals_are_sold_only_where_there_is_a_cafe(block, visits):
    has_cafe = block.network.station_has_cafe[visits["station_id"].to_numpy() - 1]
    categories = visits["basket"].to_pylist()
    sold = np.array([any(line["category_code"] in ("coffee", "meal") for line in basket) for basket in categories])
    assert sold.any()
    assert not sold[~has_cafe].any()


def test_fuel_cards_pay_only_for_those_who_have_one(block, visits):
    paid = visits.filter(pc.and_(pc.equal(visits["payment_method"], "fuel_card"), pc.is_valid(visits["client_id"])))
    assert block.people.has_fuel_card[paid["client_id"].to_numpy() - 1].all()


def test_visits_follow_the_week_of_their_profile(visits):
    """Moscow 2019: Friday 1.08, Sunday .91 of the mean day (data/ru_ai92_moscow)."""
    petrol = visits.filter(pc.equal(visits["fuel_grade"], "ai92"))
    weekday = (petrol["occurred_at"].to_numpy().astype("datetime64[D]").astype(np.int64) + 3) % 7
    index = np.bincount(weekday, minlength=7) / len(weekday) * 7
    assert index[4] > 1.02
    assert index[6] < 0.97


def test_hours_follow_the_profile_of_the_behaviour(block):
    """40,000 visits of each behaviour: every hour has the configured weight."""
    hours = block.run.params["calendar"]["hour"]
    for index, kind in enumerate(block.run.kinds):
        drawn = draw_hour(block.run, np.full(40_000, index), np.random.default_rng(index))
        share = np.array(hours[kind["hour_profile"]]) / sum(hours[kind["hour_profile"]])
        error = np.sqrt(share * (1 - share) / len(drawn))
        assert (np.abs(np.bincount(drawn, minlength=24) / len(drawn) - share) < 4.5 * error).all(), index


def test_receipts_have_the_hours_of_their_clients(block):
    """Taxis come round the clock, offices by day: the share of visits from 22 to 6 h follows the profiles."""
    run = planted(block.run, identification=KNOWN)
    table = draw_visits(run, block.network, block.people, block.fills, 0)
    table = table.filter(pc.is_valid(table["client_id"]))
    moment = table["occurred_at"].to_numpy()
    day = (moment.astype("datetime64[D]") - run.start64).astype(int)
    at_night = np.isin(moment.astype("datetime64[h]").astype(int) % 24, (22, 23, 0, 1, 2, 3, 4, 5))
    kind = block.people.life.kind_on(table["client_id"].to_numpy() - 1, day)
    profile = np.array([item["hour_profile"] for item in run.kinds])[kind]
    for name, weights in run.params["calendar"]["hour"].items():
        rows, share = at_night[profile == name], (sum(weights[22:]) + sum(weights[:6])) / sum(weights)
        assert abs(rows.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(rows)), name


def test_visits_go_to_the_home_station_at_the_planted_rate(block):
    """The behaviour's share, plus the home station's popularity among the rest; never another region."""
    people, network = block.people, block.network
    person = np.repeat(np.arange(len(people.number)), 30)
    kind = people.life.kind[person]
    station = draw_station(block.run, network, people, person, kind, np.random.default_rng(3))
    assert (network.station_region[station] == people.region[person]).all()
    table = network.popularity.reshape(-1, network.region_width) - np.arange(len(network.region_offset) - 1)[:, None]
    popularity = np.diff(table, axis=1, prepend=0)
    region, home = people.region[person], people.home_station[person]
    by_chance = popularity[region, home - network.region_offset[region]]
    share = block.run.of_kind("home_station_share", kind)
    expected = share + (1 - share) * by_chance
    for index in range(len(block.run.kinds)):
        rows = kind == index
        error = np.sqrt((expected * (1 - expected))[rows].sum())
        assert abs((station == home)[rows].sum() - expected[rows].sum()) < 4 * error, index


def test_most_pay_by_their_main_method(block):
    """Planted: 86 % by the main method, else cash, card or app, a third of 14 % each."""
    run = planted(block.run, identification=KNOWN, payment={"main_method_prob": 0.86})
    table = draw_visits(run, block.network, block.people, block.fills, 0)
    table = table.filter(pc.is_valid(table["client_id"]))
    main = block.people.payment[table["client_id"].to_numpy() - 1]
    paid = np.array([PAYMENT_METHODS.index(method) for method in table["payment_method"].to_pylist()])
    for index, method in enumerate(PAYMENT_METHODS):
        rows = main == index
        for other, name in enumerate(PAYMENT_METHODS):
            share = 0.86 * (other == index) + 0.14 / 3 * (name != "fuel_card")
            error = np.sqrt(share * (1 - share) / rows.sum())
            assert abs((paid[rows] == other).mean() - share) <= 4 * error, (method, name)


@pytest.mark.parametrize(("change", "part"), [(0.05, 0.5), (0.2, 1.0)])
def test_some_private_drivers_trade_down_after_a_price_jump(block, change, part):
    """Prices jump in July: a third of private petrol drivers take the next cheaper grade, half of that at a 5 % rise.

    Before the jump, and for company cars, diesel and gas, every receipt has the vehicle's own grade.
    """
    run = make_run(knobs={"price_shock": {"month": 7, "change": change, "competitors_follow": 1.0}})
    run = planted(
        run, identification=KNOWN, fills={"grade_switch_prob": 0.0}, price_reaction={"trade_down_share": 0.33}
    )
    people, vehicles = block.people, block.people.vehicles
    table = draw_visits(run, block.network, people, block.fills, 0)
    table = table.filter(pc.is_valid(table["client_id"]))
    numbers = people.number[vehicles.owner] * 1000 + vehicles.number
    clients = people.is_client[vehicles.owner]
    vehicle = np.flatnonzero(clients)[np.searchsorted(numbers[clients], table["vehicle_id"].to_numpy())]
    own = np.array(run.grade_codes)[vehicles.grade[vehicle]]
    taken = np.array(table["fuel_grade"].to_pylist())
    cheaper = {"ai100": "ai98", "ai98": "ai95", "ai95_eco": "ai95", "ai95": "ai92"}
    can = np.isin(own, list(cheaper)) & ~people.is_corporate[vehicles.owner[vehicle]]
    is_late = table["occurred_at"].to_numpy() >= np.datetime64("2025-07-01")
    assert (taken == own)[~(is_late & can)].all()
    traded = (taken != own)[is_late & can]
    assert (taken == [cheaper.get(code) for code in own])[is_late & can][traded].all()
    share = 0.33 * part
    assert abs(traded.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(traded))


def test_walk_ins_are_cut_in_proportion_to_the_clients(block):
    """A quarter of the clients: the anonymous receipts are those of the first quarter of the walk-ins."""
    run = planted(replace(block.run, clients=250), identification=KNOWN)
    table = draw_visits(run, block.network, block.people, block.fills, 0)
    ours = block.fills.choice < share_of_wallet(run, block.network, block.people, block.fills)
    person = block.people.vehicles.owner[block.fills.vehicle[ours]]
    walk_ins = len(block.people.number) - BLOCK_CLIENTS
    kept = (person >= BLOCK_CLIENTS) & (person < BLOCK_CLIENTS + walk_ins / 4)
    assert table["client_id"].null_count == kept.sum() > 0
    assert table.num_rows == kept.sum() + (person < 250).sum()
