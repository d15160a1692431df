"""The site under unusual data.

hostile
    A twelfth portrait and a tenth feature, added in JSON alone, with long names full of markup, code and SQL; a feature
    without eligible clients, a huge loss and a profit of exactly zero. A real run of 300 clients (the one checked by
    tests/integration/test_edit_portraits.py), so that every page shows its experiments and truth under these names, and
    a site built from it: these names are also written into HTML and addresses.
own
    Nine days of own files without a pilot, in a folder and regions with such names; portraits with one client and with
    none. Separate from the first state, because without an experiment and truth most of what could break under a
    hostile name is not shown. A real run too, that of tests/integration/test_cli_run.py.
empty
    All tables of `marts` without rows, except portraits and features, of which the schemas require one each.

The code of the site does not depend on rows, so it is compiled only for the first state. The others are the pages of
the site in reports/build with other data and without what was queried at build time: the browser draws them from the
sources alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.browser.browser_settings import open_at, table_rows
from tests.browser.browser_site import (
    BUILD,
    DESKTOP,
    PHONE,
    ROOT,
    SPILLS,
    WIDTH,
    PageFacts,
    Watch,
    keep_screenshot,
    open_page_of,
    page_name,
    read_facts,
    settle,
    site_paths,
)
from tests.browser.test_pages import BROKEN, ENTITY
from tests.unusual import FEATURES, LONG, MARKUP, OWN_NAME, REGIONS
from twinlab.develop.rehearsal import copy_checkout, link_installed
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.tools.site import build_site, site_environ

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TENTH, FOR_NOBODY = (feature["label_ru"] for feature in FEATURES)
NEVER_EMPTY = ("dim_features", "dim_portraits")
# Elements created from data that was interpreted as HTML.
INJECTED_ELEMENTS = """document.querySelectorAll('[onerror], img:not([src$=".svg"]), [href^="javascript:"]').length"""


@dataclass(frozen=True)
class Visit:
    """A page as read on a wide screen, with its folded parts unfolded, and then on a phone."""

    facts: PageFacts
    menu: dict[str, str]
    notices: list[str]
    injected_elements: int
    spills: list[str]
    phone_width: int
    phone_spills: list[str]
    problems: list[str]

    @property
    def text(self) -> str:
        return self.facts.text

    def faults(self) -> list[str]:
        """Return what no page may do, whatever its data."""
        broken = BROKEN.findall(self.text)
        return [
            *self.problems,
            *(f"shows {word}" for word in broken),
            *(["no heading of its own"] if len(self.facts.headings) != 1 or not self.facts.headings[0] else []),
            *(["data became elements"] if self.injected_elements else []),
            *([f"{self.facts.width} px wide"] if self.facts.width > DESKTOP["width"] else []),
            *([f"{self.phone_width} px wide on a phone"] if self.phone_width > PHONE["width"] else []),
            *(f"spills: {text}" for text in self.spills),
            *(f"spills on a phone: {text}" for text in self.phone_spills),
        ]


@dataclass(frozen=True)
class Site:
    """A built site: its address, its pages and the visits to them."""

    origin: str
    paths: list[str]
    visits: dict[str, Visit]

    def faults(self) -> dict[str, list[str]]:
        return {path: visit.faults() for path, visit in self.visits.items() if visit.faults()}


@pytest.fixture(scope="module")
def walk(browser, serve):
    """Return `walk(name, build, chosen)`: visits to a built site, for portraits and features the chosen ones."""

    def walk_all(name: str, build: Path, chosen: set[str]) -> Site:
        origin, paths = serve(build), site_paths(build)
        context = browser.new_context(viewport=DESKTOP, locale="ru-RU", base_url=origin, reduced_motion="reduce")
        read = [path for path in paths if path in chosen or not ENTITY.match(path)]
        visits = {path: _visit(context, origin, path, name) for path in read}
        context.close()
        return Site(origin, paths, visits)

    return walk_all


def _visit(context, origin: str, path: str, name: str) -> Visit:
    watch = Watch(origin)
    page = open_page_of(context, path, watch)
    # The rows of the frame come last if the browser has to query them.
    page.wait_for_selector("#site-menu li a")
    page.wait_for_function("document.querySelector('footer p')?.innerText")
    shot = f"{name}-{page_name(path)}"
    keep_screenshot(page, f"{shot}-{DESKTOP['width']}")
    menu = {link.get_attribute("href"): link.inner_text() for link in page.locator("#site-menu a").all()}
    notices = page.locator("article :is(.empty, .callout)").all_inner_texts()
    facts = read_facts(page, watch)
    spills = page.evaluate(SPILLS)
    page.set_viewport_size(PHONE)
    settle(page)
    keep_screenshot(page, f"{shot}-{PHONE['width']}")
    phone_width, phone_spills = page.evaluate(WIDTH), page.evaluate(SPILLS)
    injected = page.evaluate(INJECTED_ELEMENTS)
    page.close()
    return Visit(facts, menu, notices, injected, spills, phone_width, phone_spills, watch.problems)


@pytest.fixture(scope="module")
def new_layout(tmp_path_factory):
    """Return `new_layout(name, warehouse)`: a copy of the checkout for the site of a copied warehouse."""

    def copy(name: str, warehouse: Path) -> Layout:
        folder = tmp_path_factory.mktemp(name)
        layout = Layout(folder / "project", Path(shutil.copy(warehouse, folder)), ROOT / "data" / "reference")
        copy_checkout(ROOT, layout.root)
        link_installed(ROOT, layout.root)
        return layout

    return copy


def _with_other_data(site: Path, layout: Layout) -> Path:
    """Return the pages of a built site on the warehouse of a layout."""
    subprocess.run(
        ["npm", "run", "--silent", "sources"],
        cwd=layout.reports,
        env=os.environ | site_environ(layout, layout.published),
        check=True,
        timeout=300,
        capture_output=True,
    )
    build = layout.root / "build"
    shutil.copytree(site, build, ignore=shutil.ignore_patterns("data", "prerendered_queries"))
    shutil.copytree(layout.reports / ".evidence" / "template" / "static" / "data", build / "data")
    for queries in build.rglob("all-queries.json"):
        queries.write_text("{}")
    for page in build.rglob("index.html"):
        shutil.copy(build / "404.html", page)
    return build


@pytest.fixture(scope="module")
def hostile(unusual, new_layout, walk) -> Site:
    layout = new_layout("hostile", unusual.warehouse)
    zeros = ", ".join(f"profit_rub_per_month{end} = 0" for end in ("", "_low", "_high"))
    with duckdb.connect(str(layout.published)) as connection:
        for table in ("mart_feature_metrics", "mart_feature_portrait_metrics"):
            connection.execute(f"update marts.{table} set {zeros} where feature_code = 'free_coffee'")
    with Progress("site") as progress:
        build_site(layout, layout.published, progress)
    chosen = {"/portraits/veteran/", "/features/tenth/", "/features/for_nobody/", "/features/free_coffee/"}
    return walk("hostile", layout.site, chosen)


@pytest.fixture(scope="module")
def own(own_run, new_layout, walk) -> Site:
    checkout, _ = own_run
    chosen = {"/portraits/freight/", "/portraits/eco/", "/features/free_coffee/", "/features/fuel_discount/"}
    return walk("own", _with_other_data(BUILD, new_layout("own", checkout.published)), chosen)


@pytest.fixture(scope="module")
def empty(new_layout, walk) -> Site:
    layout = new_layout("empty", ROOT / "data" / "twinlab.duckdb")
    with duckdb.connect(str(layout.published)) as connection:
        tables = connection.sql("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        for (table,) in tables:
            if table not in NEVER_EMPTY:
                connection.execute(f"delete from marts.{table}")
    return walk("empty", _with_other_data(BUILD, layout), {"/portraits/freight/", "/features/free_coffee/"})


def test_every_page_works_with_hostile_names(hostile: Site) -> None:
    assert hostile.faults() == {}


def test_new_portraits_and_features_need_json_only(hostile: Site) -> None:
    assert {"/portraits/veteran/", "/features/tenth/", "/features/for_nobody/"} <= set(hostile.paths)
    menu = hostile.visits["/portraits/"].menu
    assert set(menu) == set(hostile.paths)
    assert (menu["/portraits/veteran/"], menu["/features/tenth/"]) == (LONG, TENTH)


def test_hostile_texts_are_shown_as_written(hostile: Site) -> None:
    for path, label in (("/portraits/veteran/", LONG), ("/features/tenth/", TENTH)):
        visit = hostile.visits[path]
        assert visit.facts.headings == [label]
        assert visit.text.count(MARKUP) > 1, f"{path}: {visit.text}"
    for path in ("/", "/portraits/", "/features/", "/what-if/"):
        assert MARKUP in hostile.visits[path].text, path


def test_a_feature_for_nobody_and_a_profit_of_zero_are_shown(hostile: Site) -> None:
    assert hostile.visits["/features/for_nobody/"].text.count("Эту фичу некому предложить.") > 1
    profit = hostile.visits["/features/free_coffee/"].text.split("Прибыль в месяц\n", 1)[1]
    assert profit.split("\n", 1)[0] == "0\u00a0₽"


def test_hostile_names_can_be_chosen(hostile: Site, browser) -> None:
    context = browser.new_context(viewport=DESKTOP, locale="ru-RU", base_url=hostile.origin, reduced_motion="reduce")
    watch = Watch(hostile.origin)
    page = open_page_of(context, "/what-if/", watch)
    page.select_option("#what_if-feature", "tenth")
    page.get_by_text("выбранным").click()
    page.check('input[value="veteran"]')
    page.wait_for_function("document.querySelector('.answer')?.innerText.includes('Десятая')")
    page = open_page_of(context, "/ab-planner/", watch)
    open_at(page, "tenth")
    assert LONG in table_rows(page)
    assert page.evaluate(INJECTED_ELEMENTS) == 0
    open_at(page, "for_nobody")
    assert page.inner_text("article .answer") == "Эту фичу некому предложить."
    assert page.get_by_text("Для этой фичи нужное число клиентов не сосчитать.").is_visible()
    context.close()
    assert not watch.problems, watch.problems


def test_every_page_works_with_own_data(own: Site) -> None:
    assert own.faults() == {}


def test_own_data_explains_empty_pages(own: Site) -> None:
    reasons = {
        "/": "Своего эксперимента в данных нет: реакции — сценарий по правилам",
        "/portraits/": "Переходов нет: история короче двух месяцев",
        "/features/": "Эксперимента в этих данных нет: числа следуют из правил поведения",
        "/features/free_coffee/": "Испытания этой фичи не было: выбирать отдельных клиентов не по чему.",
        "/what-if/": "Сценарий по правилам: эксперимента с этой фичей в данных нет",
        "/credibility/": "Здесь свои данные: ничего синтетического в них нет",
        "/evaluation/": "Здесь свои данные: кто к какому портрету относится на самом деле, не знает никто",
        "/method/": "Своего эксперимента в данных нет",
    }
    assert {path: reason for path, reason in reasons.items() if reason not in own.visits[path].text} == {}


def test_portraits_with_one_client_and_with_none_are_shown(own: Site) -> None:
    lorry = own.visits["/portraits/freight/"].text
    assert lorry.split("Клиентов\n", 1)[1].split("\n", 1)[0] == "1"
    assert "В этом запуске таких клиентов нет" in own.visits["/portraits/eco/"].text


def test_names_of_own_files_are_shown_as_written(own: Site) -> None:
    regions = own.visits["/clients/"].text
    assert [region for region in REGIONS if region not in regions] == []
    assert "Регион неизвестен" in regions
    assert all(OWN_NAME in visit.facts.footer for visit in own.visits.values())


def test_every_page_works_with_empty_marts(empty: Site) -> None:
    assert empty.faults() == {}


def test_empty_marts_are_reported(empty: Site) -> None:
    assert [path for path, visit in empty.visits.items() if not visit.notices] == []
