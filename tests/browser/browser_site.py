"""The built site: where it lies, which pages it has, and what a page may not do while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "reports" / "build"
SERVER = ROOT / "reports" / "node_modules" / "serve" / "build" / "main.js"
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
PHONE = {"width": 390, "height": 844}
START_SECONDS = 30


def site_paths() -> list[str]:
    """Addresses of the built pages, the home page first; the home page alone when nothing is built."""
    pages = sorted("/" + str(file.parent.relative_to(BUILD)).strip(".") for file in BUILD.rglob("index.html"))
    return [page if page.endswith("/") else f"{page}/" for page in pages] or ["/"]


@dataclass
class Watch:
    """What a page did that it should not have done."""

    origin: str
    problems: list[str] = field(default_factory=list)

    def attach(self, page) -> None:
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))

    def _request(self, request) -> None:
        address = urlsplit(request.url)
        is_local = f"{address.scheme}://{address.netloc}" == self.origin
        if address.scheme not in ("data", "blob") and not is_local:
            self.problems.append(f"request beyond the site: {request.url}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.url}")

    def _console(self, message) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")


def settle(page) -> None:
    """Wait until nothing is loading and the charts have finished their entrance."""
    page.wait_for_function("!document.querySelector('article .animate-pulse')")
    page.wait_for_timeout(700)


def keep_screenshot(page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
