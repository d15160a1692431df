"""The runs that ``make evaluate`` builds, and the grades of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from twinlab.parameters import Parameters

SEEDS = (1, 2, 3, 4, 5)
MORE_SEEDS = (*SEEDS, 6, 7, 8, 9, 10)
"""For grades that vary much between runs: individual effects depend on the arms that were drawn."""

SMALL, MIDDLE, LARGE, FULL = 2_000, 30_000, 100_000, 1_000_000
SEPARATIONS = (0.5, 0.75, 1.0, 1.5)
"""Values of the knob ``separation`` besides the one in the reference."""


@dataclass(frozen=True)
class Setting:
    """One synthetic run and its grades.

    Parameters
    ----------
    parameters : Parameters
        Of the run.
    separation : float
        Value of the knob ``separation``.
    grades : tuple of str
        Names of `lab.grades.GRADES`.
    """

    parameters: Parameters
    separation: float
    grades: tuple[str, ...]

    def describe(self) -> str:
        """Return one line for people."""
        return f"{self.parameters.describe()}, separation {self.separation:g}"


def plan(
    clients: int | None = None, seed: int | None = None, *, separation: float, is_full: bool = False
) -> list[Setting]:
    """List the settings of an evaluation.

    Parameters
    ----------
    clients : int, optional
        The only size; by default the twin is graded at `SMALL` and `LARGE` clients, its portraits at `LARGE` and their
        settings at `MIDDLE`.
    seed : int, optional
        The only seed; `SEEDS` by default.
    separation : float
        That of the reference.
    is_full : bool
        The twin also at `FULL` clients, with the first seed.

    Returns
    -------
    list of Setting
        Quickest first.
    """
    seeds = SEEDS if seed is None else (seed,)
    size = LARGE if clients is None else clients
    small = [SMALL] if clients is None else []
    # Trials are repeated thousands of times: one seed and few clients have to do.
    grades = {each: ("twin_quality", "trials") if each == seeds[0] else ("twin_quality",) for each in seeds}
    settings = [_setting(number, each, separation, grades[each]) for number in small for each in seeds]
    # Dozens of fits each: the usual and the hardest separation have to do, with fewer clients.
    tried = dict.fromkeys((separation, min(SEPARATIONS)))
    if clients is None:
        settings += [_setting(MIDDLE, seeds[0], other, ("settings",)) for other in tried]
    for other in (separation, *(value for value in SEPARATIONS if value != separation)):
        many = MORE_SEEDS if seed is None and other == separation else seeds
        for each in many:
            graded = _large(other == separation, each == seeds[0]) if each in seeds else []
            if other == separation:
                graded.append("targeting")
            if clients is not None and each == seeds[0] and other in tried:
                graded.append("settings")
            settings.append(_setting(size, each, other, graded))
    if is_full:
        settings.append(_setting(FULL, seeds[0], separation, ("twin_quality",)))
    return settings


def _large(is_default: bool, is_first: bool) -> list[str]:
    """Grades of a large run, by whether its separation is that of the reference and its seed the first one."""
    grades = ["twin_quality"] if is_default else []
    grades.append("portraits")
    # The ceiling takes longer than the rest of the run: at the other separations one seed has to do.
    if is_default or is_first:
        grades.append("ceiling")
    if is_first:
        grades.append("stability")
    return grades


def _setting(clients: int, seed: int, separation: float, grades: Sequence[str]) -> Setting:
    return Setting(Parameters(clients=clients, seed=seed), separation, tuple(grades))
