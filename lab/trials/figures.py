"""Figures of repeated trials over their worlds and seeds, from the rows of trials.csv."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from lab.rows import Rows
from lab.trials.grades import GRADED
from lab.trials.repeat import KINDS


def mart_figures(rows: Rows) -> Iterator[tuple[str, str, float, float | None, float | None]]:
    """Return the figures of the evaluation mart for the trials of one size.

    Yields
    ------
    tuple of (method_code, grade_code, value, low, high)
        By kind of row (``rows_…``) the share of intervals that cover the truth, worlds pooled, with the lowest and
        the highest of single rows (``covered_…``, by estimate); by world (``world_…``) the calls. Over several seeds
        the former are pooled, the latter averaged.
    """
    for kind in KINDS:
        for name in GRADED:
            share, low, high = covered(rows, kind, name)
            if not np.isnan(share):
                lowest, highest = (None if np.isnan(end) else end for end in (low, high))
                yield f"rows_{kind}", f"covered_{name}", share, lowest, highest
    of_world: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row["kind_code"] == "all":
            of_world[row["world_code"], row["grade_code"]] += known_values([row], row["grade_code"])
    for (world, code), values in of_world.items():
        if values:
            yield f"world_{world}", code, sum(values) / len(values), None, None


def covered(rows: Rows, kind: str, name: str) -> tuple[float, float, float]:
    """Share of the intervals that cover the truth, worlds pooled, and the lowest and the highest of single rows."""
    here = [row for row in rows if (row["kind_code"], row["estimate_code"]) == (kind, name)]
    shares, counts = (known_values(here, code) for code in ("covered_share", "intervals_count"))
    counts = [count for count in counts if count > 0]
    if not shares:
        return (np.nan,) * 3
    share = sum(s * n for s, n in zip(shares, counts, strict=True)) / sum(counts)
    ends = known_values(here, "lowest_share"), known_values(here, "highest_share")
    return share, min(ends[0], default=np.nan), max(ends[1], default=np.nan)


def known_values(rows: Rows, grade_code: str) -> list[float]:
    """Values of a grade; what could not be computed is left out."""
    values = [row["value"] for row in rows if row["grade_code"] == grade_code]
    return [float(value) for value in values if value not in ("", "nan")]
