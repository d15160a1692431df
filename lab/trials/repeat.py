"""Trials repeated a thousand times in worlds whose truth is known: do intervals cover, and what is called falsely."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from lab.markdown import markdown
from lab.summary.cells import Rows
from lab.trials.grades import GRADED, Replicate, coverage, discoveries, expected
from lab.trials.replays import Setup, read_setup, repeat, without_effects
from twinlab.parameters import Parameters

REPLICATES = 1000

WORLDS = ("rules", "mixed", "none")
"""What is true: what the rules say; the same without the effects of every second feature; no effect of any."""

KINDS = ("feature", "private", "fleet")
"""Rows of the results: whole features, portraits of mostly private clients, portraits of mostly companies."""

Row = dict[str, str | float | None]


DISCOVERIES = ("any_share", "calls_mean", "false_share", "found_share")


def trials(
    connection: duckdb.DuckDBPyConnection,
    parameters: Parameters,
    reference: Path,
    doing: Callable[[str], None] = lambda _: None,
    *,
    replicates: int = REPLICATES,
) -> list[Row]:
    """Repeat the trials of a warehouse's clients, each time with other arms and other luck.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with ``experiments.experiment_outcomes`` and all before it.
    parameters : Parameters
        Of its run.
    reference : Path
        Folder that it was built from.
    doing : callable, optional
        Told what is being done, replicate by replicate.
    replicates : int
        Of each world; the first has number 1.

    Returns
    -------
    list of dict
        world_code, kind_code, estimate_code, grade_code, value. By estimate covered_share, lowest_share and
        highest_share (of single cells), bias (in standard deviations) and intervals_count; over all rows any_share,
        calls_mean, false_share and found_share (see `lab.trials.grades`), and replicates_count.
    """
    setup = read_setup(connection, reference, parameters)
    kinds = _kinds(connection)
    rows: list[Row] = []
    for number, world in enumerate(WORLDS, start=1):

        def counted(count: int, at: str = f"world {number} of {len(WORLDS)} ({world})") -> None:
            doing(f"{at}: replicate {count:,} of {replicates:,}")

        null = null_features(world, setup.settings)
        found = repeat(setup, without_effects(setup.rules, null), range(1, replicates + 1), counted=counted)
        rows += [{"world_code": world} | row for row in _graded(found, setup, null, kinds)]
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
            told = coverage(estimates[:, rows, place], truth[rows, place])
            figures = {
                "covered_share": told.covered_share,
                "lowest_share": told.lowest,
                "highest_share": told.highest,
                "bias": told.bias,
                "intervals_count": float(told.intervals_count),
            }
            for code, value in figures.items():
                yield {"kind_code": kind, "estimate_code": name, "grade_code": code, "value": value}
    called = np.stack([each.is_called for each in found])
    effect = truth[:, GRADED.index("reaction_ratio")]
    told = discoveries(called, effect, np.array([code in null for code, _ in cells]))
    for code, value in (vars(told) | {"replicates_count": float(len(found))}).items():
        yield {"kind_code": "all", "estimate_code": "", "grade_code": code, "value": value}


def mart_figures(rows: Rows) -> Iterator[tuple[str, str, float, float | None, float | None]]:
    """Tell what the mart of evaluation keeps of the trials of one size.

    Parameters
    ----------
    rows : sequence of dict
        Of trials.csv.

    Yields
    ------
    tuple of (method_code, grade_code, value, low, high)
        By kind of row (``rows_…``) the share of intervals that hold the truth, worlds together, with the lowest and
        the highest of single rows (``covered_…``, by estimate); by world (``world_…``) what was called. Over several
        seeds the former are taken together, the latter averaged.
    """
    for kind in KINDS:
        for name in GRADED:
            share, low, high = _covered(rows, kind, name)
            if not np.isnan(share):
                ends = (None if np.isnan(end) else end for end in (low, high))
                yield f"rows_{kind}", f"covered_{name}", share, *ends
    of_world: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row["kind_code"] == "all":
            of_world[row["world_code"], row["grade_code"]] += _values([row], row["grade_code"])
    for (world, code), values in of_world.items():
        if values:
            yield f"world_{world}", code, sum(values) / len(values), None, None


def _covered(rows: Rows, kind: str, name: str) -> tuple[float, float, float]:
    """Share of the intervals that hold the truth, worlds together, and of single rows the lowest and the highest."""
    here = [row for row in rows if (row["kind_code"], row["estimate_code"]) == (kind, name)]
    shares, counts = (_values(here, code) for code in ("covered_share", "intervals_count"))
    counts = [count for count in counts if count > 0]
    if not shares:
        return (np.nan,) * 3
    share = sum(s * n for s, n in zip(shares, counts, strict=True)) / sum(counts)
    ends = _values(here, "lowest_share"), _values(here, "highest_share")
    return share, min(ends[0], default=np.nan), max(ends[1], default=np.nan)


def coverage_table(rows: Rows) -> str:
    """Return the share of 95 % intervals that hold the truth, by estimate and kind of row, worlds together.

    Parameters
    ----------
    rows : sequence of dict
        Of trials.csv.

    Returns
    -------
    str
        Markdown; in brackets the cells with the lowest and the highest share.
    """
    lines = []
    for name in GRADED:
        cells = [name]
        for kind in KINDS:
            share, low, high = _covered(rows, kind, name)
            cells.append("–" if np.isnan(share) else f"{share:.3f} ({low:.2f}–{high:.2f})")
        lines.append(cells)
    return markdown(["estimate", *(f"{kind}s" if kind == "feature" else f"{kind} portraits" for kind in KINDS)], lines)


def discovery_table(rows: Rows) -> str:
    """Return what was called in each world.

    Parameters
    ----------
    rows : sequence of dict
        Of trials.csv.

    Returns
    -------
    str
        Markdown.
    """
    lines = []
    for world in WORLDS:
        here = [row for row in rows if row["world_code"] == world]
        values = [_values(here, code) for code in DISCOVERIES]
        lines.append([world, *(f"{sum(each) / len(each):.3f}" if each else "–" for each in values)])
    header = ["world", "trials with any call", "calls of a trial", "false share of the calls", "effects found"]
    return markdown(header, lines)


def _values(rows: Rows, grade_code: str) -> list[float]:
    known = [row["value"] for row in rows if row["grade_code"] == grade_code]
    return [float(value) for value in known if value not in ("", "nan")]
