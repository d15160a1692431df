"""The built site in a browser: ``make serve``, and the same server for programs that look at a site."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinlab.errors import UserError
from twinlab.layout import Layout

PORT = 3000
PORT_AT_MOST = 65535
_SERVER = "scripts/serve.mjs"


def serve(layout: Layout, port: str | None = None) -> int:
    """Serve the built site until interrupted.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    port : str, optional
        As typed: 1 to 65535; `PORT` by default.

    Returns
    -------
    int
        Exit status of the server.

    Raises
    ------
    UserError
        When the port is none, there is no site, or Node is missing.
    """
    number = (port or "").strip() or str(PORT)
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= PORT_AT_MOST):
        raise UserError(f"PORT={number!r} is not a port.", f"Allowed: a whole number from 1 to {PORT_AT_MOST}.")
    if not (layout.site / "index.html").is_file():
        raise UserError("there are no reports yet.", "Build them with `make run`.")
    # An interrupt is how a server is meant to end: Node gets it too, being of the same group.
    try:
        return subprocess.run(_command(layout.reports, layout.site, number), check=False).returncode
    except KeyboardInterrupt:
        return 0
    except FileNotFoundError as error:
        raise UserError("Node.js is missing.", "Run `make setup`: it says how to get it.") from error


@contextmanager
def served(reports: Path, site: Path) -> Iterator[str]:
    """Serve a site while a program looks at it.

    Parameters
    ----------
    reports : Path
        The Evidence project, its packages installed.
    site : Path
        The built site.

    Yields
    ------
    str
        Its address, on a free port of this machine.

    Raises
    ------
    RuntimeError
        When the server does not start; its own words are on standard error.
    """
    with subprocess.Popen(_command(reports, site, "0"), stdout=subprocess.PIPE, text=True) as server:
        try:
            # The first line: `reports: http://... (Ctrl-C ends)`.
            told = server.stdout.readline().split()
            if len(told) < 2:
                raise RuntimeError(f"the server of {site} did not start")
            yield told[1]
        finally:
            server.terminate()


def _command(reports: Path, site: Path, port: str) -> list[str]:
    return ["node", str(reports / _SERVER), str(site), port]
