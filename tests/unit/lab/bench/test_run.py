"""What is measured, the tables of measures, and what they say of the targets."""

import re
from pathlib import Path

import duckdb
import numpy as np
import pytest

from generator import blocks
from lab.bench.process import Measure, run_alone
from lab.bench.stages.floor import BATCH_ROWS, floor
from lab.bench.stages.portraits import repeat
from lab.bench.stages.portraits import store as store_portraits
from lab.bench.stages.raw import SETTINGS, TABLES, run_of, store, visit_bytes
from lab.bench.stages.site import copy_site, size_mib
from lab.bench.tables import (
    PortraitCost,
    Raw,
    SiteCost,
    build_table,
    growth,
    portrait_table,
    raw_sizes,
    raw_table,
    site_table,
    target_table,
)
from lab.machine import machine
from tests import toy
from twinlab.errors import UserError
from twinlab.layout import Layout

LAYOUT = Layout.here({})


def raw_of(clients, visits, seconds, floor_seconds=10.0, peak=1000.0, start=0.5):
    """Return raw tables that took so long beside a floor."""
    measure = Measure("raw tables", visits, seconds, peak, 2000.0, seconds - start)
    return Raw(clients, Measure("floor", visits, floor_seconds, 200.0, 3000.0), measure)


def verdicts(raws, portraits=()):
    """Cells of the target table: (measured, met) by row."""
    lines = target_table(raws, portraits).splitlines()[2:]
    return [tuple(cell.strip() for cell in line.split("|")[2:4]) for line in lines]


def cost_of(clients, seconds, peak):
    """Return portraits that cost so much, beside a floor of 4 s."""
    measure = Measure("portraits", 12 * clients, seconds, peak, 300.0, seconds - 1)
    return PortraitCost(clients, Measure("floor", 12 * clients, 4.0, 200.0, 300.0), measure, 10.0, 20.0)


def test_each_build_stands_beside_its_floor():
    pairs = [(Measure("floor", 1000, 0.5, 100, 10), Measure("dbt build", 1000, 20.0, 450, 25))]
    lines = build_table(pairs).splitlines()
    assert lines[-2] == "| floor | 1,000 | 0.5 | 1.0 | 100 | 1.0 | 10 |"
    assert lines[-1] == "| dbt build | 1,000 | 20.0 | 40.0 | 450 | 4.5 | 25 |"
    assert len({line.count("|") for line in lines}) == 1


def test_a_site_without_a_browser_has_no_first_page():
    costs = [SiteCost("site", 61.26, 2500.4, 75.26, 1.26), SiteCost("site", 61.0, 900, 75, None)]
    assert site_table(costs).splitlines()[-2:] == [
        "| site | 61.3 | 2,500 | 75.3 | 1.3 |",
        "| site | 61.0 | 900 | 75.0 | – |",
    ]


def test_a_site_is_measured_in_a_copy_without_what_was_built(tmp_path):
    reports = tmp_path / "reports"
    for name in ("pages/x.md", "node_modules/serve/main.js", "build/x.html", ".build-last/x", ".evidence/meta/x"):
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (reports / name).write_text("12345678")
    copy = copy_site(reports, tmp_path / "copy", tmp_path / "twin.duckdb")
    assert sorted(path.name for path in copy.reports.iterdir()) == ["node_modules", "pages"]
    assert (copy.reports / "node_modules" / "serve" / "main.js").read_text() == "12345678"
    assert size_mib(copy.reports / "pages") == pytest.approx(8 / 1024**2)


def test_raw_tables_tell_the_cost_of_a_visit_with_and_without_start():
    lines = raw_table([raw_of(10, 1_000_000, 2.5)]).splitlines()
    assert lines[-2] == "| floor | 1,000,000 | 10.0 | 1.00 | 200 | 3,000 | 10,000 |  |"
    assert lines[-1] == "| raw tables | 1,000,000 | 2.5 | 0.25 | 1,000 | 2,000 | 2,500 | 2,000 |"
    assert len({line.count("|") for line in lines}) == 1


