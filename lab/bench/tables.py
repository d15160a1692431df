"""Measures as markdown, and what is wanted of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.bench.process import Measure
from lab.markdown import markdown

VISITS = 70_000_000
SECONDS_AT_MOST = 150
PEAK_MIB_AT_MOST = 4e9 / 1024**2
FLOORS_AT_MOST = 4
GROWTH_AT_MOST = 0.15
SMALLEST, LARGEST = 10_000, 1_000_000
"""Clients between which the cost of a visit is compared."""
PORTRAIT_SECONDS_AT_MOST = 60
_ABOUT = 0.1


@dataclass(frozen=True)
class Raw:
    """The raw tables of one number of clients, beside their floor."""

    clients: int
    floor: Measure
    raw: Measure


@dataclass(frozen=True)
class PortraitCost:
    """Portraits of one number of clients, beside a floor that stores as many scores.

    Parameters
    ----------
    clients : int
        How many.
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


def raw_sizes(visits_per_client: float) -> list[int]:
    """Return the numbers of clients of a full measurement.

    Parameters
    ----------
    visits_per_client : float
        Over the whole history.

    Returns
    -------
    list of int
        Ascending; one of them gives about `VISITS` visits.
    """
    return sorted({SMALLEST, 100_000, min(round(VISITS / visits_per_client), LARGEST), LARGEST})


def build_table(pairs: Sequence[tuple[Measure, Measure]]) -> str:
    """Return whole builds as markdown, each under its floor.

    Parameters
    ----------
    pairs : sequence of (Measure, Measure)
        Floor and build of the same number of visits.

    Returns
    -------
    str
    """
    rows = [
        [
            *(measure.name, f"{measure.rows:,}"),
            *(f"{measure.seconds:.1f}", f"{measure.seconds / floor.seconds:.1f}"),
            *(f"{measure.peak_mib:,.0f}", f"{measure.peak_mib / floor.peak_mib:.1f}"),
            f"{measure.file_mib:,.0f}",
        ]
        for floor, build in pairs
        for measure in (floor, build)
    ]
    return markdown(["what", "visits", "seconds", "× floor", "peak MiB", "× floor", "file MiB"], rows)


def portrait_table(costs: Sequence[PortraitCost]) -> str:
    """Return what portraits cost as markdown, each under its floor.

    Parameters
    ----------
    costs : sequence of PortraitCost
        By the number of clients.

    Returns
    -------
    str
    """
    rows = [
        [
            *(measure.name, f"{measure.rows:,}"),
            *(f"{measure.seconds:.1f}", f"{measure.seconds / cost.floor.seconds:.1f}"),
            *([f"{cost.fit_seconds:.1f}", f"{cost.assign_seconds:.1f}"] if measure is cost.portraits else ["", ""]),
            f"{measure.peak_mib:,.0f}",
        ]
        for cost in costs
        for measure in (cost.floor, cost.portraits)
    ]
    return markdown(["what", "scores", "seconds", "× floor", "fit, s", "assign and store, s", "peak MiB"], rows)


def site_table(costs: Sequence[SiteCost]) -> str:
    """Return what the report site costs as markdown.

    Parameters
    ----------
    costs : sequence of SiteCost
        By the number of clients.

    Returns
    -------
    str
    """
    rows = [
        [
            *(cost.name, f"{cost.seconds:.1f}", f"{cost.peak_mib:,.0f}", f"{cost.size_mib:,.1f}"),
            "–" if cost.first_page_seconds is None else f"{cost.first_page_seconds:.1f}",
        ]
        for cost in costs
    ]
    return markdown(["what", "seconds", "peak MiB", "site, MiB", "first page drawn, s"], rows)


