"""Helpers for pages with settings: change them, wait for the numbers and read them."""

from __future__ import annotations

import statistics
import sys
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"

# Sets sliders and waits until the numbers are those of the settings. Returns the milliseconds, 80 of which are the
# pause in which a slider comes to rest.
TURN = """(values) => new Promise((resolve) => {
    const form = document.querySelector('article form.controls');
    const began = performance.now();
    for (const [code, value] of Object.entries(values)) {
        const slider = form.querySelector(`input[type=range][id$="-${code}"]`);
        slider.value = value;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    const look = () => {
        const shown = document.querySelector('article .result')?.dataset.state;
        if (performance.now() - began > 20 && shown === form.dataset.state) resolve(performance.now() - began);
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
READ_ROWS = """(rows) => rows.map((row) => [
    row.querySelector('th').innerText, [...row.querySelectorAll('td')].map((cell) => cell.innerText)
])"""
IS_SHOWN = """(code) => {
    const wanted = document.querySelector('article form.controls')?.dataset.state;
    const shown = document.querySelector('article .result')?.dataset.state;
    return wanted !== undefined && wanted === shown && wanted.startsWith(`${code} `);
}"""


def rounded(number: float | None, digits: int = 0) -> str:
    """Round and format as the pages do: halves away from zero."""
    if number is None:
        return "—"
    step = Decimal(1).scaleb(-digits)
    value = Decimal(str(round(number, 9))).quantize(step, ROUND_HALF_UP)
    return f"{value + 0:,}".replace(",", NBSP).replace(".", ",").replace("-", "\u2212")


def open_at(page, feature_code: str) -> None:
    """Choose a feature and wait for its numbers."""
    page.get_by_label("Фича", exact=True).select_option(feature_code)
    page.wait_for_function(IS_SHOWN, arg=feature_code)


def time_turns(page, turns: list[dict[str, float]], record_property, capsys) -> None:
    """Set sliders one after another and report how long the numbers took; not asserted, because machines are noisy."""
    times = [page.evaluate(TURN, turn) for turn in turns]
    median = statistics.median(times)
    record_property("requery_ms", round(median))
    with capsys.disabled():
        sys.stdout.write(f"\nslider to numbers: {median:.0f} ms, median of {len(times)}, at most {max(times):.0f} ms\n")


def table_rows(page) -> dict[str, list[str]]:
    """Return the cells of the table of portraits by its first column."""
    return dict(page.locator("article .result > .scroll table tbody tr").evaluate_all(READ_ROWS))