def test_targets_are_met_or_not_and_say_by_how_much():
    small = raw_of(10_000, 1_000_000, 2.5)
    met = verdicts([small, raw_of(800_000, 71_000_000, 140.0, 50.0), raw_of(1_000_000, 90_000_000, 198.5)])
    assert met[:4] == [
        ("140.0 s at 71,000,000 visits", "yes"),
        ("1,000 MiB at 71,000,000 visits", "yes"),
        ("2.80 × at 71,000,000 visits", "yes"),
        ("+10.0% (without start)", "yes"),
    ]
    large = [raw_of(800_000, 71_000_000, 151.0, 30.0, peak=4000.0), raw_of(1_000_000, 90_000_000, 225.5)]
    assert [verdict for _, verdict in verdicts([small, *large])][:4] == ["no"] * 4


def test_portraits_of_a_million_clients_are_held_against_time_and_memory():
    costs = [cost_of(100_000, 12.0, 500), cost_of(1_000_000, 59.0, 3800)]
    assert verdicts([], costs)[4:] == [("59.0 s", "yes"), ("3,800 MiB", "yes")]
    assert verdicts([], [cost_of(1_000_000, 61.0, 3900)])[4:] == [("61.0 s", "no"), ("3,900 MiB", "no")]
    lines = portrait_table(costs).splitlines()
    assert lines[-2] == "| floor | 12,000,000 | 4.0 | 1.0 |  |  | 200 |"
    assert lines[-1] == "| portraits | 12,000,000 | 59.0 | 14.8 | 10.0 | 20.0 | 3,800 |"


def test_portraits_are_measured_on_clients_repeated_under_ids_of_their_own(tmp_path, root):
    criteria = toy.read_criteria(root / "data" / "reference" / "portraits.json")
    few = toy.clients(criteria, np.random.default_rng(1), 300)[0]
    many = repeat(few, 700)
    assert many["client_id"].to_pylist() == list(range(1, 701))
    assert many["visits_per_month"].to_pylist()[300:600] == few["visits_per_month"].to_pylist()
    said = store_portraits(many, criteria, tmp_path / "scores.duckdb")
    with duckdb.connect(str(tmp_path / "scores.duckdb"), read_only=True) as connection:
        assert connection.sql("select count(*) from client_portrait_scores").fetchone() == (said["rows"],) == (8400,)
    assert said["seconds"] >= said["fit_seconds"] > 0


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert verdicts([raw_of(10_000, 1_000_000, 2.5)]) == [("not measured: FULL=1 does", "–")] * 6


def test_start_does_not_hide_growth():
    """Half a second of start in the smaller run must not pay for dearer visits of the larger one."""
    small, large = raw_of(10_000, 1_000_000, 1.5, start=0.5), raw_of(1_000_000, 100_000_000, 120.5, start=0.5)
    assert growth(small, large) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("visits_per_client", "sizes"),
    [
        (94.4, [10_000, 100_000, 741_525, 1_000_000]),
        (70.0, [10_000, 100_000, 1_000_000]),
        (20.0, [10_000, 100_000, 1_000_000]),
    ],
)
def test_a_full_measurement_goes_to_seventy_million_visits_and_a_million_clients(visits_per_client, sizes):
    assert raw_sizes(visits_per_client) == sizes


def test_machine_names_what_the_figures_depend_on():
    for word in ("cores", "GiB", "Python", "duckdb", "dbt-core"):
        assert word in machine()


@pytest.mark.parametrize("rows", [1000, BATCH_ROWS + 1])
def test_floor_stores_as_many_numbers_as_asked(tmp_path, rows):
    floor(rows, 3, str(tmp_path / "floor.duckdb"))
    with duckdb.connect(str(tmp_path / "floor.duckdb"), read_only=True) as connection:
        assert connection.sql("select count(*), count(distinct column_2) from floor").fetchone() == (rows, rows)


def test_raw_tables_are_those_of_the_models(root, tmp_path):
    """The same streams as in the DAG, all of their rows."""
    run = run_of(LAYOUT, 50)
    visits = store(run, tmp_path / "raw.duckdb")
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


def test_a_program_is_measured_by_itself(tmp_path):
    usage = run_alone(LAYOUT, "twinlab", ["check"], tmp_path)
    assert usage.said == ""
    assert 0 < usage.seconds < 60
    assert 1 < usage.peak_mib < 1000
    with pytest.raises(UserError, match="twinlab failed"):
        run_alone(LAYOUT, "twinlab", ["check", "--clients=-5"], Path(tmp_path))
