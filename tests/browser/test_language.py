"""No English leaks into the pages: every visible Latin word is code or on a short list of names."""

from __future__ import annotations

import re

import pytest
from browser_site import READ_TEXTS, site_paths

pytestmark = pytest.mark.browser

ALLOWED = {
    "SQL", "CSV", "JSON", "ROI", "TwinLab", "DuckDB", "dbt", "VIP",
}  # fmt: skip
# Published sources are named by their address.
ADDRESS = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z_]+")


def _latin(texts: list[str]) -> set[str]:
    words = {word for text in texts for word in LATIN_WORD.findall(ADDRESS.sub("", text))}
    return words - ALLOWED


@pytest.mark.parametrize("path", site_paths())
def test_page_is_in_russian(path: str, facts_of) -> None:
    leaks = _latin(facts_of(path).visible_texts)
    assert not leaks, f"{path}: {sorted(leaks)}"


def test_tooltip_of_a_chart_is_in_russian(open_page) -> None:
    page = open_page("/")
    chart = page.locator("article .trend canvas").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function(
        "[...document.querySelectorAll('article .chart div')].some((one) => one.innerText.includes('Визиты:'))"
    )
    assert not _latin(page.evaluate(READ_TEXTS))
