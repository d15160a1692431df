"""The built site in a real browser: served from reports/build by the server that `make serve` uses, read by Chromium.

Nothing here is skipped: without Chromium or without a built site the tests fail and say which command to run.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_site import BUILD, CHROMIUM_ARGS, CHROMIUM_NAMES, DESKTOP, SERVER, START_SECONDS, Watch, settle


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
def site() -> Iterator[str]:
    """Address of the built site on a free local port."""
    if not (BUILD / "index.html").exists():
        pytest.fail("There is no built site in reports/build: run `make run`.", pytrace=False)
    if not SERVER.exists():
        pytest.fail("The packages of reports/ are not installed: run `make setup`.", pytrace=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    listen = ["--listen", f"tcp://127.0.0.1:{port}", "--no-clipboard", "--no-port-switching"]
    server = subprocess.Popen(
        ["node", str(SERVER), str(BUILD), *listen, "--no-request-logging"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(origin, server)
        yield origin
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(origin: str, server: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(origin, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The site's server did not answer on {origin}.", pytrace=False)


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


@pytest.fixture
def watch(site: str) -> Watch:
    return Watch(site)


@pytest.fixture
def open_page(browser, site: str, watch: Watch) -> Iterator:
    """`open_page(path, viewport)`: the page with its data and charts drawn."""
    contexts = []

    def open_at(path: str, viewport: dict[str, int] = DESKTOP):
        context = browser.new_context(viewport=viewport, locale="ru-RU", base_url=site)
        contexts.append(context)
        page = context.new_page()
        watch.attach(page)
        page.goto(path, wait_until="networkidle")
        settle(page)
        return page

    yield open_at
    for context in contexts:
        context.close()
