"""The built site: its location and pages, how they are opened and read, and what they must not do meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.browser_labels import FIND_BAD_LABELS

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports"
BUILD = REPORTS / "build"
ARTIFACTS = Path(__file__).with_name(".artifacts")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
# Generous, because several browsers and builds share the machine.
PATIENCE_MS = 60_000


# The page runs, no part of it waits for data or moves, and every chart is drawn.
IS_SETTLED = """() =>
    'ready' in document.documentElement.dataset
    && document.getElementById('content').getAttribute('aria-busy') !== 'true'
    && !document.querySelector('article .animate-pulse')
    && !document.getAnimations().some((one) => one.playState === 'running')
    && [...document.querySelectorAll('article .trend')].every((one) => one.matches('[data-drawn], :has(.empty)'))"""
NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
WIDTH = "document.documentElement.scrollWidth"
COUNT_ROWS = "[...document.querySelectorAll('article .table-container table')].map((one) => one.rows.length - 1)"

# Texts that are displayed or read aloud: text nodes outside code, and attributes.
READ_TEXTS = """() => {
    const skipped = 'code, pre, .code, script, style, noscript, [hidden]';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!element || element.closest(skipped)) continue;
        const text = walker.currentNode.data.trim();
        if (text && element.getClientRects().length) texts.push(text);
    }
    for (const element of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]'))
        for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
            if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
    return [document.title, ...texts];
}"""

# Counts pixels of the series' colours on each canvas, marks of the row charts, and coloured cells of the heatmaps.
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
        frames: document.querySelectorAll('article .trend:not(:has(.empty))').length
    };
}"""


# Unfolds what is folded, marks it, and returns how much that was.
UNFOLD = """() => {
    const folded = 'article button[aria-expanded="false"]:has(.marker)';
    const buttons = [...document.querySelectorAll(folded)];
    const details = [...document.querySelectorAll('article details:not([open]), footer details:not([open])')];
    for (const button of buttons) button.click();
    for (const one of details) one.open = true;
    for (const one of [...buttons, ...details]) one.dataset.unfolded = '';
    return buttons.length + details.length;
}"""
FOLD = """() => {
    for (const one of [...document.querySelectorAll('[data-unfolded]')].reverse()) {
        if (one.matches('button')) one.click();
        else one.open = false;
        delete one.dataset.unfolded;
    }
}"""


# Finds overflow: cells, labels and buttons smaller than their content, and text beyond the right edge of the page
# outside scrollable boxes.
SPILLS = """() => {
    const boxes = 'th, td, dt, dd, li, label, button, h1, figcaption, .label, .value, .note, .number, .callout, .empty';
    const shown = [...document.querySelectorAll('article, #site-menu')].filter((one) => one.getClientRects().length);
    const scrolls = (one) => /auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX);
    const name = (one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 60)}`;
    const spills = [];
    for (const frame of shown) {
        for (const box of frame.querySelectorAll(boxes))
            if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth && !scrolls(box)) spills.push(name(box));
        const edge = Math.min(frame.getBoundingClientRect().right, innerWidth) + 1;
        const walker = document.createTreeWalker(frame, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            if (!walker.currentNode.data.trim()) continue;
            const range = document.createRange();
            range.selectNodeContents(walker.currentNode);
            if (![...range.getClientRects()].some((part) => part.width && part.right > edge)) continue;
            let holder = walker.currentNode.parentElement;
            while (holder !== frame && !scrolls(holder)) holder = holder.parentElement;
            if (holder === frame) spills.push(`beyond the page: ${name(walker.currentNode.parentElement)}`);
        }
    }
    return [...new Set(spills)];
}"""


def site_paths(build: Path = BUILD) -> list[str]:
    """Return the addresses of the built pages, home page first; the home page alone if nothing is built."""
    pages = sorted("/" + str(file.parent.relative_to(build)).strip(".") for file in build.rglob("index.html"))
    return [page if page.endswith("/") else f"{page}/" for page in pages] or ["/"]


def paths_of_each_kind() -> list[str]:
    """Return the addresses of the single pages, and of one page of each kind that exists per portrait or feature."""
    kinds: dict[str, str] = {}
    for path in site_paths():
        parts = path.strip("/").split("/")
        kinds.setdefault(f"{parts[0]}/*" if len(parts) > 1 else path, path)
    return list(kinds.values())


