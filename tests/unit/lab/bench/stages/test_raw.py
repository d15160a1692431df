"""Raw tables and their floor, as a benchmark stores them."""

import re

import duckdb
import pytest

from generator import blocks
from lab.bench.stages.floor import BATCH_ROWS, floor
from lab.bench.stages.raw import SETTINGS, TABLES, run_of, store_raw, visit_bytes
from twinlab.layout import Layout

LAYOUT = Layout.here({})


@pytest.mark.parametrize("rows", [1000, BATCH_ROWS + 1])
def test_floor_stores_as_many_numbers_as_asked(tmp_path, rows):
    floor(rows, 3, str(tmp_path / "floor.duckdb"))
    with duckdb.connect(str(tmp_path / "floor.duckdb"), read_only=True) as connection:
        assert connection.sql("select count(*), count(distinct column_2) from floor").fetchone() == (rows, rows)


def test_raw_tables_are_those_of_the_models(root, tmp_path):
    """The same streams as in the DAG, all of their rows."""
    run = run_of(LAYOUT, 50)
    visits = store_raw(run, tmp_path / "raw.duckdb")
    with duckdb.connect(str(tmp_path / "raw.duckdb"), read_only=True) as connection:
        for table in TABLES:
            model = (root / "models" / "raw" / "twin" / f"raw_twin__{table.__name__}.py").read_text()
            assert f"blocks.{table.__name__}(run_of_model(" in model
        assert connection.sql("from visits").arrow().read_all() == blocks.visits(run).read_all()
        assert connection.sql("select count(*) from clients").fetchone() == (50,)
        assert connection.sql("select count(*) from visits").fetchone() == (visits,)


def test_raw_tables_are_stored_with_the_settings_of_the_project(root):
    profile = (root / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    block = profile.split("settings:")[1]
    settings = dict(re.findall(r"^ +(\w+): (.+)$", block, re.M))
    assert settings.keys() == SETTINGS.keys()
    for name, value in SETTINGS.items():
        assert value in settings[name], name


def test_a_visit_is_as_wide_as_its_arrow_columns():
    visits = blocks.visits(run_of(LAYOUT, 50)).read_all()
    assert visit_bytes(run_of(LAYOUT, 50)) * visits.num_rows == pytest.approx(visits.nbytes)