def raw_table(raws: Sequence[Raw]) -> str:
    """Return raw tables as markdown, each under its floor.

    Parameters
    ----------
    raws : sequence of Raw
        By the number of clients.

    Returns
    -------
    str
    """
    rows = [
        [
            *(measure.name, f"{measure.rows:,}"),
            *(f"{measure.seconds:.1f}", f"{measure.seconds / pair.floor.seconds:.2f}"),
            *(f"{measure.peak_mib:,.0f}", f"{measure.file_mib:,.0f}"),
            f"{1e9 * measure.seconds / measure.rows:,.0f}",
            "" if measure.work_seconds is None else f"{1e9 * measure.work_seconds / measure.rows:,.0f}",
        ]
        for pair in raws
        for measure in (pair.floor, pair.raw)
    ]
    return markdown(
        ["what", "visits", "seconds", "× floor", "peak MiB", "file MiB", "ns a visit", "ns a visit without start"], rows
    )


def target_table(raws: Sequence[Raw], portraits: Sequence[PortraitCost] = ()) -> str:
    """Hold raw tables and portraits against what is wanted of them.

    Parameters
    ----------
    raws : sequence of Raw
        The first three targets are asked of the one with about `VISITS` visits; the last of `SMALLEST` and `LARGEST`
        clients, without the start of the program, which would make visits of the smaller run look dear.
    portraits : sequence of PortraitCost
        The targets are asked of the one with `LARGEST` clients.

    Returns
    -------
    str
        Markdown; what was not measured says so.
    """
    large = next((pair for pair in raws if abs(pair.raw.rows / VISITS - 1) < _ABOUT), None)
    by_clients = {pair.clients: pair for pair in raws}
    ends = [by_clients.get(clients) for clients in (SMALLEST, LARGEST)]
    at = f"at {large.raw.rows:,} visits" if large else ""
    many = next((cost for cost in portraits if cost.clients == LARGEST), None)
    rows = [
        [
            f"raw tables of about {VISITS:,} visits in at most {SECONDS_AT_MOST} s on 2 cores",
            *verdict(large and large.raw.seconds, SECONDS_AT_MOST, f"{{:.1f}} s {at}"),
        ],
        [
            f"their peak memory at most 4 GB ({PEAK_MIB_AT_MOST:,.0f} MiB)",
            *verdict(large and large.raw.peak_mib, PEAK_MIB_AT_MOST, f"{{:,.0f}} MiB {at}"),
        ],
        [
            f"at most {FLOORS_AT_MOST} × the floor of the same bench run",
            *verdict(large and large.raw.seconds / large.floor.seconds, FLOORS_AT_MOST, f"{{:.2f}} × {at}"),
        ],
        [
            f"cost of a visit grows by at most {GROWTH_AT_MOST:.0%} from {SMALLEST:,} to {LARGEST:,} clients",
            *verdict(growth(*ends) if all(ends) else None, GROWTH_AT_MOST, "{:+.1%} (without start)"),
        ],
        [
            f"portraits of {LARGEST:,} clients, fit and assignment, in at most {PORTRAIT_SECONDS_AT_MOST} s on 2 cores",
            *verdict(many and many.portraits.seconds, PORTRAIT_SECONDS_AT_MOST, "{:.1f} s"),
        ],
        [
            f"their peak memory at most 4 GB ({PEAK_MIB_AT_MOST:,.0f} MiB)",
            *verdict(many and many.portraits.peak_mib, PEAK_MIB_AT_MOST, "{:,.0f} MiB"),
        ],
    ]
    return markdown(["wanted", "measured", "met"], rows, text_columns=3)


def growth(small: Raw, large: Raw) -> float:
    """Return by how much a visit of the larger run costs more than one of the smaller, start left out.

    Parameters
    ----------
    small, large : Raw
        Two sizes.

    Returns
    -------
    float
        Ratio less 1.
    """
    costs = [pair.raw.work_seconds / pair.raw.rows for pair in (small, large)]
    return costs[1] / costs[0] - 1


def verdict(value: float | None, at_most: float, shown: str) -> tuple[str, str]:
    """Return what was measured and whether it is met; `shown` formats the value, None was not measured."""
    if value is None:
        return "not measured: FULL=1 does", "–"
    return shown.format(value), "yes" if value <= at_most else "no"
