"""``make clean``: remove what commands build; installed packages stay. Standard library only."""

import shutil
from pathlib import Path

_BUILT = (
    "data/twinlab.duckdb",
    "data/*.csv",
    "data/exports",
    "data/bench",
    "data/evaluation",
    "data/.build",
    "reports/build",
    "reports/.build-last",
    "reports/.build-next",
    "reports/.evidence",
    "dbt_project/target",
    "dbt_project/logs",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    ".hypothesis",
)
_PACKAGES = ("documents", "generator", "ingest", "lab", "ml", "models", "tests", "twinlab", "vocabulary")


def clean(root: Path) -> None:
    """Remove build results and caches of a checkout."""
    caches = [path for name in _PACKAGES for path in (root / name).rglob("__pycache__")]
    for path in (*(path for pattern in _BUILT for path in root.glob(pattern)), *caches):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
