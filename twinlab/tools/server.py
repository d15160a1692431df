"""The server of the built site: for ``make serve``, tests and benchmarks."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.system import program

PORT = 3000
PORT_AT_MOST = 65535
_SERVER = "scripts/serve.mjs"


def checked_port(typed: str | None) -> int:
    """Return a port as a number; None or empty text means `PORT`.

    Raises
    ------
    UserError
        When it is not a whole number from 1 to 65535.
    """
    text = (typed or "").strip() or str(PORT)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= PORT_AT_MOST):
        raise UserError(f"PORT={text!r} is not a port.", f"Allowed: a whole number from 1 to {PORT_AT_MOST}.")
    return int(text)


def serve(layout: Layout, port: int) -> int:
    """Serve the built site until interrupted.

    Returns
    -------
    int
        Exit status of the server.

    Raises
    ------
    UserError
        When there is no site, or Node.js is missing.
    """
    if not (layout.site / "index.html").is_file():
        raise UserError("there are no reports yet.", "Build them with `make run`.")
    # A server ends by an interrupt; Node.js, in the same process group, gets it too.
    try:
        return subprocess.run(_command(layout.reports, layout.site, port), check=False).returncode
    except KeyboardInterrupt:
        return 0
    except FileNotFoundError as error:
        raise UserError("Node.js is missing.", "Run `make setup`: it says how to get it.") from error


@contextmanager
def served(reports: Path, site: Path) -> Iterator[str]:
    """Serve a site on a free port while a block runs.

    Parameters
    ----------
    reports : Path
        The Evidence project, with its packages installed.
    site : Path
        The built site.

    Yields
    ------
    str
        Its address.

    Raises
    ------
    RuntimeError
        When the server does not start; its message is on standard error.
    """
    with subprocess.Popen(_command(reports, site, 0), stdout=subprocess.PIPE, text=True) as server:
        try:
            # The first line: `reports: http://... (Ctrl-C ends)`.
            words = server.stdout.readline().split() if server.stdout else []
            if len(words) < 2:
                raise RuntimeError(f"the server of {site} did not start")
            yield words[1]
        finally:
            server.terminate()


def _command(reports: Path, site: Path, port: int) -> list[str]:
    return [program("node"), str(reports / _SERVER), str(site), str(port)]
