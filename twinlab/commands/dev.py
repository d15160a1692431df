"""``make dev``: the pages with live reload, on the published warehouse."""

import os
import subprocess

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.site import site_environ
from twinlab.tools.system import program
from twinlab.warehouse.publish import require_published


def develop(layout: Layout) -> int:
    """Serve the pages until interrupted; return the exit status of the server.

    Raises
    ------
    UserError
        When nothing is published, or npm is missing.
    """
    require_published(layout.published)
    return _npm(layout, "sources") or _npm(layout, "dev")


def _npm(layout: Layout, script: str) -> int:
    environ = {**os.environ, **site_environ(layout, layout.published)}
    # A server ends by an interrupt; npm, in the same process group, gets it too.
    try:
        return subprocess.run([program("npm"), "run", script], cwd=layout.reports, env=environ, check=False).returncode
    except KeyboardInterrupt:
        return 0
    except FileNotFoundError as error:
        raise UserError("npm is missing.", "Run `make setup`: it says how to get it.") from error
