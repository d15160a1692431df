"""The report site built from a warehouse, for `lab.bench.run`: ``warehouse folder``; or its first page: ``site``.

The site is built in a copy of reports/ that shares the installed packages: the published site is not touched.
"""

import json
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from lab.bench.process import file_mib
from twinlab.develop.browser import find_chromium
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.tools.server import served
from twinlab.tools.site import build_site

_NODE_PACKAGES = "node_modules"
_MADE = (_NODE_PACKAGES, "build", ".build*", ".evidence", ".svelte-kit")
_OPENED = 3
"""Number of times the page is opened; the median counts."""
_PATIENCE_MS = 60_000

# Every chart is drawn, which needs the data and code of the page, and nothing is still loading.
_IS_DRAWN = """() => {
    const charts = [...document.querySelectorAll('article .trend')];
    return charts.length > 0 && charts.every((one) => one.querySelector('canvas, .empty'))
        && !document.querySelector('article .animate-pulse');
}"""


def copy_site(reports: Path, root: Path, warehouse: Path) -> Layout:
    """Copy the sources of the site, and link the packages.

    Parameters
    ----------
    reports : Path
        The Evidence project.
    root : Path
        Folder to copy it to; must not exist.
    warehouse : Path
        The DuckDB file of the copy.

    Returns
    -------
    Layout
        Of the copy.
    """
    shutil.copytree(reports, root / "reports", ignore=shutil.ignore_patterns(*_MADE))
    (root / "reports" / _NODE_PACKAGES).symlink_to((reports / _NODE_PACKAGES).resolve())
    return Layout(root, warehouse, root / "reference")


def size_mib(folder: Path) -> float:
    """Return the size of all files of a folder and its subfolders, MiB."""
    return sum(file_mib(path) for path in folder.rglob("*") if path.is_file())


def first_page_seconds(site: Path, reports: Path) -> float | None:
    """Open the first page in Chromium with nothing in its cache.

    Parameters
    ----------
    site : Path
        The built site.
    reports : Path
        The Evidence project, whose server shows it.

    Returns
    -------
    float or None
        Seconds until every chart is drawn, the median of some; None without Chromium or Playwright.
    """
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if chromium is None:
        return None
    with served(reports, site) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        seconds = [_open(browser, origin) for _ in range(_OPENED)]
        browser.close()
    return statistics.median(seconds)


def _open(browser: Any, origin: str) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    began = time.monotonic()
    page.goto(origin, wait_until="commit")
    page.wait_for_function(_IS_DRAWN, timeout=_PATIENCE_MS)
    seconds = time.monotonic() - began
    context.close()
    return seconds


def _build(warehouse: Path, root: Path) -> dict[str, float]:
    layout = copy_site(Layout.here().reports, root, warehouse)
    began = time.monotonic()
    with Progress("site") as progress:
        build_site(layout, warehouse, progress)
    return {"seconds": time.monotonic() - began, "size_mib": size_mib(layout.site)}


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps({"first_page_seconds": first_page_seconds(Path(sys.argv[1]), Layout.here().reports)}))
    else:
        print(json.dumps(_build(Path(sys.argv[1]), Path(sys.argv[2]))))
