"""The figures of ``make evaluate`` as a page of markdown."""

from collections.abc import Callable, Mapping, Sequence

from twinlab.markdown import markdown

Rows = Sequence[Mapping[str, str]]


def summary(described: str, quality: Rows, ceiling: Rows, separation: float) -> str:
    """Return the page.

    Parameters
    ----------
    described : str
        When and on what it was made.
    quality, ceiling : sequence of dict
        Rows of the CSV files of these names.
    separation : float
        What the reference says: the portraits one by one are shown at it.

    Returns
    -------
    str
    """
    parts = ["# Evaluation of the twin", described]
    if quality:
        parts += [
            "## The twin itself",
            "Each figure is the mean over the seeds (lowest – highest); passed: seeds that passed of all.",
            quality_table(quality),
        ]
    if ceiling:
        at = [row for row in ceiling if float(row["separation"]) == separation]
        parts += [
            "## How far the portraits can be told apart at all",
            "Gradient boosting trained on the true portraits of other clients, over all client metrics; clients with "
            "an identified visit in the window. No estimator of the product: a yardstick for it.",
            separation_table(ceiling),
            *([f"### By portrait, at separation {separation:g}", portrait_table(at)] if at else []),
        ]
    return "\n\n".join(parts)


def quality_table(rows: Rows) -> str:
    """Return the checks of the twin, the sizes side by side.

    Parameters
    ----------
    rows : sequence of dict
        Of twin_quality.csv.

    Returns
    -------
    str
    """
    sizes = sorted({int(row["clients"]) for row in rows})
    header = ["check", "wanted", *(text for size in sizes for text in (f"{size:,} clients", "passed"))]
    lines = []
    for check in dict.fromkeys(row["check_code"] for row in rows):
        of_check = [row for row in rows if row["check_code"] == check]
        cells = [check, _wanted(of_check[0])]
        for size in sizes:
            here = [row for row in of_check if int(row["clients"]) == size]
            passed = sum(row["is_passed"] == "true" for row in here)
            cells += [_mean([row["value"] for row in here], _figure), f"{passed} of {len(here)}" if here else "–"]
        lines.append(cells)
    return markdown(header, lines)


def separation_table(rows: Rows) -> str:
    """Return the ceiling by separation.

    Parameters
    ----------
    rows : sequence of dict
        Of ceiling.csv.

    Returns
    -------
    str
    """
    lines = []
    for separation, clients in sorted({(float(row["separation"]), int(row["clients"])) for row in rows}):
        here = [row for row in rows if (float(row["separation"]), int(row["clients"])) == (separation, clients)]
        shares = [_shares(here, name) for name in ("accuracy", "macro_f1")]
        lines.append([f"{separation:g}", f"{clients:,}", str(len({row["seed"] for row in here})), *shares])
    return markdown(["separation", "clients", "seeds", "accuracy", "macro-F1"], lines, text_columns=0)


def portrait_table(rows: Rows) -> str:
    """Return precision and recall of each portrait, and what it is taken for most often.

    Parameters
    ----------
    rows : sequence of dict
        Of ceiling.csv, of one separation.

    Returns
    -------
    str
    """
    lines = []
    for portrait in sorted({row["portrait_code"] for row in rows} - {""}):
        of_portrait = [row for row in rows if row["portrait_code"] == portrait]
        taken: dict[str, int] = {}
        for row in of_portrait:
            if row["grade_code"] == "clients_count":
                taken[row["predicted_code"]] = taken.get(row["predicted_code"], 0) + int(row["value"])
        total = sum(taken.values())
        count, other = max(((count, code) for code, count in taken.items() if code != portrait), default=(0, ""))
        wrong = f"{other} ({count / total:.1%})" if count else "–"
        lines.append([portrait, wrong, f"{total:,}", *(_shares(of_portrait, name) for name in ("precision", "recall"))])
    return markdown(["portrait", "most often taken for", "clients", "precision", "recall"], lines, text_columns=2)


def _shares(rows: Rows, grade_code: str) -> str:
    return _mean([row["value"] for row in rows if row["grade_code"] == grade_code], "{:.3f}".format)


def _mean(values: Sequence[str], shown: Callable[[float], str]) -> str:
    known = [float(value) for value in values if value]
    if not known:
        return "–"
    mean, low, high = (shown(value) for value in (sum(known) / len(known), min(known), max(known)))
    return mean if low == high else f"{mean} ({low} – {high})"


def _wanted(row: Mapping[str, str]) -> str:
    low, high = (row[name] and _figure(float(row[name])) for name in ("target_low", "target_high"))
    return low if low == high else f"{low or '…'} – {high or '…'}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.3g}"
