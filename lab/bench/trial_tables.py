"""What trials of features cost, as markdown, and what is wanted of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.bench.process import Measure
from lab.bench.tables import LARGEST, verdict
from lab.markdown import markdown

SECONDS_AT_MOST = 120
PEAK_MIB_AT_MOST = 6e9 / 1024**2
STEPS_ASKED = ("outcomes", "reveal", "analysis")


@dataclass(frozen=True)
class TrialCost:
    """Trials of so many features with so many clients, beside a floor that stores as many outcomes.

    Parameters
    ----------
    clients, features : int
        How many.
    floor, trials : Measure
        Rows are clients × features, of the floor those of the fewest features.
    steps : mapping of str to float
        Seconds of each of `lab.bench.stages.trials.STEPS`.
    cpu_seconds : float
        Of all cores, from the program's start to its end.
    """

    clients: int
    features: int
    floor: Measure
    trials: Measure
    steps: Mapping[str, float]
    cpu_seconds: float


def trial_table(costs: Sequence[TrialCost]) -> str:
    """Return what trials cost as markdown, under their floor.

    Parameters
    ----------
    costs : sequence of TrialCost
        Of the same clients and floor.

    Returns
    -------
    str
    """
    floor = costs[0].floor
    steps = list(costs[0].steps)
    rows = [_row(floor, floor, "", [""] * len(steps))]
    rows += [
        _row(cost.trials, floor, f"{cost.cpu_seconds:.1f}", [f"{cost.steps[step]:.1f}" for step in steps])
        for cost in costs
    ]
    header = ["what", "outcomes", "seconds", "× floor", "CPU s", *(f"{step}, s" for step in steps), "peak MiB"]
    return markdown(header, rows)


def _row(measure: Measure, floor: Measure, cpu: str, steps: list[str]) -> list[str]:
    ratio = f"{measure.seconds / floor.seconds:.1f}"
    return [measure.name, f"{measure.rows:,}", f"{measure.seconds:.1f}", ratio, cpu, *steps, f"{measure.peak_mib:,.0f}"]


def trial_targets(costs: Sequence[TrialCost]) -> str:
    """Hold trials against what is wanted of them.

    Parameters
    ----------
    costs : sequence of TrialCost
        Of a number of features and of one more; time and memory are asked of the first with `LARGEST` clients.

    Returns
    -------
    str
        Markdown; what was not measured says so.
    """
    few, more = costs
    large = few if few.clients == LARGEST else None
    asked = large and sum(large.steps[step] for step in STEPS_ASKED)
    share = more.cpu_seconds / few.cpu_seconds - 1
    rows = [
        [
            f"outcomes and analysis of {few.features} features × {LARGEST:,} clients in at most {SECONDS_AT_MOST} s "
            "on 2 cores",
            *verdict(asked, SECONDS_AT_MOST, "{:.1f} s"),
        ],
        [
            f"their peak memory at most 6 GB ({PEAK_MIB_AT_MOST:,.0f} MiB)",
            *verdict(large and large.trials.peak_mib, PEAK_MIB_AT_MOST, "{:,.0f} MiB"),
        ],
        [
            f"one more feature adds at most a {few.features}th to the CPU time of all, {1 / few.features:.1%}",
            *verdict(share, 1 / few.features, f"{{:+.1%}} at {few.clients:,} clients"),
        ],
    ]
    return markdown(["wanted of trials", "measured", "met"], rows, text_columns=3)
