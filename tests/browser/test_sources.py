"""The SQL of a page, which runs in the warehouse when copied."""

from __future__ import annotations

import re

import pytest

from tests.browser.browser_site import change, paths_of_each_kind

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SQL = "footer .sources details pre"


def _open_sources(page) -> None:
    page.get_by_text("Откуда эти числа", exact=True).click()
    page.wait_for_selector("footer .sources li")
    page.evaluate("document.querySelectorAll('footer .sources details').forEach((one) => (one.open = true))")


def _sql(page, name: str) -> str:
    entry = page.locator("footer .sources li").filter(has=page.locator(f"summary > code:text-is('{name}')"))
    return entry.locator("pre").text_content()


@pytest.mark.parametrize("path", paths_of_each_kind())
def test_each_query_of_a_page_runs_in_the_warehouse(path: str, open_page, warehouse) -> None:
    page = open_page(path)
    _open_sources(page)
    texts = page.locator(SQL).all_text_contents()
    assert texts, path
    summary = page.locator("footer .sources > p").inner_text()
    for text in texts:
        assert "warehouse." not in text, f"{path}: {text}"
        assert "${" not in text, f"{path}: {text}"
        warehouse.execute(text)
        for mart in re.findall(r"\bmarts\.\w+", text):
            assert mart in summary, f"{path}: {mart}"


def test_a_query_gives_the_number_on_the_page_and_follows_the_choice(open_page, warehouse) -> None:
    page = open_page("/clients/")
    _open_sources(page)
    everyone = warehouse.execute(_sql(page, "q_total")).fetchall()[0][0]
    shown = page.locator("article .figure .number").first.inner_text()
    assert int(re.sub(r"\D", "", shown)) == everyone

    change(page, page.get_by_role("button", name="Корпоративные").click)
    assert any("'corporate' in ('all'" in text for text in page.locator(SQL).all_text_contents())
    regions = warehouse.execute(_sql(page, "q_regions")).fetchall()
    values = page.locator("article .row-chart").first.locator(".row:has(svg) .value").all_inner_texts()
    assert [int(re.sub(r"\D", "", value)) for value in values] == [int(count) for _, count in regions]
    assert 0 < sum(count for _, count in regions) < everyone
