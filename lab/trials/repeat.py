"""Trials repeated a thousand times in worlds with a known truth: coverage of intervals, false discoveries."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from lab.rows import Row
from lab.trials.coverage import coverage, discoveries
from lab.trials.grades import GRADED, Replicate, expected
from lab.trials.replays import Setup, read_setup, repeat, without_effects
from twinlab.parameters import Parameters

REPLICATES = 1000

WORLDS = ("rules", "mixed", "none")
"""Effects of the rules; the same without those of every second feature; no effect of any feature."""

KINDS = ("feature", "private", "fleet")
"""Kinds of estimates: of a feature, of a portrait of mostly private clients, of a portrait of mostly companies."""


def trials(
    connection: duckdb.DuckDBPyConnection,
    parameters: Parameters,
    reference: Path,
    doing: Callable[[str], None] = lambda _: None,
    *,
    replicates: int = REPLICATES,
) -> list[Row]:
    """Repeat the trials of a warehouse's clients with new assignments and outcomes, and grade the results.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with ``experiments.experiment_outcomes`` and its ancestors.
    parameters : Parameters
        Of its run.
    reference : Path
        Folder that it was built from.
    doing : callable, optional
        Called with the progress after each replicate.
    replicates : int
        Number in each world; they are numbered from 1.

    Returns
    -------
    list of dict
        world_code, kind_code, estimate_code, grade_code, value. By estimate covered_share, lowest_share and
        highest_share (of single cells), bias (in standard deviations) and intervals_count; over all cells any_share,
        calls_mean, false_share and found_share (see `lab.trials.coverage`), and replicates_count.
    """
    setup = read_setup(connection, reference, parameters)
    kinds = _kinds(connection)
    rows: list[Row] = []
    for number, world in enumerate(WORLDS, start=1):

        def counted(count: int, at: str = f"world {number} of {len(WORLDS)} ({world})") -> None:
            doing(f"{at}: replicate {count:,} of {replicates:,}")

        null = null_features(world, setup.settings)
        found = repeat(setup, without_effects(setup.rules, null), range(1, replicates + 1), counted=counted)
        rows += [{"world_code": world, **row} for row in _graded(found, setup, null, kinds)]
    return rows


def null_features(world: str, features: Mapping[str, Any]) -> list[str]:
    """Features without any effect in a world, by code."""
    codes = sorted(features)
    return {"rules": [], "mixed": codes[::2], "none": codes}[world]


def _kinds(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Kind of each portrait."""
    found = connection.sql(
        "select portrait_code, avg(is_corporate::int) >= 0.5 from portraits.client_profiles group by portrait_code"
    )
    return {code: "fleet" if is_fleet else "private" for code, is_fleet in found.fetchall()}


def _graded(found: list[Replicate], setup: Setup, null: list[str], kinds: Mapping[str, str]) -> Iterator[Row]:
    cells = found[0].cells
    truth = expected(found, setup.settings, horizon_weeks=setup.weeks)
    estimates = np.stack([each.found for each in found])
    kind_of = np.array(["feature" if portrait is None else kinds[portrait] for _, portrait in cells])
    for kind in KINDS:
        rows = kind_of == kind
        for place, name in enumerate(GRADED):
            of_kind = coverage(estimates[:, rows, place], truth[rows, place])
            figures = {
                "covered_share": of_kind.covered_share,
                "lowest_share": of_kind.lowest,
                "highest_share": of_kind.highest,
                "bias": of_kind.bias,
                "intervals_count": float(of_kind.intervals_count),
            }
            for code, value in figures.items():
                yield {"kind_code": kind, "estimate_code": name, "grade_code": code, "value": value}
    called = np.stack([each.is_called for each in found])
    effect = truth[:, GRADED.index("reaction_ratio")]
    calls = discoveries(called, effect, np.array([code in null for code, _ in cells]))
    for code, value in (vars(calls) | {"replicates_count": float(len(found))}).items():
        yield {"kind_code": "all", "estimate_code": "", "grade_code": code, "value": value}
