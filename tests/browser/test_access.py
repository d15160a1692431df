"""Accessibility: no violation of WCAG 2 A and AA found by axe, and everything works by keyboard."""

from __future__ import annotations

import pytest

from tests.browser.browser_site import PHONE, ROOT, every_path, fold, paths_of_each_kind, unfold

pytestmark = pytest.mark.browser

AXE = ROOT / "reports" / "node_modules" / "axe-core" / "axe.min.js"

RUN_AXE = """async () => {
    const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
    const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
    const detail = ({ target, any, html }) => `${target.join(' ')} | ${html.slice(0, 120)} | ${any[0]?.message ?? ''}`;
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${detail(node)}`));
}"""

# From now on marks each element that gets the focus, and remembers those without an outline. `ended` becomes true
# when the focus comes to an element again, or leaves the page.
WATCH_FOCUS = """() => {
    window.focused = { count: 0, unseen: [], ended: false };
    addEventListener('focusin', ({ target }) => {
        if (target.dataset.reached) focused.ended = true;
        if (focused.ended) return;
        target.dataset.reached = 'yes';
        focused.count += 1;
        const { outlineStyle, outlineWidth } = getComputedStyle(target);
        if (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) return;
        const name = (target.getAttribute('aria-label') || target.innerText || target.value || '').trim();
        focused.unseen.push(`${target.localName} «${name.slice(0, 60)}»`);
    });
    addEventListener('blur', () => (focused.ended = true));
}"""

# What a mouse can use and the Tab key did not reach: controls, and scrollable boxes without a control inside.
UNREACHED = """() => {
    const controls = ['a[href]', 'button:not(:disabled)', 'input:not(:disabled)', 'select', 'textarea', 'summary',
        '[role="slider"]', '[role="combobox"]'].join(', ');
    const isShown = (element) =>
        element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert], [aria-hidden="true"]');
    // In a group of radio buttons only the checked one is a tab stop; the others are reached by arrow keys.
    const isStop = (element) => isShown(element) && !(element.type === 'radio' && !element.checked);
    const scrolls = (overflow, size, room) => ['auto', 'scroll'].includes(overflow) && size > room + 1;
    const isScrolled = (element) => {
        const { overflowX, overflowY } = getComputedStyle(element);
        return scrolls(overflowX, element.scrollWidth, element.clientWidth)
            || scrolls(overflowY, element.scrollHeight, element.clientHeight);
    };
    const name = (element) =>
        `${element.localName}.${element.className} «${(element.innerText || '').trim().slice(0, 40)}»`;
    const missed = [...document.querySelectorAll(controls)]
        .filter((element) => isStop(element) && !element.dataset.reached)
        .map((element) => `not reached: ${name(element)}`);
    const stuck = [...document.querySelectorAll('body *')]
        .filter((element) => isScrolled(element) && isShown(element))
        .filter((element) => !element.matches('[data-reached]') && !element.querySelector('[data-reached]'))
        .map((element) => `cannot be scrolled: ${name(element)}`);
    return [...missed, ...stuck];
}"""

MOST_STOPS = 700


@pytest.mark.parametrize("path", every_path())
def test_no_violation_that_axe_finds(path: str, visit) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is not installed: run `make setup-dev`.", pytrace=False)
    page = visit(path).page
    unfold(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate(RUN_AXE)
    fold(page)
    assert not violations, "\n".join([path, *violations])


def test_no_violation_in_an_opened_list(open_page) -> None:
    page = open_page("/forecast/")
    box = page.get_by_role("combobox").first
    assert box.get_attribute("aria-expanded") == "false"
    box.press("Enter")
    page.get_by_role("option").first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", paths_of_each_kind())
def test_everything_is_reached_by_the_tab_key(path: str, open_page) -> None:
    page = open_page(path)
    page.evaluate(WATCH_FOCUS)
    for number in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if number % 10 == 9 and page.evaluate("focused.ended"):
            break
    else:
        pytest.fail(f"{path}: more than {MOST_STOPS} stops")
    stops, unseen = page.evaluate("[focused.count, focused.unseen]")
    assert stops > 10, path
    assert not unseen, f"{path}: no outline on {unseen}"
    unreached = page.evaluate(UNREACHED)
    assert not unreached, "\n".join([path, *unreached])


def test_the_first_stop_leads_past_the_menu(open_page) -> None:
    page = open_page("/clients/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "К содержанию"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_a_table_is_sorted_and_followed_by_keyboard(open_page) -> None:
    page = open_page("/features/")
    table = page.locator("article .table-container table:visible").first
    heading = table.get_by_role("columnheader", name="Фича")
    heading.focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    names = [name.strip() for name in table.locator("tr td:first-child").all_inner_texts()]
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "descending"
    assert [name.strip() for name in table.locator("tr td:first-child").all_inner_texts()] == names[::-1]
    table.locator("tr:has(td)").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("name => document.querySelector('h1')?.innerText === name", arg=names[-1])


def test_escape_closes_the_phone_menu_and_returns_to_its_button(open_page) -> None:
    page = open_page("/", PHONE)
    page.focus(".site-toggle")
    page.keyboard.press("Enter")
    assert page.is_visible("#site-menu nav")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.is_visible("#site-menu nav")
    assert page.evaluate("document.activeElement.className.includes('site-toggle')")
