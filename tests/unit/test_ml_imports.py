"""The wall: `ml` stands on its own."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "ml"
FORBIDDEN = {"dbt", "duckdb", "generator", "ingest", "twinlab"}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("**/*.py")), ids=lambda path: path.name)
def test_module_imports_neither_dbt_nor_duckdb_nor_generator(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert not found & FORBIDDEN
