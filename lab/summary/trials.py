"""Tables of repeated trials for the page of ``make evaluate``."""

import numpy as np

from lab.report import markdown
from lab.rows import Rows
from lab.trials.figures import covered, known_values
from lab.trials.grades import GRADED
from lab.trials.repeat import KINDS, WORLDS

DISCOVERIES = {
    "any_share": "trials with any call",
    "calls_mean": "calls of a trial",
    "false_share": "false share of the calls",
    "found_share": "effects found",
}


def coverage_table(rows: Rows) -> str:
    """Return the share of 95 % intervals that cover the truth, by estimate and kind of row, worlds pooled.

    In brackets are the single rows with the lowest and the highest share.
    """
    lines = []
    for name in GRADED:
        cells = [name]
        for kind in KINDS:
            share, low, high = covered(rows, kind, name)
            cells.append("–" if np.isnan(share) else f"{share:.3f} ({low:.2f}–{high:.2f})")
        lines.append(cells)
    return markdown(["estimate", *(f"{kind}s" if kind == "feature" else f"{kind} portraits" for kind in KINDS)], lines)


def discovery_table(rows: Rows) -> str:
    """Return the calls of each world, means over the seeds."""
    lines = []
    for world in WORLDS:
        here = [row for row in rows if row["world_code"] == world]
        values = [known_values(here, code) for code in DISCOVERIES]
        lines.append([world, *(f"{sum(each) / len(each):.3f}" if each else "–" for each in values)])
    return markdown(["world", *DISCOVERIES.values()], lines)
