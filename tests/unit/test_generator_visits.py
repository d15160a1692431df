"""Receipts are physically consistent and say nothing of who came when the card was not shown."""

import numpy as np
import pyarrow.compute as pc
import pytest

from generator.visits import draw_visits


@pytest.fixture(scope="module")
def visits(block):
    """Receipts of the first block as a pyarrow table."""
    return draw_visits(block.run, block.network, block.people, block.fills, 0)


def test_fuel_money_is_litres_times_price_to_the_kopeck(visits):
    litres = visits["centilitres"].to_numpy().astype(np.int64)
    price = visits["price_kopecks_per_l"].to_numpy()
    money = visits["fuel_amount_kopecks"].to_numpy()
    assert (np.abs(2 * (100 * money - litres * price)) <= 100).all()


def test_price_is_the_one_of_its_region_grade_and_day(block, visits):
    """The region of a station is known, so its price series must hold the price of each receipt."""
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


def test_a_part_of_the_visits_is_anonymous_with_client_and_vehicle_alike(visits):
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
