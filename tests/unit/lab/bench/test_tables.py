"""Measures as tables, each under its floor."""

from lab.bench.process import Measure
from lab.bench.tables import SiteCost, build_table, portrait_table, raw_table, site_table, trial_table
from tests.unit.lab.bench.costs import portraits_of, raw_of, trials_of


def test_each_build_stands_under_its_floor():
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


def test_raw_tables_show_the_cost_of_a_visit_with_and_without_start():
    lines = raw_table([raw_of(10, 1_000_000, 2.5)]).splitlines()
    assert lines[-2] == "| floor | 1,000,000 | 10.0 | 1.00 | 200 | 3,000 | 10,000 |  |"
    assert lines[-1] == "| raw tables | 1,000,000 | 2.5 | 0.25 | 1,000 | 2,000 | 2,500 | 2,000 |"
    assert len({line.count("|") for line in lines}) == 1


def test_portraits_stand_under_their_floor_with_their_steps():
    lines = portrait_table([portraits_of(1_000_000, 59.0, 3800)]).splitlines()
    assert lines[-2] == "| floor | 12,000,000 | 4.0 | 1.0 |  |  | 200 |"
    assert lines[-1] == "| portraits | 12,000,000 | 59.0 | 14.8 | 10.0 | 20.0 | 3,800 |"


def test_trials_stand_under_their_floor():
    lines = trial_table([trials_of(9, 200.0), trials_of(10, 222.0)]).splitlines()
    assert lines[2] == "| floor | 9,000,000 | 10.0 | 1.0 |  |  |  |  |  | 300 |"
    assert lines[3] == "| 9 features | 9,000,000 | 120.0 | 12.0 | 200.0 | 9.0 | 80.0 | 8.0 | 20.0 | 4,000 |"
    assert len({line.count("|") for line in lines}) == 1
