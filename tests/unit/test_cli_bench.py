"""The table of measures."""

import duckdb

from twinlab.bench import Measure, machine, table
from twinlab.bench_floor import floor


def test_each_build_stands_beside_its_floor():
    pairs = [(Measure("floor", 0.5, 100, 10, 1000), Measure("dbt build", 20.0, 450, 25, 1000))]
    lines = table(pairs, "a machine").splitlines()
    assert lines[0] == "a machine"
    assert lines[-2] == "| floor | 1,000 | 0.5 | 1.0 | 100 | 1.0 | 10 |"
    assert lines[-1] == "| dbt build | 1,000 | 20.0 | 40.0 | 450 | 4.5 | 25 |"
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_machine_names_what_the_figures_depend_on():
    for word in ("cores", "GiB", "Python", "duckdb", "dbt-core"):
        assert word in machine()


def test_floor_stores_as_many_numbers_as_asked(tmp_path):
    floor(1000, 3, str(tmp_path / "floor.duckdb"))
    with duckdb.connect(str(tmp_path / "floor.duckdb"), read_only=True) as connection:
        assert connection.sql("select count(*), count(distinct column_2) from floor").fetchone() == (1000, 1000)
