"""No English leaks into the pages: every visible Latin word is code or an allowed name."""

from __future__ import annotations

import re

import pytest

from tests.browser.browser_site import PHONE, READ_TEXTS, every_path, paths_of_each_kind

pytestmark = pytest.mark.browser

ALLOWED = {
    "SQL", "CSV", "JSON", "ROI", "TwinLab", "DuckDB", "dbt", "VIP",
}  # fmt: skip
# Published sources are cited by their address.
ADDRESS = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z_]+")


def _latin(texts: list[str]) -> set[str]:
    words = {word for text in texts for word in LATIN_WORD.findall(ADDRESS.sub("", text))}
    return words - ALLOWED


@pytest.mark.parametrize("path", every_path())
def test_page_is_in_russian(path: str, visit) -> None:
    leaks = _latin(visit(path).facts.visible_texts)
    assert not leaks, f"{path}: {sorted(leaks)}"


def _read(page) -> set[str]:
    return _latin(page.evaluate(READ_TEXTS))


@pytest.mark.slow
@pytest.mark.parametrize("path", paths_of_each_kind())
def test_tooltips_of_charts_are_in_russian(path: str, open_page) -> None:
    page = open_page(path)
    for chart in page.locator("article .trend .chart").all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for share in (0.35, 0.5, 0.65):
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        tooltip = chart.locator("div").filter(has_text=re.compile("[А-Яа-яЁё0-9]"))
        tooltip.first.wait_for()
        tooltip = " ".join(chart.locator("div").all_inner_texts())
        assert not _latin([tooltip, chart.get_attribute("aria-label")]), path


@pytest.mark.slow
@pytest.mark.parametrize("path", paths_of_each_kind())
def test_opened_lists_are_in_russian(path: str, open_page) -> None:
    page = open_page(path)
    for box in page.locator("button[role=combobox]").all():
        box.click()
        page.get_by_role("option").first.wait_for()
        assert not _read(page), path
        names = page.get_by_role("option").all_inner_texts()
        page.keyboard.type("такого нет")
        # The list is filtered, or only reordered by similarity.
        page.wait_for_function(
            "before => [...document.querySelectorAll('[role=option]')].map((one) => one.innerText).join() !== before",
            arg=",".join(names),
        )
        assert not _read(page), path
        page.keyboard.press("Escape")


def test_a_searched_and_enlarged_table_is_in_russian(open_page) -> None:
    page = open_page("/credibility/")
    table = page.locator("article .table-container:visible").first
    table.get_by_label("Поиск").fill("такого нет")
    table.locator("td").first.wait_for(state="detached")
    assert not _read(page)
    table.get_by_label("Поиск").fill("")
    table.get_by_role("button", name="На весь экран").click()
    page.locator("dialog[open] table").wait_for()
    assert not _read(page)
    page.get_by_role("button", name="Закрыть").click()
    page.locator("dialog[open]").wait_for(state="detached")


def test_the_page_of_an_unknown_address_is_in_russian(open_page) -> None:
    assert not _read(open_page("/no_such_page/"))


def test_the_phone_menu_is_in_russian(open_page) -> None:
    page = open_page("/", PHONE)
    page.click(".site-toggle")
    assert not _read(page)


def test_a_page_that_still_loads_is_in_russian(open_page) -> None:
    page = open_page("/")
    pending = []
    page.route("**/prerendered_queries/*.arrow", lambda route: pending.append(route))
    page.click('#site-menu a[href="/evaluation/"]')
    page.wait_for_selector(".animate-pulse")
    assert not _read(page)
    for route in pending:
        route.continue_()
    page.unroute("**/prerendered_queries/*.arrow")
    page.wait_for_function("document.querySelector('h1')?.innerText === 'Истина и оценка'")