def every_path(section: str = "") -> list:
    """Return the addresses of all pages, or of a section's, as parameters; `make test` takes one of each kind."""
    few = paths_of_each_kind()
    paths = [path for path in site_paths() if not section or re.fullmatch(f"/{section}/[^/]+/", path)]
    return [pytest.param(path, marks=() if path in few else pytest.mark.slow) for path in paths]


@dataclass
class Watch:
    """Collects what a page must not do: failed or external requests, errors, dialogs."""

    origin: str
    problems: list[str] = field(default_factory=list)

    def attach(self, page) -> None:
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        page.on("dialog", self._dialog)

    def _request(self, request) -> None:
        address = urlsplit(request.url)
        is_local = f"{address.scheme}://{address.netloc}" == self.origin
        if address.scheme not in ("data", "blob") and not is_local:
            self.problems.append(f"request to another site: {request.url}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.url}")

    def _dialog(self, dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")


@dataclass(frozen=True)
class PageFacts:
    """Facts about a page, read in one visit."""

    headings: list[str]
    text: str
    footer: str
    language: str
    width: int
    marks: dict
    table_rows: list[int]
    visible_texts: list[str]
    problems: list[str]


@dataclass(frozen=True)
class Visit:
    """A page that is opened once for many tests to read. Each leaves it folded and as wide as a desktop."""

    page: Any
    facts: PageFacts
    watch: Watch

    def fit(self, viewport: dict[str, int]) -> tuple[list[str], int]:
        """Return the unreadable texts at a width, folded and unfolded, and how wide the page is there."""
        self.page.set_viewport_size(viewport)
        settle(self.page)
        keep_screenshot(self.page, f"{page_name(urlsplit(self.page.url).path)}-{viewport['width']}")
        bad = self.page.evaluate(FIND_BAD_LABELS)
        unfold(self.page)
        bad += self.page.evaluate(FIND_BAD_LABELS)
        width = self.page.evaluate(WIDTH)
        fold(self.page)
        self.page.set_viewport_size(DESKTOP)
        settle(self.page)
        return list(dict.fromkeys(bad)), width


def read_facts(page, watch: Watch) -> PageFacts:
    """Read an open page, with visible texts of all parts unfolded, and leave it unfolded."""
    before = {
        "headings": page.locator("h1").all_inner_texts(),
        "text": page.inner_text("article"),
        "footer": page.inner_text("footer"),
        "language": page.get_attribute("html", "lang"),
        "width": page.evaluate(WIDTH),
        "marks": page.evaluate(COUNT_MARKS),
        "table_rows": page.evaluate(COUNT_ROWS),
    }
    unfold(page)
    return PageFacts(**before, visible_texts=page.evaluate(READ_TEXTS), problems=list(watch.problems))


def open_page_of(context, path: str, watch: Watch):
    """Open a page and wait for its data and charts."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    watch.attach(page)
    page.goto(path)
    settle(page)
    return page


def settle(page) -> None:
    """Wait until nothing is loading or moving and the charts are drawn."""
    page.evaluate(NEXT_FRAMES)
    page.wait_for_function(IS_SETTLED)
    page.evaluate(NEXT_FRAMES)


def change(page, act: Callable[[], object]) -> None:
    """Do what gives the page other data, and wait until it shows them."""
    text = "document.querySelector('article').textContent"
    before = page.evaluate(text)
    act()
    page.wait_for_function(f"before => {text} !== before", arg=before)
    settle(page)


def unfold(page) -> None:
    """Open every folded part of a page, including nested ones, and wait until they are rendered."""
    while page.evaluate(UNFOLD):
        settle(page)


def fold(page) -> None:
    """Close what `unfold` opened."""
    page.evaluate(FOLD)
    settle(page)


def keep_screenshot(page, name: str) -> None:
    """Take a picture to look at, if the environment asks for it."""
    if not os.environ.get("TWINLAB_SCREENSHOTS"):
        return
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


def page_name(path: str) -> str:
    return path.strip("/").replace("/", "-") or "index"
