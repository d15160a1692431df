"""What the settings of the portraits decide, as a table of markdown."""

from collections.abc import Mapping, Sequence

from lab.portraits.settings import USUAL, VARIATIONS, Variation
from lab.report import markdown
from lab.rows import Rows
from lab.summary.cells import by_separation

WIDEST = 40
"""Characters of what was tried; more are counted instead."""


def settings_table(rows: Rows) -> str:
    """Return what comes of each setting, the separations side by side.

    The usual settings first. Macro-F1 from the lowest to the highest of what was tried, the smallest share of clients
    that keep their portrait and the largest calibration error; of several seeds their mean.
    """
    runs = by_separation(rows)
    header = ["setting", "tried"]
    for separation, clients, _ in runs:
        header += [f"macro-F1 at {separation:g}, {clients:,} clients", "same portrait", "calibration error"]
    groups: dict[str, list[Variation]] = {USUAL.setting_code: [USUAL]}
    for variation in VARIATIONS:
        groups.setdefault(variation.setting_code, []).append(variation)
    lines = []
    for code, variations in groups.items():
        cells = ["all the usual ones" if code == USUAL.setting_code else code, _tried(variations)]
        for _, _, here in runs:
            cells += [_macro_f1(here, variations), *_worst(here, variations)]
        lines.append(cells)
    return markdown(header, lines, text_columns=2)


def _tried(variations: Sequence[Variation]) -> str:
    values = ", ".join(variation.value for variation in variations)
    return values if len(values) <= WIDEST else f"{len(variations)}, one at a time"


def _macro_f1(rows: Rows, variations: Sequence[Variation]) -> str:
    found = _means(rows, variations, "macro_f1")
    if not found:
        return "–"
    low, high = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    if len(variations) == 1:
        return f"{found[low]:.3f}"
    return f"{found[low]:.3f} ({low}) – {found[high]:.3f} ({high})"


def _worst(rows: Rows, variations: Sequence[Variation]) -> list[str]:
    same, error = (_means(rows, variations, name).values() for name in ("same_share", "ece"))
    return [f"{min(same):.3f}" if same else "–", f"{max(error):.3f}" if error else "–"]


def _means(rows: Rows, variations: Sequence[Variation], grade_code: str) -> Mapping[str, float]:
    """Mean over the seeds by the value of the setting, of the variations that the rows have."""
    found = {}
    for variation in variations:
        of_variation = [row for row in rows if row["method_code"] == variation.code]
        values = [float(row["value"]) for row in of_variation if row["grade_code"] == grade_code]
        if values:
            found[variation.value] = sum(values) / len(values)
    return found
