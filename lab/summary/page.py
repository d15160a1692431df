"""The figures of ``make evaluate`` as a page of markdown."""

from collections.abc import Mapping

from lab.portraits.grades import TWINLAB
from lab.report import markdown
from lab.rows import Rows
from lab.summary.cells import by_separation, mean, mean_grade, seeds
from lab.summary.portraits import difference_table, method_table, reliability_table, stability_table
from lab.summary.settings import settings_table
from lab.summary.targeting import feature_table, targeting_table
from lab.summary.trials import coverage_table, discovery_table


def summary(described: str, rows: Mapping[str, Rows], separation: float) -> str:
    """Return the page.

    Parameters
    ----------
    described : str
        Date and machine.
    rows : mapping of str to sequence of dict
        Rows of the CSV files by their names: twin_quality, portraits, stability, settings, trials, targeting,
        ceiling; those that are absent or empty are left out.
    separation : float
        That of the reference; single portraits are shown at it.
    """
    quality, portraits, stability, settings, trials, ceiling = (
        rows.get(name, ()) for name in ("twin_quality", "portraits", "stability", "settings", "trials", "ceiling")
    )
    parts = ["# Evaluation of the twin", described]
    if quality:
        parts += [
            "## The twin itself",
            "Means over the seeds (lowest – highest), and the number of seeds that passed.",
            quality_table(quality),
        ]
    if portraits:
        parts += _portraits(portraits, ceiling, separation)
    if stability:
        parts += [
            "## Stability of the portraits",
            "Refits on resamples of at most 20,000 clients, against the first fit.",
            stability_table(stability),
        ]
    if settings:
        parts += [
            "## Sensitivity to the settings",
            "One setting changed at a time. Macro-F1 from the lowest to the highest of the values tried, and the "
            "smallest share of clients that keep the portrait of the usual settings.",
            settings_table(settings),
        ]
    if trials:
        parts += [
            "## Repeated trials",
            "Share of 95 % intervals that cover the truth; in brackets the lowest and the highest of single cells. "
            "Worlds: effects of the rules, the same with every second feature without effect, no effect at all.",
            coverage_table(trials),
            discovery_table(trials),
        ]
    targeting = rows.get("targeting", ())
    if targeting:
        parts += [
            "## Targeting",
            "Individual effects (margin, ₽ a month) against the truth, and the true profit of offering to all whom a "
            "method expects to pay; of everyone and of the aimed portraits regardless.",
            targeting_table(targeting),
            "By feature, error of an effect in ₽, the least of the three in each run counted as a win:",
            feature_table(targeting),
        ]
    if ceiling:
        at = _at(ceiling, separation)
        parts += [
            "## Ceiling of the portraits",
            "Gradient boosting trained on the true portraits of other clients, over all client metrics; clients with "
            "an identified visit in the window. A yardstick, not an estimator of the product.",
            separation_table(ceiling),
            *([f"### By portrait, at separation {separation:g}", portrait_table(at)] if at else []),
        ]
    return "\n\n".join(parts)


def _portraits(portraits: Rows, ceiling: Rows, separation: float) -> list[str]:
    parts = [
        "## Portraits against the truth",
        "Clients with an identified visit in the window; undefined is an error. Means over the seeds (lowest – "
        "highest). The clusters of kmeans are named by the truth, which favours it; of the ceiling: macro-F1 divided "
        "by the ceiling's in the same runs.",
        method_table(portraits, ceiling),
        "### Difference to simpler methods",
        "Macro-F1 of twinlab less the method's on the same clients, with 95 % intervals over clients.",
        difference_table(portraits),
    ]
    at = _at(portraits, separation)
    if at:
        ours = [row for row in at if row["method_code"] == TWINLAB]
        parts += [
            f"### By portrait, at separation {separation:g}",
            portrait_table(ours),
            f"### Calibration of the probabilities, at separation {separation:g}",
            reliability_table(at),
        ]
    return parts


def quality_table(rows: Rows) -> str:
    """Return the checks of the twin, the sizes side by side."""
    sizes = sorted({int(row["clients"]) for row in rows})
    header = ["check", "wanted", *(text for size in sizes for text in (f"{size:,} clients", "passed"))]
    lines = []
    for check in dict.fromkeys(row["check_code"] for row in rows):
        of_check = [row for row in rows if row["check_code"] == check]
        cells = [check, _wanted(of_check[0])]
        for size in sizes:
            here = [row for row in of_check if int(row["clients"]) == size]
            passed = sum(row["is_passed"] == "true" for row in here)
            cells += [mean([row["value"] for row in here], _figure), f"{passed} of {len(here)}" if here else "–"]
        lines.append(cells)
    return markdown(header, lines)


def separation_table(rows: Rows) -> str:
    """Return the ceiling by separation."""
    lines = []
    for separation, clients, here in by_separation(rows):
        shares = [mean_grade(here, name) for name in ("accuracy", "macro_f1")]
        lines.append([f"{separation:g}", f"{clients:,}", seeds(here), *shares])
    return markdown(["separation", "clients", "seeds", "accuracy", "macro-F1"], lines, text_columns=0)


def portrait_table(rows: Rows) -> str:
    """Return precision and recall of each portrait, and what it is taken for most often.

    Parameters
    ----------
    rows : sequence of dict
        Of ceiling.csv, or of one method of portraits.csv; of one separation.
    """
    lines = []
    for portrait in sorted({row["portrait_code"] for row in rows} - {""}):
        of_portrait = [row for row in rows if row["portrait_code"] == portrait]
        taken: dict[str, int] = {}
        for row in of_portrait:
            if row["grade_code"] == "clients_count":
                taken[row["predicted_code"]] = taken.get(row["predicted_code"], 0) + int(float(row["value"]))
        total = sum(taken.values())
        count, other = max(((count, code) for code, count in taken.items() if code != portrait), default=(0, ""))
        wrong = f"{other} ({count / total:.1%})" if count else "–"
        shares = [mean_grade(of_portrait, name) for name in ("precision", "recall")]
        lines.append([portrait, wrong, f"{total:,}", *shares])
    return markdown(["portrait", "most often taken for", "clients", "precision", "recall"], lines, text_columns=2)


def _at(rows: Rows, separation: float) -> Rows:
    return [row for row in rows if float(row["separation"]) == separation]


def _wanted(row: Mapping[str, str]) -> str:
    low, high = (row[name] and _figure(float(row[name])) for name in ("target_low", "target_high"))
    return low if low == high else f"{low or '…'} – {high or '…'}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.3g}"
