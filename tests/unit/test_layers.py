"""Who may import whom: models use generator, ml and ingest; these know nothing of each other, of dbt or of DuckDB."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "generator": {"ml", "ingest", "twinlab", "dbt", "duckdb"},
    "ml": {"generator", "ingest", "twinlab", "dbt", "duckdb"},
    "ingest": {"ml", "generator", "twinlab", "dbt"},
}
MAX_WRAPPER_LINES = 30


def imported(path):
    """Top-level names of the packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_package_keeps_to_its_side(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    crossed = {(path.name, name) for path in files for name in imported(path) if name in FORBIDDEN[package]}
    assert crossed == set()


def test_python_models_are_thin_wrappers():
    models = sorted((ROOT / "models").rglob("*.py"))
    assert models
    long = {path.name: len(path.read_text().splitlines()) for path in models}
    assert {name: lines for name, lines in long.items() if lines > MAX_WRAPPER_LINES} == {}


def test_generator_does_not_read_the_criteria_of_portraits():
    """The rules may inform the truth, the criteria may not: else what was put in would be found."""
    for path in (ROOT / "generator").rglob("*.py"):
        code = path.read_text(encoding="utf-8").replace("``portraits.json``", "")
        assert "portraits.json" not in code, path
