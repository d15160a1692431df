"""The side menu leads to every page, and choices on a page change its content."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.browser_settings import IS_SHOWN
from tests.browser.browser_site import PHONE, change, every_path, settle, site_paths

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MENU = "#site-menu"


def _menu_links(page, prefix: str) -> dict[str, str]:
    links = page.locator(f'{MENU} li a[href^="{prefix}"]').all()
    return {link.inner_text(): link.get_attribute("href") for link in links}


def test_each_feature_of_the_menu_opens_its_page(open_page, watch) -> None:
    page = open_page("/")
    features = _menu_links(page, "/features/")
    assert features, "the menu has no features"
    for label, href in features.items():
        page.click(f'{MENU} a[href="{href}"]')
        page.wait_for_url(f"**{href}")
        page.wait_for_function("label => document.querySelector('h1')?.innerText === label", arg=label)
        settle(page)
        assert page.locator("article svg.track circle").count() > 0, f"{label}: no reactions are shown"
        assert page.get_attribute(f'{MENU} a[href="{href}"]', "aria-current") == "page"
    assert not watch.problems, watch.problems


def test_menu_and_built_pages_are_the_same(open_page) -> None:
    page = open_page("/portraits/")
    addresses = {link.get_attribute("href") for link in page.locator(f"{MENU} a").all()}
    # A portrait without clients is missing from some lists, but has a page.
    assert addresses == set(site_paths())


@pytest.mark.parametrize("path", every_path())
def test_links_lead_somewhere(path: str, visit) -> None:
    known = set(site_paths())
    links = (
        visit(path).page.locator("article a[href]").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    )
    for link in set(links):
        address = urlsplit(link)
        assert not address.netloc, address
        assert not address.path or address.path in known, f"{path}: {address.path}"


def test_a_feature_leads_on_to_what_if_and_to_a_plan(open_page) -> None:
    path = next(path for path in site_paths() if path.startswith("/features/") and path != "/features/")
    code = path.removeprefix("/features/").strip("/")
    page = open_page(path)
    links = {link.get_attribute("href") for link in page.locator("article a").all()}
    assert {f"/what-if/#feature={code}", f"/ab-planner/#feature={code}"} <= links
    page.get_by_role("link", name="Спланировать пилот").click()
    page.wait_for_function(IS_SHOWN, arg=code)
    assert page.get_by_label("Фича", exact=True).input_value() == code


def test_phone_menu_opens_and_closes(open_page) -> None:
    page = open_page("/", PHONE)
    assert not page.is_visible(f"{MENU} nav")
    page.click(".site-toggle")
    assert page.is_visible(f"{MENU} nav")
    page.click(f'{MENU} a[href="/clients/"]')
    page.wait_for_url("**/clients/")
    page.wait_for_selector(f"{MENU} nav", state="hidden")


def test_measure_of_the_feature_heatmap(open_page, watch) -> None:
    page = open_page("/features/")
    cells = page.locator("article .scroll td")
    profit = cells.all_inner_texts()
    for measure in ("Реакция", "Отклик"):
        page.get_by_role("button", name=measure, exact=True).click()
        # The table is absent while its query runs.
        page.wait_for_function(
            "measure => document.querySelector('article .scroll .corner')?.innerText === measure", arg=measure
        )
        settle(page)
        assert len(cells.all_inner_texts()) == len(profit)
        assert cells.all_inner_texts() != profit
        assert "undefined" not in page.locator("article .legend").first.inner_text()
    assert not watch.problems, watch.problems


def test_a_heatmap_is_scrolled_in_its_own_box_by_keyboard(open_page) -> None:
    for path in ("/features/", "/portraits/"):
        page = open_page(path, PHONE)
        box = page.locator("article .scroll").first
        label = box.locator("tbody th").first
        before = label.bounding_box()["x"]
        box.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
        # The row headings stay in place, except for the space between cells.
        assert abs(label.bounding_box()["x"] - before) <= 2, path
        assert page.evaluate("window.scrollX") == 0, path


def test_what_fits_takes_no_focus(open_page) -> None:
    page = open_page("/portraits/")
    wanted = "all => all.map((one) => one.scrollWidth > one.clientWidth)"
    boxes = page.locator("article .scroll")
    focusable = boxes.evaluate_all("all => all.map((one) => one.tabIndex === 0)")
    assert focusable
    assert focusable == boxes.evaluate_all(wanted)


def test_client_type_filters_the_regions(open_page, watch) -> None:
    page = open_page("/clients/")
    values = page.locator("article .row-chart").first.locator(".value")
    everyone = values.all_inner_texts()
    page.get_by_role("button", name="Корпоративные").click()
    page.wait_for_function(
        "before => ![undefined, before].includes(document.querySelector('article .row-chart .value')?.innerText)",
        arg=everyone[0],
    )
    assert not watch.problems, watch.problems


def test_search_among_the_parameters(open_page, watch) -> None:
    page = open_page("/credibility/")
    groups = page.locator("article details:not(:has(.marker))")
    before = groups.count()
    page.get_by_label("Поиск по параметрам").fill("price_rub_per_l")
    page.wait_for_function("before => document.querySelectorAll('article details').length < before", arg=before)
    rows = page.locator("article details tbody tr").all_inner_texts()
    assert rows
    assert all("price_rub_per_l" in row for row in rows)
    assert page.locator("article details tbody tr").first.is_visible()
    page.get_by_label("Поиск по параметрам").fill("такого там нет")
    page.get_by_text("Ничего не найдено.", exact=True).wait_for()
    assert not watch.problems, watch.problems


def test_forecast_of_one_portrait(open_page, watch) -> None:
    path = next(path for path in site_paths() if path.startswith("/features/") and path != "/features/")
    page = open_page(path)
    drawn = "[...document.querySelectorAll('article .trend canvas')].at(-1)?.toDataURL()"
    everyone = page.evaluate(drawn)
    page.get_by_role("combobox").click()
    page.get_by_role("option").nth(1).click()
    page.keyboard.press("Escape")
    page.wait_for_function(f"before => ![undefined, before].includes({drawn})", arg=everyone)
    assert not watch.problems, watch.problems


def test_forecast_of_one_portrait_of_all_features(open_page, watch) -> None:
    page = open_page("/forecast/")
    figures = page.locator("article .figure .number")
    everyone = figures.all_inner_texts()
    _choose(page, "Портрет", _options(page, "Портрет")[1])
    assert figures.all_inner_texts()[:3] != everyone[:3]
    assert figures.all_inner_texts()[3:] == everyone[3:], "numbers of the feature have their own portrait"
    assert not watch.problems, watch.problems


def test_feature_and_quantity_of_the_forecast(open_page, watch) -> None:
    page = open_page("/forecast/")
    table = page.locator("article .table-container table:visible").filter(has_text="С фичей")
    revenue = table.inner_text()
    change(page, page.get_by_role("button", name="Визиты", exact=True).click)
    visits = table.inner_text()
    assert visits != revenue
    _choose(page, "Фича", _options(page, "Фича")[1])
    assert table.inner_text() != visits
    assert not watch.problems, watch.problems


def test_other_pair_of_portraits(open_page, watch) -> None:
    page = open_page("/portraits/")
    pair = page.locator("article .scroll table").filter(has_text="Разница, ст. откл.")
    before = pair.locator("thead th").all_inner_texts()
    chosen = next(name for name in _options(page, "Первый") if name not in before)
    _choose(page, "Первый", chosen)
    pair.get_by_role("link", name=chosen, exact=True).wait_for()
    assert pair.locator("thead th").all_inner_texts() == [before[0], chosen, *before[2:]]
    _choose(page, "Первый", before[2])
    page.get_by_text("Выбран один и тот же портрет").wait_for()
    assert pair.count() == 0
    assert not watch.problems, watch.problems


def _options(page, title: str) -> list[str]:
    """Return the names in the first dropdown with this title that are shown without scrolling."""
    page.get_by_role("combobox", name=title).first.click()
    page.get_by_role("option").first.wait_for()
    names = [name.strip() for name in page.get_by_role("option").all_inner_texts()]
    page.keyboard.press("Escape")
    page.get_by_role("option").first.wait_for(state="hidden")
    return names


def _choose(page, title: str, name: str) -> None:
    """Choose the option with this name in the first dropdown with this title."""
    page.get_by_role("combobox", name=title).first.click()
    change(page, page.get_by_role("option", name=name, exact=True).click)
    page.keyboard.press("Escape")
