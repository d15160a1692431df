"""The figures of ``make evaluate`` over seeds, in the columns of the evaluation mart."""

import csv
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ingest.evaluation import FILE, SCHEMA
from lab.rows import Rows
from lab.trials.figures import mart_figures

MartRow = dict[str, str | int | float | date | None]

CEILING = "ceiling"

_ONE_BY_ONE = ("portrait_code", "predicted_code", "bin_number")


def mart_rows(kept: Mapping[str, Rows], *, inputs: str, day: date) -> list[MartRow]:
    """Aggregate the figures: mean, lowest and highest over the seeds; of trials `mart_figures`.

    Parameters
    ----------
    kept : mapping of str to sequence of dict
        Rows of the CSV files portraits, ceiling, stability, settings, trials and targeting, by name; any may be absent.
        Of targeting only the figures over all features are used.
    inputs : str
        See `lab.store.inputs_digest`.
    day : date
        Of the evaluation.

    Returns
    -------
    list of dict
        Columns of `ingest.evaluation.SCHEMA`. A count that a seed lacks is 0; any other figure is averaged over the
        seeds that have it.
    """
    portraits, ceiling = (kept.get(name, ()) for name in ("portraits", "ceiling"))
    ceilings = [dict(row) | {"method_code": CEILING} for row in ceiling]
    found = (portraits, ceilings, kept.get("stability", ()), ceiling_shares(portraits, ceiling))
    whole = [row for row in kept.get("targeting", ()) if not row["feature_code"]]
    groups = [("portraits", group) for group in found] + [("settings", kept.get("settings", ())), ("targeting", whole)]
    rows: list[MartRow] = [{"subject_code": subject, **row} for subject, group in groups for row in _over_seeds(group)]
    rows += [{"subject_code": "trials", **row} for row in _of_trials(kept.get("trials", ()))]
    return [row | {"inputs": inputs, "evaluated_on": day} for row in rows]


def ceiling_shares(portraits: Rows, ceiling: Rows) -> list[dict[str, str]]:
    """Divide the macro-F1 of each method by that of the ceiling in the same run.

    Returns
    -------
    list of dict
        Rows as in portraits.csv with grade_code ``ceiling_share``, for the runs that have a ceiling.
    """
    highest = {_run(row): float(row["value"]) for row in ceiling if row["grade_code"] == "macro_f1"}
    return [
        dict(row) | {"grade_code": "ceiling_share", "value": str(float(row["value"]) / highest[_run(row)])}
        for row in portraits
        if row["grade_code"] == "macro_f1" and highest.get(_run(row))
    ]


def write_mart(folder: Path, rows: Sequence[MartRow]) -> None:
    """Write the file that the warehouse reads, in one step; without rows remove it."""
    path = folder / FILE
    if not rows:
        path.unlink(missing_ok=True)
        return
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SCHEMA.names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(part, path)


def _over_seeds(rows: Rows) -> list[MartRow]:
    seeds: dict[tuple[str, ...], set[str]] = defaultdict(set)
    values: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in rows:
        size = (row["clients"], row["separation"])
        seeds[size].add(row["seed"])
        what = (row["method_code"], row["grade_code"])
        values[*size, *what, *(row.get(name, "") for name in _ONE_BY_ONE)].append(float(row["value"]))
    found: list[MartRow] = []
    for (clients, separation, method, grade, portrait, predicted, bin_number), known in sorted(values.items()):
        count = len(seeds[clients, separation])
        if grade.endswith("_count"):
            known = known + [0.0] * (count - len(known))
        found.append(
            {
                "method_code": method,
                "grade_code": grade,
                "portrait_code": portrait or None,
                "predicted_code": predicted or None,
                "bin_number": int(bin_number) if bin_number else None,
                "clients_count": int(clients),
                "separation": float(separation),
                "seeds_count": count if grade.endswith("_count") else len(known),
                "value": sum(known) / len(known),
                "low": min(known),
                "high": max(known),
            }
        )
    return found


def _of_trials(rows: Rows) -> list[MartRow]:
    by_size: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        by_size[row["clients"], row["separation"]].append(row)
    return [
        {
            "method_code": method,
            "grade_code": grade,
            "portrait_code": None,
            "predicted_code": None,
            "bin_number": None,
            "clients_count": int(clients),
            "separation": float(separation),
            "seeds_count": len({row["seed"] for row in group}),
            "value": value,
            "low": low,
            "high": high,
        }
        for (clients, separation), group in sorted(by_size.items())
        for method, grade, value, low, high in mart_figures(group)
    ]


def _run(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("clients", "months", "seed", "separation"))
