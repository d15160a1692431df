"""Stations and prices: ordered grades, published means in the reference year, no dependence on the run's size."""

from dataclasses import replace

import numpy as np

from generator.network import build_network, stations_table
from generator.prices import prices_table
from tests.synthetic import make_run, planted


def test_grades_are_ordered_in_every_region_and_day(block):
    price = block.network.prices.price_kopecks
    order = [block.run.grade_codes.index(code) for code in ("lpg", "ai92", "ai95", "ai95_eco", "ai98", "ai100")]
    assert (np.diff(price[:, order, :], axis=1) > 0).all()


def test_margin_is_positive_and_below_the_price(block):
    assert (block.network.prices.margin_kopecks > 0).all()
    assert (block.network.prices.margin_kopecks < block.network.prices.price_kopecks).all()


def test_mean_price_of_the_reference_year_is_near_the_published_one(block):
    """Published 2025 means: news.mail.ru/society/67616398."""
    for code, published in (("ai92", 59.16), ("ai95", 63.53), ("diesel", 71.48)):
        price = block.network.prices.price_kopecks[:, block.run.grade_codes.index(code), :365].mean() / 100
        assert abs(price / published - 1) < 0.03, code


def test_prices_rise_by_the_planted_trend_around_the_regions_levels():
    """Without waves: 20 % higher after a year, and base × the region's factor in the middle of the first."""
    run = planted(make_run(), prices={"country_wave_sd": 0.0, "region_wave_sd": 0.0, "growth_per_year": 0.2})
    price = build_network(run).prices.price_kopecks / 100
    assert np.allclose(price[:, :, 365] / price[:, :, 0], 1.2 ** (365 / 365.25), rtol=5e-4)
    base = [grade["price_rub_per_l"] for grade in run.params["grades"]]
    expected = np.outer([region["price_factor"] for region in run.params["regions"]], base)
    assert np.allclose((price[:, :, 182] + price[:, :, 183]) / 2, expected, rtol=5e-4)


def test_network_depends_on_the_seed_but_not_on_clients_or_months():
    base, larger = build_network(make_run()), build_network(make_run(clients=5000, months=14))
    assert (base.station_has_cafe == larger.station_has_cafe).all()
    assert (base.prices.price_kopecks[:, :, :365] == larger.prices.price_kopecks[:, :, :365]).all()
    assert (base.prices.price_kopecks != build_network(make_run(seed=43)).prices.price_kopecks).any()


def test_tables_cover_regions_grades_and_days(block):
    regions = len(block.run.params["regions"])
    assert prices_table(block.run, block.network.prices).num_rows == regions * len(block.run.grade_codes) * 365
    stations = stations_table(block.run, block.network)
    expected = sum(region["stations_count"] for region in block.run.params["regions"])
    assert stations.num_rows == len(set(stations["station_id"].to_pylist())) == expected


def test_a_run_without_clients_still_has_a_network(block):
    assert stations_table(replace(block.run, clients=0), block.network).num_rows > 0


def test_our_price_fluctuates_around_the_competitors(block):
    """Planted: sd 0.012 around 0, with adjacent weeks correlated."""
    gap = block.network.prices.gap
    assert abs(gap.mean()) < 0.004
    assert 0.009 < gap.std() < 0.015
    weeks = gap[:, ::7]
    assert np.corrcoef(weeks[:, 1:].ravel(), weeks[:, :-1].ravel())[0, 1] > 0.6
