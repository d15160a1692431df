"""What every report of measured figures has: tables of markdown, and the line that names the machine."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

_PACKAGES = ("dbt-core", "duckdb", "numpy", "pyarrow", "scikit-learn")


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> str:
    """Return a markdown table; the first `text_columns` columns hold text, the rest numbers."""
    rule = ["---" if place < text_columns else "---:" for place in range(len(header))]
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join(rule)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def machine() -> str:
    """Return one line: the day, and the cores, memory and versions that figures depend on."""
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{date.today().isoformat()}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory_gib:.0f} GiB; Python {platform.python_version()}, {versions}"
    )
