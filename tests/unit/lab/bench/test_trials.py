"""What the cost of trials says of the targets."""

from lab.bench.process import Measure
from lab.bench.stages.trials import STEPS
from lab.bench.trial_tables import TrialCost, trial_table, trial_targets


def cost_of(features: int, cpu: float, peak: float = 4000.0, outcomes: float = 80.0, clients: int = 1_000_000):
    """Return trials that cost so much beside a floor of 10 s."""
    floor = Measure("floor", 9 * clients, 10.0, 300.0, 2000.0)
    steps = dict(zip(STEPS, (9.0, outcomes, 8.0, 20.0), strict=True))
    trials = Measure(f"{features} features", features * clients, sum(steps.values()) + 3, peak, 1500.0)
    return TrialCost(clients, features, floor, trials, steps, cpu)


def verdicts(costs):
    """Cells of the target table: (measured, met) by row."""
    lines = trial_targets(costs).splitlines()[2:]
    return [tuple(cell.strip() for cell in line.split("|")[2:4]) for line in lines]


def test_targets_of_trials_are_met_or_not_and_say_by_how_much():
    """Drawing the arms and the program's start are not part of outcomes and analysis."""
    assert verdicts([cost_of(9, 200.0), cost_of(10, 222.0)]) == [
        ("108.0 s", "yes"),
        ("4,000 MiB", "yes"),
        ("+11.0% at 1,000,000 clients", "yes"),
    ]
    missed = [cost_of(9, 200.0, peak=5800.0, outcomes=93.0), cost_of(10, 223.0)]
    assert verdicts(missed) == [("121.0 s", "no"), ("5,800 MiB", "no"), ("+11.5% at 1,000,000 clients", "no")]


def test_small_trials_say_nothing_of_a_million_clients():
    small = [cost_of(9, 200.0, clients=10_000), cost_of(10, 210.0, clients=10_000)]
    assert verdicts(small)[:2] == [("not measured: FULL=1 does", "–")] * 2
    assert verdicts(small)[2] == ("+5.0% at 10,000 clients", "yes")


def test_trials_stand_under_their_floor():
    lines = trial_table([cost_of(9, 200.0), cost_of(10, 222.0)]).splitlines()
    assert lines[2] == "| floor | 9,000,000 | 10.0 | 1.0 |  |  |  |  |  | 300 |"
    assert lines[3] == "| 9 features | 9,000,000 | 120.0 | 12.0 | 200.0 | 9.0 | 80.0 | 8.0 | 20.0 | 4,000 |"
    assert len({line.count("|") for line in lines}) == 1
