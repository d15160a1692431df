"""Fuel demand: a vehicle refuels what it burns, from a low tank and never above its capacity."""

from dataclasses import replace

import numpy as np
import pytest

from generator.people.clients import draw_people
from generator.visits.clocks import build_clocks, driving_index
from generator.visits.fills import Fills, draw_future_fills, draw_history, share_of_wallet
from generator.worlds.truth import vehicle_fuel_table
from tests.synthetic import make_run, planted


def after(fills):
    """Level after each fill."""
    return fills.before_l + fills.centilitres / 100


def test_levels_stay_in_the_tank_and_fills_have_a_minimum(block):
    fills = block.fills
    assert (fills.before_l > 0).all()
    assert (after(fills) <= block.people.vehicles.tank_l[fills.vehicle]).all()
    assert (fills.centilitres >= 500).all()


def test_fills_begin_when_the_tank_is_low(block):
    """The mean driver refuels at 14 % of the tank; hardly anyone above a third."""
    share = block.fills.before_l / block.people.vehicles.tank_l[block.fills.vehicle]
    assert 0.10 < share.mean() < 0.18
    assert (share > 0.34).mean() < 0.01


def test_level_drops_between_fills_by_what_is_driven(block):
    """Between two fills a vehicle burns driving × consumption; checked day by day, including lulls."""
    vehicles, fills = block.people.vehicles, block.fills
    profiles = [kind["week_profile"] for kind in block.run.kinds]
    checked = 0
    for vehicle in range(0, 400, 7):
        person = vehicles.owner[vehicle]
        if np.isfinite(block.people.life.change_day[person]):
            continue
        rows = fills.vehicle == vehicle
        season = block.run.params["regions"][block.people.region[person]]["season"]
        index = driving_index(block.run, profiles[block.people.life.first_kind[person]], season, block.run.days)
        driven = np.interp(fills.day[rows], np.arange(366), np.concatenate([[0], np.cumsum(index)]))
        possible = np.diff(driven) * vehicles.use_l_per_day[vehicle]
        burned = after(fills)[rows][:-1] - fills.before_l[rows][1:]
        # Lulls burn nothing: never more than without lulls, and mostly the same.
        assert (burned <= possible + 1e-6).all()
        assert np.isclose(burned, possible, atol=1e-6).mean() > 0.7
        checked += rows.sum()
    assert checked > 500


def test_balance_of_every_tank_closes(block):
    """Start + filled − burned = end, with the four independent terms of the ground-truth table."""
    table = vehicle_fuel_table(block.run, block.network, block.people, block.history)
    start, here, elsewhere, burned, end = (
        table[name].to_numpy()
        for name in ("level_at_start_l", "filled_here_l", "filled_elsewhere_l", "burned_l", "level_at_end_l")
    )
    assert np.allclose(start + here + elsewhere - burned, end, atol=1e-5)
    assert here.sum() > 0
    assert elsewhere.sum() > 0
    assert (table["lowest_level_l"].to_numpy() > 0).all()
    assert (table["highest_level_l"].to_numpy() <= table["tank_volume_l"].to_numpy()).all()


def test_gaps_are_regular_and_not_a_poisson_process(block):
    """The coefficient of variation of exponential gaps is 1."""
    fills = block.fills
    same = np.diff(fills.vehicle) == 0
    gaps, vehicle = np.diff(fills.day)[same], fills.vehicle[1:][same]
    count = np.bincount(vehicle)
    often = count >= 30
    mean = np.bincount(vehicle, gaps)[often] / count[often]
    variance = np.bincount(vehicle, gaps**2)[often] / count[often] - mean**2
    assert often.sum() > 200
    assert np.median(np.sqrt(variance) / mean) < 0.5


def test_some_private_drivers_fill_round_litres(block):
    is_round = block.fills.centilitres % 500 == 0
    by_habit = block.people.vehicles.fills_round_litres[block.fills.vehicle]
    assert is_round[by_habit].all()
    assert is_round[~by_habit].mean() < 0.02


