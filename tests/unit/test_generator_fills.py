"""Fuel demand: what a vehicle burns is what it refuels, never more than its tank."""

import numpy as np

from generator.fills import cumulative_intensity, draw_future_fills, share_of_wallet


def test_no_fill_exceeds_the_tank(block):
    assert (block.fills.centilitres / 100 <= block.people.tank_l[block.fills.vehicle]).all()
    assert (block.fills.centilitres >= 500).all()


def test_fuel_balance_of_a_vehicle_closes(block):
    """Between two fills a vehicle burns the litres of the second: driving × consumption."""
    profiles = {code: kind["week_profile"] for code, kind in block.run.params["types"].items()}
    for vehicle in (0, 100, 1000):
        rows = block.fills.vehicle == vehicle
        kind = block.run.type_codes[block.people.kind[block.people.vehicle_owner[vehicle]]]
        clock = cumulative_intensity(block.run, profiles[kind], block.run.days)
        driven = np.interp(block.fills.day[rows], np.arange(len(clock)), clock)
        burned = np.diff(driven) * block.people.use_l_per_day[vehicle]
        assert np.allclose(burned, block.fills.centilitres[rows][1:] / 100, atol=1e-6)


def test_gaps_are_regular_and_not_a_poisson_process(block):
    """The coefficient of variation of exponential gaps is 1."""
    rows = block.fills.vehicle == 5
    gaps = np.diff(block.fills.day[rows])
    assert gaps.std() / gaps.mean() < 0.5


def test_every_vehicle_is_drawn_to_the_end(block):
    """Driving left after the last fill is less than a full tank's worth, and the next fill is pending."""
    last = np.full(len(block.people.vehicle_owner), -1.0)
    np.maximum.at(last, block.fills.vehicle, block.fills.day)
    longest_gap = 2 * block.people.tank_l / block.people.use_l_per_day
    assert (block.run.days - last < longest_gap + 1).all()
    assert len(block.pending.driven) == len(last)


def test_future_goes_on_where_history_ended(block):
    future = draw_future_fills(block.run, block.people, block.pending, 0, 84)
    assert future.day.min() >= block.run.days - 1e-6
    assert future.day.max() < block.run.days + 84
    first = np.concatenate([[True], np.diff(future.vehicle) > 0])
    assert (future.centilitres[first] == block.pending.centilitres[future.vehicle[first]]).all()


def test_longer_future_begins_with_the_shorter_one(block):
    """A pilot of 4 weeks sees the first 4 weeks of a pilot of 12 for nearly all vehicles' next fill."""
    short = draw_future_fills(block.run, block.people, block.pending, 0, 28)
    long = draw_future_fills(block.run, block.people, block.pending, 0, 84)
    first_short = np.concatenate([[True], np.diff(short.vehicle) > 0])
    first_long = np.concatenate([[True], np.diff(long.vehicle) > 0])
    days = dict(zip(long.vehicle[first_long], long.day[first_long], strict=True))
    assert all(np.isclose(days[v], d) for v, d in zip(short.vehicle[first_short], short.day[first_short], strict=True))


def test_nobody_is_ours_before_registration_or_after_leaving(block):
    share = share_of_wallet(block.run, block.people, block.fills)
    person = block.people.vehicle_owner[block.fills.vehicle]
    before = block.fills.day < block.people.registered_day[person]
    after = block.fills.day >= block.people.left_day[person]
    assert before.any()
    assert after.any()
    assert (share[before | after] == 0).all()
    assert (share[~(before | after)] > 0).all()
