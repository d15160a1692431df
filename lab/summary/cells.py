"""Cells of the summary's tables: a figure over its seeds."""

from collections.abc import Callable, Mapping, Sequence

from lab.rows import Rows


def mean(values: Sequence[str], shown: Callable[[float], str]) -> str:
    """Return the mean, with the lowest and the highest where they differ.

    Parameters
    ----------
    values : sequence of str
        Numbers as text; an empty text is none.
    shown : callable
        Writes a number.

    Returns
    -------
    str
        A dash when there is none.
    """
    known = [float(value) for value in values if value]
    if not known:
        return "–"
    average, low, high = (shown(value) for value in (sum(known) / len(known), min(known), max(known)))
    return average if low == high else f"{average} ({low} – {high})"


def mean_grade(rows: Rows, grade_code: str) -> str:
    """Return the `mean` of a grade with three digits."""
    return mean([row["value"] for row in rows if row["grade_code"] == grade_code], "{:.3f}".format)


def by_separation(rows: Rows) -> list[tuple[float, int, list[Mapping[str, str]]]]:
    """Group rows by what all seeds of a setting have in common.

    Returns
    -------
    list of tuple
        Separation, clients and the rows, in ascending order.
    """
    keys = sorted({(float(row["separation"]), int(row["clients"])) for row in rows})
    return [(*key, [row for row in rows if (float(row["separation"]), int(row["clients"])) == key]) for key in keys]


def seeds(rows: Rows) -> str:
    """Return how many seeds the rows are of."""
    return str(len({row["seed"] for row in rows}))
