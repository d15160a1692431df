"""``make dev`` and ``make docs``: looking at what the warehouse is made into."""

import os
import subprocess
from pathlib import Path

from twinlab.commands.run import published_parameters
from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.tools.dbt import run_dbt
from twinlab.tools.site import site_environ
from twinlab.warehouse.publish import building, copy_published, require_published


def develop(layout: Layout) -> int:
    """Serve the pages with live reload, on the published warehouse.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Returns
    -------
    int
        Exit status of the server.
    """
    require_published(layout.published)
    return _npm(layout, "sources") or _npm(layout, "dev")


def document(layout: Layout) -> Path:
    """Generate dbt's documentation as one page that opens without a server.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Returns
    -------
    Path
        The page.
    """
    parameters = published_parameters(layout.published)
    # dbt opens the warehouse for writing, so it gets a copy: people may be reading the published one.
    with building(layout, "make docs") as side, Progress("docs") as progress:
        copy_published(layout)
        run_dbt(layout, ["docs", "generate", "--static"], parameters, warehouse=side, progress=progress)
    return layout.dbt_project / "target" / "static_index.html"


def _npm(layout: Layout, script: str) -> int:
    environ = {**os.environ, **site_environ(layout, layout.published)}
    # An interrupt is how a server is meant to end: npm gets it too, being of the same group.
    try:
        return subprocess.run(["npm", "run", script], cwd=layout.reports, env=environ, check=False).returncode
    except KeyboardInterrupt:
        return 0
    except FileNotFoundError as error:
        raise UserError("npm is missing.", "Run `make setup`: it says how to get it.") from error
