"""The figures of the portraits as tables of markdown."""

from lab.mart import ceiling_shares
from lab.portraits.grades import CRITERIA_ONLY, KMEANS, PROTOTYPE, TWINLAB
from lab.report import markdown
from lab.rows import Rows
from lab.summary.cells import by_separation, mean, mean_grade, seeds

PORTRAIT_METHODS = (TWINLAB, CRITERIA_ONLY, KMEANS, PROTOTYPE)


def method_table(portraits: Rows, ceiling: Rows) -> str:
    """Return the grades of each method by separation."""
    header = ["separation", "method", "clients", "seeds", "accuracy", "macro-F1", "of the ceiling", "adjusted Rand"]
    header += ["undefined", "calibration error"]
    names = ("accuracy", "macro_f1", "ceiling_share", "ari", "undefined_share", "ece")
    lines = []
    for separation, clients, here in by_separation([*portraits, *ceiling_shares(portraits, ceiling)]):
        for method in PORTRAIT_METHODS:
            rows = [row for row in here if row["method_code"] == method]
            graded = [mean_grade(rows, name) for name in names]
            lines.append([f"{separation:g}", method, f"{clients:,}", seeds(rows), *graded])
    return markdown(header, lines, text_columns=2)


def difference_table(portraits: Rows) -> str:
    """Return how far twinlab is ahead of each method, with the intervals of all seeds."""
    lines = []
    for separation, clients, here in by_separation(portraits):
        for method in PORTRAIT_METHODS:
            rows = [row for row in here if (row["method_code"], row["grade_code"]) == (method, "macro_f1_difference")]
            if rows:
                low, high = min(float(row["low"]) for row in rows), max(float(row["high"]) for row in rows)
                above = sum(float(row["low"]) > 0 for row in rows)
                cells = [mean_grade(rows, "macro_f1_difference"), f"{low:.3f} – {high:.3f}", f"{above} of {len(rows)}"]
                lines.append([f"{separation:g}", method, f"{clients:,}", *cells])
    header = ["separation", "twinlab less", "clients", "macro-F1", "intervals of all seeds", "interval above 0"]
    return markdown(header, lines, text_columns=2)


def reliability_table(portraits: Rows) -> str:
    """Return how often a probability of twinlab comes true."""
    rows = [row for row in portraits if row["method_code"] == TWINLAB and row["bin_number"]]
    lines = []
    for number in sorted({int(row["bin_number"]) for row in rows}):
        here = [row for row in rows if int(row["bin_number"]) == number]
        clients = mean([row["value"] for row in here if row["grade_code"] == "bin_clients_count"], "{:,.0f}".format)
        lines.append([str(number), mean_grade(here, "bin_mean_prob"), mean_grade(here, "bin_right_share"), clients])
    return markdown(["bin", "mean probability", "share right", "clients"], lines, text_columns=0)


def stability_table(stability: Rows) -> str:
    """Return how far refits agree with the first fit."""
    lines = []
    for separation, clients, rows in by_separation(stability):
        graded = [mean_grade(rows, name) for name in ("stability_share", "stability_ari")]
        lines.append([f"{separation:g}", f"{clients:,}", seeds(rows), *graded])
    return markdown(["separation", "clients", "seeds", "same portrait", "adjusted Rand"], lines, text_columns=0)