def test_every_vehicle_is_drawn_to_the_end(block):
    """Less than a tank is burned after the last fill, and the next fill is pending."""
    table = vehicle_fuel_table(block.run, block.network, block.people, block.history)
    assert (table["level_at_end_l"].to_numpy() > 0).all()
    assert (block.history.pending.driven >= block.history.clocks.total).all()


def test_future_continues_where_the_history_ended(block):
    future = draw_future_fills(block.run, block.people, block.history.pending, 0)
    assert future.day.min() >= block.run.days - 1e-6
    first = np.concatenate([[True], np.diff(future.vehicle) > 0])
    assert (future.centilitres[first] == block.history.pending.centilitres[future.vehicle[first]]).all()


def test_no_fill_is_ours_before_registration_or_after_leaving(block):
    share = share_of_wallet(block.run, block.network, block.people, block.fills)
    person, life = block.people.vehicles.owner[block.fills.vehicle], block.people.life
    before = block.fills.day < life.registered_day[person]
    gone = np.floor(block.fills.day) >= life.left_day[person]
    assert before.any()
    assert gone.any()
    assert (share[before | gone] == 0).all()
    assert (share[~(before | gone)] > 0).all()


def share_on(block, person, day, gap=0.0):
    """Share of wallet of persons on given days while our price is `gap` above the competitors'.

    Planted: a habit starts at 45 % and settles after 75 days.
    """
    run = planted(block.run, life_cycle={"ramp_start_ratio": 0.45, "ramp_days": 75})
    vehicle, size = np.searchsorted(block.people.vehicles.owner, person), len(person)
    fills = Fills(vehicle, np.asarray(day, dtype=float), np.ones(size), np.full(size, 500), np.zeros(size))
    prices = replace(block.network.prices, gap=np.full_like(block.network.prices.gap, gap))
    return share_of_wallet(run, replace(block.network, prices=prices), block.people, fills)


def test_habit_grows_after_registration_as_planted(block):
    """45 % of the settled share on the first day, 100 % after 75 days, linear in between."""
    life, people = block.people.life, block.people
    fresh = (life.registered_day >= 0) & (life.registered_day < 280) & np.isinf(life.change_day)
    person = np.flatnonzero(fresh & np.isinf(life.left_day))
    assert len(person) > 50
    for tenure, ratio in ((0, 0.45), (37.5, 0.725), (75, 1.0), (84, 1.0)):
        share = share_on(block, person, life.registered_day[person] + tenure)
        assert np.allclose(share, ratio * people.wallet_share[person])


def test_habit_and_sensitivity_switch_at_the_change_of_behaviour(block):
    """Our price 5 % above the competitors': each day loses 5 % × the sensitivity of that day's behaviour."""
    life, people, run = block.people.life, block.people, block.run
    settled = np.isfinite(life.change_day) & (life.change_day > life.registered_day + 76)
    person = np.flatnonzero(settled)
    assert len(person) > 10
    assert (people.first_wallet_share[person] != people.wallet_share[person]).all()
    for day, habit, kind in (
        (life.change_day - 0.01, people.first_wallet_share, life.first_kind),
        (life.change_day, people.wallet_share, life.kind),
    ):
        lost = 0.05 * run.of_kind("price_sensitivity", kind[person])
        assert np.allclose(share_on(block, person, day[person]), habit[person])
        assert np.allclose(share_on(block, person, day[person], gap=0.05), habit[person] * (1 - lost))
    sensitivity = run.of_kind("price_sensitivity", np.arange(len(run.kinds)))
    assert (sensitivity[life.first_kind[person]] != sensitivity[life.kind[person]]).any()


