"""Measures as markdown tables, each below the floor of the same size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.bench.process import Measure
from lab.report import markdown


@dataclass(frozen=True)
class RawCost:
    """The raw tables of one number of clients, and their floor."""

    clients: int
    floor: Measure
    raw: Measure


@dataclass(frozen=True)
class PortraitCost:
    """Portraits of one number of clients, and a floor that stores as many scores.

    Parameters
    ----------
    clients : int
    floor, portraits : Measure
        Rows are scores.
    fit_seconds, assign_seconds : float
        Of the two steps; the second with storing.
    """

    clients: int
    floor: Measure
    portraits: Measure
    fit_seconds: float
    assign_seconds: float


@dataclass(frozen=True)
class TrialCost:
    """Trials of so many features with so many clients, and a floor that stores as many outcomes.

    Parameters
    ----------
    clients, features : int
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


@dataclass(frozen=True)
class SiteCost:
    """The report site of one number of clients.

    Parameters
    ----------
    name : str
        What it was built from.
    seconds : float
        Of its sources and its pages.
    peak_mib : float
        Of the largest of the processes that build it.
    size_mib : float
        Of all its files.
    first_page_seconds : float or None
        Until every chart of the first page is drawn; None without a browser.
    """

    name: str
    seconds: float
    peak_mib: float
    size_mib: float
    first_page_seconds: float | None


def build_table(pairs: Sequence[tuple[Measure, Measure]]) -> str:
    """Return the cost of whole builds, as pairs of floor and build with the same number of visits."""
    rows = [
        [
            *_time(measure, floor),
            *(f"{measure.peak_mib:,.0f}", f"{measure.peak_mib / floor.peak_mib:.1f}", f"{measure.file_mib:,.0f}"),
        ]
        for floor, build in pairs
        for measure in (floor, build)
    ]
    return markdown(["what", "visits", "seconds", "× floor", "peak MiB", "× floor", "file MiB"], rows)


def portrait_table(costs: Sequence[PortraitCost]) -> str:
    """Return the cost of portraits, by number of clients."""
    rows = [
        [
            *_time(measure, cost.floor),
            *([f"{cost.fit_seconds:.1f}", f"{cost.assign_seconds:.1f}"] if measure is cost.portraits else ["", ""]),
            f"{measure.peak_mib:,.0f}",
        ]
        for cost in costs
        for measure in (cost.floor, cost.portraits)
    ]
    return markdown(["what", "scores", "seconds", "× floor", "fit, s", "assign and store, s", "peak MiB"], rows)


def trial_table(costs: Sequence[TrialCost]) -> str:
    """Return the cost of trials with the same clients and floor, by number of features."""
    floor, steps = costs[0].floor, list(costs[0].steps)
    rows = [[*_time(floor, floor), *("" for _ in ("cpu", *steps)), f"{floor.peak_mib:,.0f}"]]
    for cost in costs:
        seconds = (cost.cpu_seconds, *(cost.steps[step] for step in steps))
        cells = (f"{each:.1f}" for each in seconds)
        rows.append([*_time(cost.trials, floor), *cells, f"{cost.trials.peak_mib:,.0f}"])
    header = ["what", "outcomes", "seconds", "× floor", "CPU s", *(f"{step}, s" for step in steps), "peak MiB"]
    return markdown(header, rows)


def raw_table(costs: Sequence[RawCost]) -> str:
    """Return the cost of raw tables, by number of clients."""
    rows = [
        [
            *_time(measure, cost.floor, digits=2),
            *(f"{measure.peak_mib:,.0f}", f"{measure.file_mib:,.0f}"),
            f"{1e9 * measure.seconds / measure.rows:,.0f}",
            "" if measure.work_seconds is None else f"{1e9 * measure.work_seconds / measure.rows:,.0f}",
        ]
        for cost in costs
        for measure in (cost.floor, cost.raw)
    ]
    return markdown(
        ["what", "visits", "seconds", "× floor", "peak MiB", "file MiB", "ns a visit", "ns a visit without start"], rows
    )


def site_table(costs: Sequence[SiteCost]) -> str:
    """Return the cost of the report site, by number of clients."""
    rows = [
        [
            *(cost.name, f"{cost.seconds:.1f}", f"{cost.peak_mib:,.0f}", f"{cost.size_mib:,.1f}"),
            "–" if cost.first_page_seconds is None else f"{cost.first_page_seconds:.1f}",
        ]
        for cost in costs
    ]
    return markdown(["what", "seconds", "peak MiB", "site, MiB", "first page drawn, s"], rows)


def _time(measure: Measure, floor: Measure, digits: int = 1) -> list[str]:
    """First cells of a row: name, rows, seconds, and their ratio to the floor's."""
    ratio = f"{measure.seconds / floor.seconds:.{digits}f}"
    return [measure.name, f"{measure.rows:,}", f"{measure.seconds:.1f}", ratio]
