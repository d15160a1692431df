"""What the site reads: aggregates of the schema marts, no table that grows with the number of clients."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "reports" / "sources" / "warehouse").glob("*.sql"))
PER_CLIENT = re.compile(r"\b(?:client|vehicle|transaction)_id\b")
EXAMPLES = "mart_portrait_examples"
"""A few clients for each portrait: each part of its model takes so many."""


@cache
def described() -> dict[str, str]:
    """Return the columns of each model of the marts, as one text."""
    models = {}
    for path in (ROOT / "models").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            models[model["name"]] = " ".join(column["name"] for column in model.get("columns", []))
    return models


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_source_reads_the_mart_of_its_name_and_nothing_else(path):
    sql = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    read = set(re.findall(r"\b(?:from|join)\s+([a-z_.]+)", sql))
    assert read == {f"marts.{path.stem}"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_source_does_not_grow_with_the_clients(path):
    columns = described()[path.stem]
    if path.stem == EXAMPLES:
        model = next((ROOT / "models" / "marts").glob(f"*/{EXAMPLES}.sql")).read_text(encoding="utf-8")
        limits = re.findall(r"where .*\b\w+_number <= (\d+)\n", model)
        assert len(limits) == model.count("as example_code")
        assert all(int(limit) <= 10 for limit in limits)
    else:
        assert not PER_CLIENT.search(columns), columns
