"""The weight of the built site: what is bundled and never shown, or loaded and never asked, slows down every page."""

import re

import pytest

from tests.browser.browser_site import BUILD, REPORTS

# 1,847,275 when this was written. A library that slips in whole (all charts, all icons) adds more than what is left.
MOST_BYTES_OF_THE_FIRST_LOAD = 2_000_000


@pytest.fixture(scope="module")
def chunks():
    """Return the scripts of the built site by path."""
    found = {file.relative_to(BUILD).as_posix(): file.read_text(encoding="utf-8") for file in BUILD.rglob("*.js")}
    assert found, "There is no built site in reports/build: run `make run`."
    return found


def test_the_first_load_of_the_home_page_is_light(chunks):
    home = (BUILD / "index.html").read_text(encoding="utf-8")
    loaded = {*re.findall(r'_app/immutable/[^"\s]+\.(?:js|css)', home)}
    assert {name for name in loaded if name.endswith(".js")} <= chunks.keys()
    assert sum((BUILD / name).stat().st_size for name in loaded) < MOST_BYTES_OF_THE_FIRST_LOAD


def test_no_pack_of_icons_is_bundled(chunks):
    pack = (REPORTS / "node_modules/@steeze-ui/simple-icons/dist/index.js").read_text(encoding="utf-8")
    logo = re.search(r'^export const Github = .*?"d": "([^"]{50,})"', pack, re.MULTILINE)[1]
    assert not [name for name, text in chunks.items() if logo in text]


def test_there_is_one_engine_and_the_fonts_in_use():
    engines = [file.name.split(".")[0] for file in BUILD.rglob("*.wasm")]
    assert engines == ["duckdb-eh"]
    fonts = {file.name.split(".")[0] for file in BUILD.rglob("*.woff*")}
    assert fonts == {"Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Inter-Bold"}


@pytest.mark.parametrize(("path", "asks"), [("/", False), ("/clients/", False), ("/features/free_coffee/", True)])
def test_the_engine_is_loaded_by_pages_that_ask_for_rows(visit, path, asks):
    loaded = "() => Symbol.for('EVIDENCE_QUERY_ENGINE') in window"
    visited = visit(path)
    assert visited.facts.problems == []
    assert visited.page.evaluate(loaded) is asks
