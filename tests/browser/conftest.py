"""The built site in a real browser: served from reports/build by the server of `make serve`, opened in Chromium.

Nothing is skipped: without Chromium or a built site the tests fail and name the command to run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from tests.browser.browser_site import (
    BUILD,
    CHROMIUM_ARGS,
    CHROMIUM_NAMES,
    DESKTOP,
    PHONE,
    REPORTS,
    ROOT,
    TABLET,
    Visit,
    Watch,
    fold,
    open_page_of,
    read_facts,
)
from twinlab.tools.server import served

VISITS_AT_MOST = 4


@pytest.fixture(scope="session")
def chromium_path() -> str:
    named = os.environ.get("TWINLAB_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found or not Path(found).exists():
        pytest.fail(
            f"Chromium was not found ({named or ', '.join(CHROMIUM_NAMES)}): "
            "run `make browser`, or name it in TWINLAB_CHROMIUM.",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="session")
def serve() -> Iterator:
    """Return `serve(folder)`: the address of a built site on a free local port."""
    if not (REPORTS / "node_modules").exists():
        pytest.fail("The packages of reports/ are not installed: run `make setup`.", pytrace=False)
    with ExitStack() as stack:
        yield lambda build: stack.enter_context(served(REPORTS, build))


@pytest.fixture(scope="session")
def site(serve) -> str:
    """Return the address of the site in reports/build."""
    if not (BUILD / "index.html").exists():
        pytest.fail("There is no built site in reports/build: run `make run`.", pytrace=False)
    return serve(BUILD)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail("Playwright is not installed: run `make setup-dev`.", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a read-only connection to the warehouse that the site was built from."""
    path = Path(os.environ.get("TWINLAB_DUCKDB", ROOT / "data" / "twinlab.duckdb"))
    if not path.exists():
        pytest.fail(f"There is no warehouse {path}: run `make run`.", pytrace=False)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture
def watch(site: str) -> Watch:
    return Watch(site)


@pytest.fixture(scope="session")
def contexts(browser, site: str) -> dict[int, object]:
    """Return one browser context per screen width, so that tests share its cache; nothing on its pages moves."""
    return {
        viewport["width"]: browser.new_context(
            viewport=viewport, locale="ru-RU", base_url=site, reduced_motion="reduce"
        )
        for viewport in (DESKTOP, TABLET, PHONE)
    }


@pytest.fixture(scope="session")
def visit(contexts, site: str) -> Iterator:
    """Return `visit(path)`: an open page that tests share, so they only read it; the last few are kept open."""
    known: dict[str, Visit] = {}

    def visit_page(path: str) -> Visit:
        if path not in known:
            if len(known) == VISITS_AT_MOST:
                known.pop(next(iter(known))).page.close()
            watch = Watch(site)
            page = open_page_of(contexts[DESKTOP["width"]], path, watch)
            known[path] = Visit(page, read_facts(page, watch), watch)
            fold(page)
        return known[path]

    yield visit_page
    for visited in known.values():
        visited.page.close()


@pytest.fixture
def open_page(contexts, watch: Watch) -> Iterator:
    """Return `open_page(path, viewport)`: a page of the test's own, with its data and charts drawn."""
    pages = []

    def open_at(path: str, viewport: dict[str, int] = DESKTOP):
        pages.append(open_page_of(contexts[viewport["width"]], path, watch))
        return pages[-1]

    yield open_at
    for page in pages:
        page.close()
