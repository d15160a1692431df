"""Every page shows its data: a Russian heading, drawn charts, filled tables, no errors and no external requests."""

from __future__ import annotations

import re

import pytest

from tests.browser.browser_labels import FIND_BAD_LABELS
from tests.browser.browser_site import BUILD, DESKTOP, PHONE, TABLET, every_path, site_paths

pytestmark = pytest.mark.browser

PATHS = site_paths()
ENTITY = re.compile(r"^/(portraits|features)/[^/]+/$")

# What a page shows when a value, a column or a query is missing.
BROKEN = re.compile(r"\b(?:NaN|undefined|null|Infinity|Invalid Date|Error)\b|\[object|Запрос не выполнен")


@pytest.mark.parametrize("path", every_path())
def test_page_shows_its_data(path: str, visit) -> None:
    facts = visit(path).facts

    assert len(facts.headings) == 1, f"{path}: one heading expected, found {facts.headings}"
    assert re.search("[А-Яа-яЁё]", facts.headings[0]), f"{path}: the heading is not Russian: {facts.headings}"
    assert not BROKEN.search(facts.text), f"{path}: {BROKEN.search(facts.text)}"
    assert "Период" in facts.footer, f"{path}: the run is not named"
    assert facts.language == "ru"

    marks = facts.marks
    assert all(count > 20 for count in marks["canvases"]), f"{path}: an empty chart, {marks}"
    assert len(marks["canvases"]) == marks["frames"], f"{path}: a chart was not drawn, {marks}"
    if path not in ("/method/", "/ab-planner/") and "В этом запуске таких клиентов нет" not in facts.text:
        assert marks["rows"] + marks["cells"] > 5, f"{path}: no marks, {marks}"
    assert all(rows > 0 for rows in facts.table_rows), f"{path}: an empty table, {facts.table_rows}"

    assert facts.width <= DESKTOP["width"], f"{path}: {facts.width} px wide"
    assert not facts.problems, f"{path}: {facts.problems}"


@pytest.mark.parametrize(
    "viewport",
    [DESKTOP, pytest.param(TABLET, marks=pytest.mark.slow), pytest.param(PHONE, marks=pytest.mark.slow)],
    ids=lambda viewport: str(viewport["width"]),
)
@pytest.mark.parametrize("path", every_path())
def test_page_fits_its_width(path: str, viewport: dict[str, int], visit) -> None:
    visited = visit(path)
    bad, width = visited.fit(viewport)
    assert not bad, "\n".join([path, *bad])
    assert width <= viewport["width"], f"{path}: {width} px wide"
    assert not visited.watch.problems, f"{path}: {visited.watch.problems}"


def test_bad_labels_are_found(open_page) -> None:
    page = open_page("/method/")
    page.evaluate(
        """() => document.querySelector('article').insertAdjacentHTML('afterbegin', `
            <p style="width: 3rem; overflow: hidden; white-space: nowrap">отрезано справа</p>
            <p style="width: 3rem; overflow: auto; white-space: nowrap">прокручивается вправо</p>
            <svg width="60" height="20"><text x="30" y="15">за краем рисунка</text></svg>
            <p style="width: 3rem; overflow-wrap: anywhere">разорванное</p>
            <p style="position: relative"><b>нижнее</b><i style="position: absolute; left: 8px">верхнее</i></p>
        `)"""
    )
    assert sorted(page.evaluate(FIND_BAD_LABELS)) == [
        "broken: «разорванное»",
        "cut off: «за краем рисунка»",
        "cut off: «отрезано справа»",
        "over each other: «нижнее» and «верхнее»",
    ]


def test_every_kind_of_page_is_built(site: str) -> None:
    kinds = {match.group(1) for match in map(ENTITY.match, PATHS) if match}
    assert kinds == {"portraits", "features"}, PATHS
    own = {"/what-if/", "/ab-planner/", "/clients/", "/forecast/", "/credibility/", "/evaluation/", "/method/"}
    assert {"/", "/portraits/", "/features/"} | own <= set(PATHS)


def test_built_html_refers_to_no_other_host(site: str) -> None:
    foreign = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+""")
    for file in BUILD.rglob("*.html"):
        assert not foreign.search(file.read_text(encoding="utf-8")), file


def test_unknown_address_has_a_russian_page(open_page) -> None:
    page = open_page("/features/no_such_feature_at_all/extra/")
    assert page.inner_text("h1") == "Страница не найдена"
    page.get_by_role("link", name="Перейти к обзору").click()
    page.wait_for_url("**/")
    assert page.inner_text("h1") == "Обзор"
