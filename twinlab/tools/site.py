"""Build of the report site. npm builds it next to the last good one and swaps both (reports/scripts)."""

import os
import re
from pathlib import Path

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.tools.dbt_messages import plain
from twinlab.tools.lock import only_one
from twinlab.tools.process import stream

_LINES_OF_LOG = 14
_STEPS = ("sources", "build")


def build_site(layout: Layout, warehouse: Path, progress: Progress) -> None:
    """Build the site from a warehouse.

    Parameters
    ----------
    layout : Layout
    warehouse : Path
        The DuckDB file to read.
    progress : Progress

    Raises
    ------
    UserError
        When a step fails: quotes the end of its output and names the log. The last good site stays.
    """
    layout.build.mkdir(parents=True, exist_ok=True)
    with only_one(layout.reports / ".build.lock", "a build of the site"):
        _run_steps(layout, warehouse, progress, layout.build / "site.log")


def _run_steps(layout: Layout, warehouse: Path, progress: Progress, log: Path) -> None:
    with log.open("w", encoding="utf-8") as file:
        for step in _STEPS:
            lines: list[str] = []

            def log_line(line: str, lines: list[str] = lines, step: str = step) -> None:
                text = plain(line).strip()
                file.write(text + "\n")
                if text:
                    lines.append(text)
                    progress.doing(f"npm run {step}: {text}")

            progress.say(f"npm run {step}")
            status = stream(
                ["npm", "run", "--silent", step],
                cwd=layout.reports,
                environ=site_environ(layout, warehouse),
                on_line=log_line,
            )
            if status != 0:
                raise UserError(
                    f"the report site was not built: npm run {step} ended with status {status}.",
                    *_error_lines(lines),
                    f"Full log: {layout.shown(log)}",
                )


def site_environ(layout: Layout, warehouse: Path) -> dict[str, str]:
    """Return the variables that the site's tools need.

    Parameters
    ----------
    layout : Layout
    warehouse : Path
        The DuckDB file to read.

    Returns
    -------
    dict
        Evidence accepts the file only relative to its source's folder.
    """
    source = layout.reports / "sources" / "warehouse"
    return {
        "SEND_ANONYMOUS_USAGE_STATS": "no",
        "EVIDENCE_SOURCE__warehouse__filename": os.path.relpath(warehouse, source),
    }


def _error_lines(lines: list[str]) -> list[str]:
    """Return the lines most likely to show the cause: from the first error on, otherwise the end."""
    errors = [number for number, line in enumerate(lines) if re.search(r"\berror\b|ENOSPC|✗|❌", line, re.I)]
    start = errors[0] if errors else max(0, len(lines) - _LINES_OF_LOG)
    return lines[start : start + _LINES_OF_LOG]
