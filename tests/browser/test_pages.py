"""Every page shows its data: a Russian heading, drawn charts, filled tables; no error, nothing fetched elsewhere."""

from __future__ import annotations

import re

import pytest
from browser_site import BUILD, DESKTOP, PHONE, keep_screenshot, site_paths

pytestmark = pytest.mark.browser

PATHS = site_paths()
ENTITY = re.compile(r"^/(portraits|features)/[^/]+/$")

# What a page shows when a value, a column or a query is missing.
BROKEN = re.compile(r"\b(?:NaN|undefined|null|Infinity|Invalid Date|Error)\b|\[object|Запрос не выполнен")

COUNT_MARKS = """() => {
    const near = (data, at, colour) => colour.every((part, index) => Math.abs(data[at + index] - part) < 12);
    const colours = [[11, 95, 107], [217, 138, 0]];
    const canvases = [...document.querySelectorAll('article .trend canvas')].map((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let marks = 0;
        for (let at = 0; at < data.length; at += 4) if (colours.some((colour) => near(data, at, colour))) marks += 1;
        return marks;
    });
    return {
        canvases,
        rows: document.querySelectorAll('article svg.track circle, article svg.track rect').length,
        cells: document.querySelectorAll('article .scroll td[style*="background"]').length,
        frames: document.querySelectorAll('article .trend').length
    };
}"""


def _name(path: str) -> str:
    return path.strip("/").replace("/", "-") or "index"


@pytest.mark.parametrize("path", PATHS)
def test_page_shows_its_data(path: str, open_page, watch) -> None:
    page = open_page(path, DESKTOP)
    keep_screenshot(page, f"{_name(path)}-1440")

    headings = page.locator("h1").all_inner_texts()
    assert len(headings) == 1, f"{path}: one heading expected, found {headings}"
    assert re.search("[А-Яа-яЁё]", headings[0]), f"{path}: the heading is not Russian: {headings[0]}"
    text = page.inner_text("article")
    assert not BROKEN.search(text), f"{path}: {BROKEN.search(text)}"
    assert "Период" in page.inner_text("footer"), f"{path}: the run is not named"
    assert page.get_attribute("html", "lang") == "ru"

    marks = page.evaluate(COUNT_MARKS)
    assert all(count > 20 for count in marks["canvases"]), f"{path}: an empty chart, {marks}"
    assert len(marks["canvases"]) == marks["frames"], f"{path}: a chart was not drawn, {marks}"
    has_charts = path != "/method/" and "В этом запуске таких клиентов нет" not in text
    if has_charts:
        assert marks["rows"] + marks["cells"] > 5, f"{path}: no marks, {marks}"
    for table in page.locator("article .table-container table").all():
        assert table.locator("tbody tr, tr.shaded, tr").count() > 1, f"{path}: an empty table"
    assert not watch.problems, f"{path}: {watch.problems}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1440", "390"])
def test_nothing_runs_over_the_edge(path: str, viewport: dict[str, int], open_page) -> None:
    page = open_page(path, viewport)
    if viewport is PHONE:
        keep_screenshot(page, f"{_name(path)}-390")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], f"{path}: {width} px wide"


def test_every_kind_of_page_is_built() -> None:
    kinds = {match.group(1) for match in map(ENTITY.match, PATHS) if match}
    assert kinds == {"portraits", "features"}, PATHS
    assert {"/", "/portraits/", "/features/", "/clients/", "/method/"} <= set(PATHS)


def test_built_html_names_no_other_host() -> None:
    foreign = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+""")
    for file in BUILD.rglob("*.html"):
        assert not foreign.search(file.read_text(encoding="utf-8")), file


def test_unknown_address_is_told_in_russian(open_page) -> None:
    page = open_page("/features/no_such_feature_at_all/extra/")
    assert page.inner_text("h1") == "Страница не найдена"
    page.get_by_role("link", name="Перейти к обзору").click()
    page.wait_for_url("**/")
    assert page.inner_text("h1") == "Обзор"
