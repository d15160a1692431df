"""Grouped draws follow the shares of their group."""

import numpy as np

from generator.draws import beta_by_mean, cumulative_table, pick_by_group, row_numbers
from generator.streams import stream


def test_categories_follow_the_shares_of_their_group():
    weights = np.array([[1.0, 3.0, 0.0], [0.0, 0.0, 5.0]])
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1], 40_000)
    picked = pick_by_group(cumulative_table(weights), 3, group, rng.random(len(group)))
    shares = np.bincount(picked[group == 0], minlength=3) / 40_000
    assert np.allclose(shares, [0.25, 0.75, 0], atol=0.01)
    assert (picked[group == 1] == 2).all()


def test_the_largest_uniform_stays_in_its_group():
    table = cumulative_table(np.array([[1.0, 1.0], [1.0, 1.0]]))
    picked = pick_by_group(table, 2, np.array([0, 1]), np.array([np.nextafter(1, 0)] * 2))
    assert picked.tolist() == [1, 1]


def test_row_numbers_restart_for_each_owner():
    assert row_numbers(np.array([2, 0, 3])).tolist() == [0, 1, 0, 1, 2]


def test_beta_has_its_mean_and_narrows_with_concentration():
    rng = np.random.default_rng(2)
    wide = beta_by_mean(rng, np.full(20_000, 0.8), np.full(20_000, 5.0))
    narrow = beta_by_mean(rng, np.full(20_000, 0.8), np.full(20_000, 50.0))
    assert abs(wide.mean() - 0.8) < 0.01
    assert narrow.std() < wide.std() / 2


def test_every_name_gives_a_different_stream():
    first = [
        stream(1, "a", *keys).random()
        for keys in [(), (0,), (1,), ("x",), (0, 0), (0, 1), (0, "x"), (0, "y"), ("x", "x"), ("x", "y")]
    ]
    first += [stream(2, "a").random(), stream(1, "b").random()]
    assert len(set(first)) == len(first)
    assert stream(1, "a", 3).random() == stream(1, "a", 3).random()
