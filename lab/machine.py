"""What measured figures depend on."""

import os
import platform
from datetime import date
from importlib.metadata import version

_PACKAGES = ("dbt-core", "duckdb", "numpy", "pyarrow", "scikit-learn")


def machine() -> str:
    """Return the day, and what the figures depend on: cores, memory, versions.

    Returns
    -------
    str
        One line.
    """
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{date.today().isoformat()}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory_gib:.0f} GiB; Python {platform.python_version()}, {versions}"
    )
