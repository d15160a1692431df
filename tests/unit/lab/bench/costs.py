"""Costs as the tests of benchmarks need them, and the verdicts of a table of targets."""

from lab.bench.process import Measure
from lab.bench.stages.trials import STEPS
from lab.bench.tables import PortraitCost, RawCost, TrialCost


def raw_of(clients, visits, seconds, floor_seconds=10.0, peak=1000.0, start=0.5):
    """Return raw tables that took so long, and their floor."""
    measure = Measure("raw tables", visits, seconds, peak, 2000.0, seconds - start)
    return RawCost(clients, Measure("floor", visits, floor_seconds, 200.0, 3000.0), measure)


def portraits_of(clients, seconds, peak):
    """Return portraits that cost so much, and a floor of 4 s."""
    measure = Measure("portraits", 12 * clients, seconds, peak, 300.0, seconds - 1)
    return PortraitCost(clients, Measure("floor", 12 * clients, 4.0, 200.0, 300.0), measure, 10.0, 20.0)


def trials_of(features: int, cpu: float, peak: float = 4000.0, outcomes: float = 80.0, clients: int = 1_000_000):
    """Return trials that cost so much, and a floor of 10 s."""
    floor = Measure("floor", 9 * clients, 10.0, 300.0, 2000.0)
    steps = dict(zip(STEPS, (9.0, outcomes, 8.0, 20.0), strict=True))
    trials = Measure(f"{features} features", features * clients, sum(steps.values()) + 3, peak, 1500.0)
    return TrialCost(clients, features, floor, trials, steps, cpu)


def verdicts(table):
    """Cells of a table of targets: (measured, met) by row."""
    return [tuple(cell.strip() for cell in line.split("|")[2:4]) for line in table.splitlines()[2:]]
