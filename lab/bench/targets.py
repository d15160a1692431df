"""Targets for time and memory, and whether they are met."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.bench.tables import PortraitCost, RawCost, TrialCost
from lab.report import markdown


@dataclass(frozen=True)
class Target:
    """Limits of a part of the product on 2 cores."""

    seconds: int
    memory_gb: int

    @property
    def peak_mib(self) -> float:
        """`memory_gb` in MiB, the unit of measures."""
        return self.memory_gb * 1e9 / 1024**2

    @property
    def memory(self) -> str:
        """Name of the target on memory."""
        return f"their peak memory at most {self.memory_gb} GB ({self.peak_mib:,.0f} MiB)"


RAW = Target(seconds=150, memory_gb=4)
"""Of raw tables with about `VISITS` visits."""
PORTRAITS = Target(seconds=60, memory_gb=4)
"""Of portraits of `LARGEST` clients."""
TRIALS = Target(seconds=120, memory_gb=6)
"""Of trials with `LARGEST` clients; the time is that of `TRIAL_STEPS`."""
TRIAL_STEPS = ("outcomes", "reveal", "analysis")

VISITS = 70_000_000
SMALLEST, LARGEST = 10_000, 1_000_000
"""Clients between which the cost of a visit is compared."""
FLOORS_AT_MOST = 4
GROWTH_AT_MOST = 0.15
_ABOUT = 0.1


def raw_sizes(visits_per_client: float) -> list[int]:
    """Return the numbers of clients of a full measurement, ascending; one of them gives about `VISITS` visits."""
    return sorted({SMALLEST, 100_000, min(round(VISITS / visits_per_client), LARGEST), LARGEST})


def target_table(raws: Sequence[RawCost], portraits: Sequence[PortraitCost] = ()) -> str:
    """Compare raw tables and portraits with their targets.

    Parameters
    ----------
    raws : sequence of RawCost
        The one with about `VISITS` visits is compared with `RAW` and the floor. Growth is that from `SMALLEST` to
        `LARGEST` clients.
    portraits : sequence of PortraitCost
        The one with `LARGEST` clients is compared.

    Returns
    -------
    str
        Markdown; targets that were not measured say so.
    """
    large = next((cost for cost in raws if abs(cost.raw.rows / VISITS - 1) < _ABOUT), None)
    by_clients = {cost.clients: cost for cost in raws}
    smallest, largest = by_clients.get(SMALLEST), by_clients.get(LARGEST)
    at = f"at {large.raw.rows:,} visits" if large else ""
    many = next((cost for cost in portraits if cost.clients == LARGEST), None)
    rows = [
        [
            f"raw tables of about {VISITS:,} visits in at most {RAW.seconds} s on 2 cores",
            *_verdict(large.raw.seconds if large else None, RAW.seconds, f"{{:.1f}} s {at}"),
        ],
        [RAW.memory, *_verdict(large.raw.peak_mib if large else None, RAW.peak_mib, f"{{:,.0f}} MiB {at}")],
        [
            f"at most {FLOORS_AT_MOST} × the floor of the same bench run",
            *_verdict(large.raw.seconds / large.floor.seconds if large else None, FLOORS_AT_MOST, f"{{:.2f}} × {at}"),
        ],
        [
            f"cost of a visit grows by at most {GROWTH_AT_MOST:.0%} from {SMALLEST:,} to {LARGEST:,} clients",
            *_verdict(
                growth(smallest, largest) if smallest and largest else None, GROWTH_AT_MOST, "{:+.1%} (without start)"
            ),
        ],
        [
            f"portraits of {LARGEST:,} clients, fit and assignment, in at most {PORTRAITS.seconds} s on 2 cores",
            *_verdict(many.portraits.seconds if many else None, PORTRAITS.seconds, "{:.1f} s"),
        ],
        [PORTRAITS.memory, *_verdict(many.portraits.peak_mib if many else None, PORTRAITS.peak_mib, "{:,.0f} MiB")],
    ]
    return markdown(["wanted", "measured", "met"], rows, text_columns=3)


def trial_targets(few: TrialCost, more: TrialCost) -> str:
    """Compare trials with their targets; `more` is of one more feature than `few`, which `TRIALS` is about."""
    large = few if few.clients == LARGEST else None
    seconds = sum(large.steps[step] for step in TRIAL_STEPS) if large else None
    share = more.cpu_seconds / few.cpu_seconds - 1
    rows = [
        [
            f"outcomes and analysis of {few.features} features × {LARGEST:,} clients in at most {TRIALS.seconds} s "
            "on 2 cores",
            *_verdict(seconds, TRIALS.seconds, "{:.1f} s"),
        ],
        [TRIALS.memory, *_verdict(large.trials.peak_mib if large else None, TRIALS.peak_mib, "{:,.0f} MiB")],
        [
            f"one more feature adds at most a {few.features}th to the CPU time of all, {1 / few.features:.1%}",
            *_verdict(share, 1 / few.features, f"{{:+.1%}} at {few.clients:,} clients"),
        ],
    ]
    return markdown(["wanted of trials", "measured", "met"], rows, text_columns=3)


def growth(small: RawCost, large: RawCost) -> float | None:
    """Return by how much a visit of the larger run costs more, as a ratio less 1.

    The start of the program is excluded: it would inflate the cost of the smaller run. None if it was not measured.
    """
    before, after = small.raw.work_seconds, large.raw.work_seconds
    if before is None or after is None:
        return None
    return (after / large.raw.rows) / (before / small.raw.rows) - 1


def _verdict(value: float | None, at_most: float, shown: str) -> tuple[str, str]:
    """Cells for the measured value, formatted by `shown`, and whether it meets the target."""
    if value is None:
        return "not measured: FULL=1 does", "–"
    return shown.format(value), "yes" if value <= at_most else "no"
