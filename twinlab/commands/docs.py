"""``make docs``: dbt's documentation of the published warehouse."""

from pathlib import Path

from twinlab.commands.run import published_parameters
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.tools.dbt import run_dbt
from twinlab.warehouse.publish import building, copy_published


def document(layout: Layout) -> Path:
    """Generate the documentation as one page that opens without a server; return the page.

    Raises
    ------
    UserError
        When nothing is published, or dbt fails.
    """
    parameters = published_parameters(layout.published)
    # dbt opens the warehouse for writing, so it gets a copy: people may be reading the published one.
    with building(layout, "make docs") as side, Progress("docs") as progress:
        copy_published(layout)
        run_dbt(layout, ["docs", "generate", "--static"], parameters, warehouse=side, progress=progress)
    return layout.dbt_project / "target" / "static_index.html"
