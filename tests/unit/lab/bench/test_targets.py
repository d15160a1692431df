"""What costs say of their targets."""

import pytest

from lab.bench.targets import growth, raw_sizes, target_table, trial_targets
from tests.unit.lab.bench.costs import portraits_of, raw_of, trials_of, verdicts


def test_targets_are_met_or_not_and_say_by_how_much():
    small = raw_of(10_000, 1_000_000, 2.5)
    met = [small, raw_of(800_000, 71_000_000, 140.0, 50.0), raw_of(1_000_000, 90_000_000, 198.5)]
    assert verdicts(target_table(met))[:4] == [
        ("140.0 s at 71,000,000 visits", "yes"),
        ("1,000 MiB at 71,000,000 visits", "yes"),
        ("2.80 × at 71,000,000 visits", "yes"),
        ("+10.0% (without start)", "yes"),
    ]
    missed = [small, raw_of(800_000, 71_000_000, 151.0, 30.0, peak=4000.0), raw_of(1_000_000, 90_000_000, 225.5)]
    assert [verdict for _, verdict in verdicts(target_table(missed))][:4] == ["no"] * 4


def test_portraits_of_a_million_clients_are_compared_with_time_and_memory():
    costs = [portraits_of(100_000, 12.0, 500), portraits_of(1_000_000, 59.0, 3800)]
    assert verdicts(target_table([], costs))[4:] == [("59.0 s", "yes"), ("3,800 MiB", "yes")]
    missed = [portraits_of(1_000_000, 61.0, 3900)]
    assert verdicts(target_table([], missed))[4:] == [("61.0 s", "no"), ("3,900 MiB", "no")]


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert verdicts(target_table([raw_of(10_000, 1_000_000, 2.5)])) == [("not measured: FULL=1 does", "–")] * 6


def test_start_does_not_hide_growth():
    """Half a second of start in the smaller run must not pay for dearer visits of the larger one."""
    small, large = raw_of(10_000, 1_000_000, 1.5, start=0.5), raw_of(1_000_000, 100_000_000, 120.5, start=0.5)
    assert growth(small, large) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("visits_per_client", "sizes"),
    [
        (94.4, [10_000, 100_000, 741_525, 1_000_000]),
        (70.0, [10_000, 100_000, 1_000_000]),
        (20.0, [10_000, 100_000, 1_000_000]),
    ],
)
def test_a_full_measurement_goes_to_seventy_million_visits_and_a_million_clients(visits_per_client, sizes):
    assert raw_sizes(visits_per_client) == sizes


def test_targets_of_trials_are_met_or_not_and_say_by_how_much():
    """Drawing the arms and the program's start are not part of outcomes and analysis."""
    assert verdicts(trial_targets(trials_of(9, 200.0), trials_of(10, 222.0))) == [
        ("108.0 s", "yes"),
        ("4,000 MiB", "yes"),
        ("+11.0% at 1,000,000 clients", "yes"),
    ]
    missed = trial_targets(trials_of(9, 200.0, peak=5800.0, outcomes=93.0), trials_of(10, 223.0))
    assert verdicts(missed) == [
        ("121.0 s", "no"),
        ("5,800 MiB", "no"),
        ("+11.5% at 1,000,000 clients", "no"),
    ]


def test_small_trials_say_nothing_of_a_million_clients():
    small = [trials_of(9, 200.0, clients=10_000), trials_of(10, 210.0, clients=10_000)]
    found = verdicts(trial_targets(*small))
    assert found[:2] == [("not measured: FULL=1 does", "–")] * 2
    assert found[2] == ("+5.0% at 10,000 clients", "yes")
