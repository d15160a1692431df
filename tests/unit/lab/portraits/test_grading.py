"""Grades of labels and probabilities: known answers."""

import numpy as np
import pytest
from scipy import stats

from lab.portraits.grading import adjusted_rand, grade_labels, macro_f1_difference, macro_f1_interval, reliability


def rng(seed=1):
    return np.random.default_rng(seed)


def labels(share_right, count=1000, seed=3):
    """True labels, and found ones of which so many are right."""
    draws = rng(seed)
    true = draws.choice(["a", "b", "c"], count, p=[0.5, 0.3, 0.2])
    wrong = draws.choice(["a", "b", "c", "undefined"], count)
    return true, np.where(draws.random(count) < share_right, true, wrong)


def test_adjusted_rand_of_a_confusion_counted_by_hand():
    """Of 15 pairs: true 3 + 3 together, found 1 + 6 together, 3 in both; by chance 6 · 7 / 15 = 2.8."""
    true = ["a", "a", "a", "b", "b", "b"]
    found = ["x", "x", "undefined", "undefined", "undefined", "undefined"]
    together_in_both = 1 + 3
    expected = 6 * 7 / 15
    assert adjusted_rand(true, found) == pytest.approx((together_in_both - expected) / ((6 + 7) / 2 - expected))
    assert adjusted_rand(true, ["p", "p", "p", "q", "q", "q"]) == 1.0


def test_reliability_of_probabilities_counted_by_hand():
    curve = reliability(np.array([0.0, 0.1, 0.5, 0.45, 0.75, 1.0]), np.array([0, 1, 1, 0, 1, 1], dtype=bool), bins=4)
    # A bin holds its upper bound: 0.5 is in the second of four, 0 and 0.1 in the first, 0.75 in the third.
    assert curve.bin_numbers.tolist() == [1, 2, 3, 4]
    assert curve.clients_count.tolist() == [2, 2, 1, 1]
    assert curve.mean_prob == pytest.approx([0.05, 0.475, 0.75, 1.0])
    assert curve.right_share == pytest.approx([0.5, 0.5, 1.0, 1.0])
    assert curve.error == pytest.approx((2 * 0.45 + 2 * 0.025 + 0.25 + 0) / 6)


def test_bins_without_clients_are_left_out_and_nobody_has_no_error():
    curve = reliability(np.array([0.95, 0.97]), np.array([True, False]))
    assert curve.bin_numbers.tolist() == [15]
    assert curve.error == pytest.approx(0.46)
    nobody = reliability(np.zeros(0), np.zeros(0, dtype=bool))
    assert nobody.bin_numbers.tolist() == []
    assert np.isnan(nobody.error)


def test_probabilities_that_come_true_have_no_error_but_that_of_sampling():
    probs = rng().uniform(0, 1, 200_000)
    is_right = rng(2).random(200_000) < probs
    assert reliability(probs, is_right).error < 0.005
    assert reliability(probs, rng(2).random(200_000) < probs**2).error > 0.1


def test_identical_methods_do_not_differ_at_all():
    true, found = labels(0.7)
    same = macro_f1_difference(true, found, found, rng=rng())
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_a_clearly_better_method_differs_and_two_alike_do_not():
    true, good = labels(0.8)
    _, poor = labels(0.6)
    better = macro_f1_difference(true, good, poor, rng=rng())
    assert better.value == pytest.approx(grade_labels(true, good).macro_f1 - grade_labels(true, poor).macro_f1)
    assert 0 < better.low < better.value < better.high
    worse = macro_f1_difference(true, poor, good, rng=rng())
    assert worse.high < 0
    # Errors of the same kind among other clients: each method is right where the other is wrong.
    first, second = true.copy(), true.copy()
    for found, of_parity in ((first, 0), (second, 1)):
        wrong = (rng(9).random(len(true)) < 0.3) & (np.arange(len(true)) % 2 == of_parity)
        found[wrong] = "undefined"
    alike = macro_f1_difference(true, first, second, rng=rng())
    assert alike.low < 0 < alike.high


def test_pairing_narrows_the_interval():
    """What both methods get wrong does not widen it."""
    true, found = labels(0.6, count=2000)
    better = np.where(np.arange(len(true)) % 40 == 0, true, found)
    paired = macro_f1_difference(true, better, found, rng=rng())
    alone = macro_f1_interval(true, found, rng=rng())
    assert paired.high - paired.low < (alone.high - alone.low) / 2


def test_the_interval_of_one_portrait_alone_is_the_textbooks():
    """All of one portrait, found or not: F1 is 2 p / (1 + p) of the share found p, which is binomial."""
    true = np.repeat("a", 400)
    found = np.where(np.arange(400) < 300, "a", "undefined")
    estimate = macro_f1_interval(true, found, rng=rng())
    assert estimate.value == pytest.approx(2 * 0.75 / 1.75)
    share = stats.binom(400, 0.75).ppf([0.025, 0.975]) / 400
    assert [estimate.low, estimate.high] == pytest.approx(2 * share / (1 + share), abs=0.004)


@pytest.mark.statistical
def test_the_interval_covers_the_true_value_about_as_often_as_it_says():
    misses = 0
    for seed in range(100):
        true, found = labels(0.7, count=300, seed=seed)
        interval = macro_f1_interval(true, found, rng=rng(seed))
        misses += not interval.low <= _expected_macro_f1(0.7) <= interval.high
    # 5 of 100 expected; more than 13 or none at all would have a chance below 1 in 100.
    assert 1 <= misses <= 13


def _expected_macro_f1(share_right):
    shares, other = np.array([0.5, 0.3, 0.2]), (1 - share_right) / 4
    hits = shares * (share_right + other)
    return (2 * hits / (shares + shares * share_right + other)).mean()
