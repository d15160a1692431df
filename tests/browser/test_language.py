"""No English leaks into the pages: every visible Latin word is code or on a short list of names."""

from __future__ import annotations

import re

import pytest
from browser_site import site_paths

pytestmark = pytest.mark.browser

ALLOWED = {
    "SQL", "CSV", "JSON", "ROI", "TwinLab", "DuckDB", "dbt", "VIP",
}  # fmt: skip
# Published sources are named by their address.
ADDRESS = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z_]+")

# Texts that a reader sees or hears: text nodes outside code, and the attributes shown or read aloud.
READ_TEXTS = """() => {
    const skipped = 'code, pre, .code, script, style, noscript, [hidden]';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!element || element.closest(skipped)) continue;
        const text = walker.currentNode.data.trim();
        if (text && element.getClientRects().length) texts.push(text);
    }
    for (const element of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]'))
        for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
            if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
    return [document.title, ...texts];
}"""


def _latin(texts: list[str]) -> set[str]:
    words = {word for text in texts for word in LATIN_WORD.findall(ADDRESS.sub("", text))}
    return words - ALLOWED


@pytest.mark.parametrize("path", site_paths())
def test_page_is_in_russian(path: str, open_page) -> None:
    page = open_page(path)
    for details in page.locator("article button:has(.marker)").all():
        details.click()
    page.wait_for_timeout(600)
    # Buttons of a table or chart appear when the pointer is over it.
    for frame in page.locator("article .table-container, article .chart-container").all():
        frame.hover()
        page.wait_for_timeout(250)
        leaks = _latin(page.evaluate(READ_TEXTS))
        assert not leaks, f"{path}: {sorted(leaks)}"
    leaks = _latin(page.evaluate(READ_TEXTS))
    assert not leaks, f"{path}: {sorted(leaks)}"


def test_tooltip_of_a_chart_is_in_russian(open_page) -> None:
    page = open_page("/")
    chart = page.locator("article .trend canvas").first
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function(
        "[...document.querySelectorAll('article .chart div')].some((one) => one.innerText.includes('Визиты:'))"
    )
    assert not _latin(page.evaluate(READ_TEXTS))
