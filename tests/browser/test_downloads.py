"""Downloads: Russian headings, the numbers of the warehouse, safe to open."""

from __future__ import annotations

import csv
import io
import re
import time
from collections import deque
from pathlib import Path

import pytest

from tests.browser.browser_site import paths_of_each_kind, unfold

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Chromium drops more than ten of a page.
DOWNLOADS_A_SECOND = 9
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"TwinLab", "VIP", "ROI", "CSV", "SQL"}


def _download(page, button) -> tuple[str, list[list[str]]]:
    with page.expect_download() as caught:
        button.click()
    text = Path(caught.value.path()).read_text(encoding="utf-8-sig")
    return caught.value.suggested_filename, list(csv.reader(io.StringIO(text), delimiter=";"))


def _latin(text: str) -> set[str]:
    return set(LATIN_WORD.findall(text)) - NAMES


@pytest.mark.parametrize("path", paths_of_each_kind())
def test_each_table_and_chart_gives_a_file_in_russian(path: str, open_page) -> None:
    page = open_page(path)
    unfold(page)
    buttons = page.get_by_role("button", name="Скачать CSV")
    charts = page.locator("article .trend:not(:has(.empty)), article .row-chart:not(:has(.empty))").count()
    assert buttons.count() >= charts, path
    begun: deque[float] = deque(maxlen=DOWNLOADS_A_SECOND)
    for button in buttons.all():
        if len(begun) == DOWNLOADS_A_SECOND:
            page.wait_for_timeout(1000 * max(begun[0] + 1 - time.monotonic(), 0))
        begun.append(time.monotonic())
        name, (headings, *rows) = _download(page, button)
        assert name.endswith(".csv"), path
        assert not _latin(name.removesuffix(".csv")), f"{path}: {name}"
        assert all(headings), f"{path}: {name}: {headings}"
        assert not _latin(" ".join(headings)), f"{path}: {name}: {headings}"
        assert rows, f"{path}: {name}"
        assert {len(row) for row in rows} == {len(headings)}, f"{path}: {name}"


def test_a_file_has_the_numbers_of_the_warehouse(open_page, warehouse) -> None:
    page = open_page("/clients/")
    name, (headings, *rows) = _download(page, page.locator(".table-container:visible .download-csv"))
    assert name == "Клиенты и регионы. Регионы за весь период.csv"
    position = {heading: index for index, heading in enumerate(headings)}
    expected = warehouse.sql(
        """
        select regions.label_ru, sum(visits_count), sum(revenue_rub) / 1e6
        from marts.mart_kpi_monthly join marts.dim_regions as regions using (region_code)
        group by regions.label_ru
        """
    ).fetchall()
    found = {row[position["Регион"]]: row for row in rows}
    assert len(found) == len(expected) > 0
    for region, visits, millions in expected:
        assert int(found[region][position["Визитов"]]) == visits
        assert float(found[region][position["Выручка, млн ₽"]].replace(",", ".")) == pytest.approx(float(millions))


def test_the_table_behind_a_chart_shows_its_numbers(open_page) -> None:
    page = open_page("/")
    chart = page.locator("article .row-chart").first
    shown = [text.split("\n")[0] for text in chart.locator(".row:has(svg) .value").all_inner_texts()]
    chart.locator("summary").click()
    cells = chart.locator("tbody tr td:nth-of-type(1)")
    cells.first.wait_for()
    assert cells.all_inner_texts() == shown
    assert len(shown) > 3