def test_a_vehicle_does_not_drive_during_a_lull(block):
    """Planted: a lull of 30 days in every vehicle's year, in none, and in half of them.

    A lull starts on any day with equal probability, so day d of the year is lost with probability min(d, 30) / 365.
    """
    life, owner = block.people.life, block.people.vehicles.owner
    steady = np.isinf(life.change_day)[owner]
    clocks = {
        share: build_clocks(
            planted(block.run, life_cycle={"lull_days": [30, 30], "lulls_per_year": share}), block.people, 0, 365
        )
        for share in (0.0, 0.5, 1.0)
    }
    whole = clocks[0.0].curves[clocks[0.0].profile, -1]
    assert np.allclose(clocks[0.0].total[steady], whole[steady])
    by_profile = np.diff(clocks[1.0].curves, axis=1) @ (np.minimum(np.arange(365) + 0.5, 30) / 365)
    expected = by_profile[clocks[1.0].profile]
    for share in (0.5, 1.0):
        lost = whole - clocks[share].total
        rest = (lost - share * expected)[steady]
        assert abs(rest.mean()) < 4 * rest.std() / np.sqrt(len(rest))
        assert rest.std() / np.sqrt(len(rest)) < 0.02 * expected.mean()


def test_clients_who_turn_rare_come_less_and_burn_less(block):
    """The planted change of behaviour shows in the fills before and after it."""
    life, fills = block.people.life, block.fills
    person = block.people.vehicles.owner[fills.vehicle]
    regular, rare = (block.run.type_codes.index(code) for code in ("regular_private", "rare"))
    turned_rare = (life.first_kind == regular) & (life.kind == rare)
    middle = turned_rare & (life.change_day > 60) & (life.change_day < 305)
    assert middle.sum() >= 3
    days_before, days_after = life.change_day[middle].sum(), (365 - life.change_day[middle]).sum()
    rows = middle[person]
    is_after = fills.day[rows] >= life.change_day[person[rows]]
    rate_before, rate_after = (~is_after).sum() / days_before, is_after.sum() / days_after
    assert rate_after < 0.75 * rate_before
    share = share_of_wallet(block.run, block.network, block.people, fills)[rows]
    assert share[is_after].mean() < share[~is_after].mean()


@pytest.mark.parametrize(("follow", "sign"), [(1.0, 0), (0.0, -1)])
def test_price_shock_reduces_driving_and_our_share(follow, sign):
    """A rise of 20 % in July: elasticity −0.3 leaves 0.947 of the driving; if competitors follow, shares stay."""
    shock = {"price_shock": {"month": 7, "change": 0.2, "competitors_follow": follow}}
    calm, shaken = make_run(), make_run(knobs=shock)
    index = [driving_index(run, "private", "north", 365) for run in (calm, shaken)]
    assert np.allclose(index[0][:181], index[1][:181])
    assert np.allclose(index[1][181:] / index[0][181:], 1.2**-0.3)
    from generator.network import build_network

    networks = [build_network(run) for run in (calm, shaken)]
    price = [network.prices.price_kopecks for network in networks]
    assert (price[0][:, :, :181] == price[1][:, :, :181]).all()
    assert np.allclose(price[1][:, :, 181:] / price[0][:, :, 181:], 1.2, rtol=1e-3)
    people = draw_people(calm, networks[0], 0)
    fills = draw_history(calm, people, 0).fills
    late = fills.day >= 181
    shares = [
        share_of_wallet(run, net, people, fills)[late].mean() for run, net in zip((calm, shaken), networks, strict=True)
    ]
    assert np.sign(round(shares[1] - shares[0], 6)) == sign


def test_season_can_be_turned_off_and_the_south_has_its_own():
    flat = driving_index(make_run(knobs={"season_strength": 0.0}), "flat", "north", 365)
    week = flat[:7]
    assert np.allclose(flat[7:14], week)
    run = make_run()
    month = np.arange(run.start64, run.start64 + 365).astype("datetime64[M]").astype(int) % 12
    by_month = [
        np.bincount(month, driving_index(run, "flat", season, 365)) / np.bincount(month)
        for season in ("north", "south")
    ]
    assert by_month[1].argmax() == 5
    assert by_month[1].argmin() == 1
    assert by_month[0].argmax() == 7
