"""What a run says of itself at its end."""

from itertools import combinations

import duckdb
import pytest

from ingest.columns import COLUMNS, OPTIONAL_TABLES
from twinlab.warehouse.summary import calibration_lines, intake_lines


@pytest.fixture
def warehouse():
    """A warehouse in memory with the checks of a run."""
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.mart_twin_quality as
            select * from (values
                ('price_ai92', 'calibration', 59.3e0, true),
                ('walk_in_bill', 'calibration', 1999e0, false),
                ('season', 'calibration', null, null),
                ('volume_above_tank', 'physical', 1.0, false)
            ) as checks (check_code, kind, value, is_passed)
            """
        )
        yield connection


def test_missed_figures_are_named_and_unmeasured_ones_not_counted(warehouse):
    assert calibration_lines(warehouse) == ["", "Published figures: 1 of 2 met; missed: walk_in_bill (1,999)"]


def test_nothing_is_missed(warehouse):
    warehouse.execute("delete from marts.mart_twin_quality where not is_passed")
    assert calibration_lines(warehouse) == ["", "Published figures: 1 of 1 met"]


def test_own_data_has_nothing_to_compare(warehouse):
    warehouse.execute("delete from marts.mart_twin_quality where kind = 'calibration'")
    assert calibration_lines(warehouse) == []


def test_a_warehouse_without_checks_says_nothing():
    with duckdb.connect() as connection:
        assert calibration_lines(connection) == []


def own_run(read, rejected=()):
    """The row of run_info: 1,000 rows of each table in `read`, of which 3 are in quarantine for those in `rejected`."""
    counts = {}
    for name in COLUMNS:
        counts |= {f"{name}_read_count": 1000 * (name in read), f"{name}_quarantined_count": 3 * (name in rejected)}
    return {"source": "own", "source_name": "sales", "note_ru": None} | counts


@pytest.mark.parametrize(
    "rejected", [names for count in range(len(COLUMNS) + 1) for names in combinations(COLUMNS, count)], ids="-".join
)
def test_the_summary_points_to_each_table_with_rejected_rows_and_to_no_other(rejected):
    counts = [
        f"  {name:<12} 1,000 read = 997 accepted + 3 quarantined"
        if name in rejected
        else f"  {name:<12} 1,000 read = 1,000 accepted + 0 quarantined"
        for name in COLUMNS
    ]
    queries = [f"  why: select reason_code, count(*) from quarantine.{name} group by all" for name in rejected]
    assert intake_lines(own_run(COLUMNS, rejected)) == ["", "Own files (sales):", *counts, *queries]


@pytest.mark.parametrize("left_out", [(), *combinations(OPTIONAL_TABLES, 1), OPTIONAL_TABLES], ids="-".join)
def test_the_summary_leaves_out_optional_files_that_were_not_there(left_out):
    read = [name for name in COLUMNS if name not in left_out]
    _, _, *lines = intake_lines(own_run(read))
    assert [line.split()[0] for line in lines] == read


def test_the_summary_shows_required_files_without_rows():
    _, _, *lines = intake_lines(own_run(()))
    assert [line.split()[:3] for line in lines] == [["clients", "0", "read"], ["transactions", "0", "read"]]


def test_the_summary_shows_the_note_last():
    assert intake_lines(own_run(COLUMNS, ["stations"]) | {"note_ru": "Своего эксперимента нет."})[-1:] == [
        "  Своего эксперимента нет."
    ]


def test_the_summary_of_an_older_warehouse_leaves_out_what_it_does_not_count():
    info = {name: value for name, value in own_run(COLUMNS, COLUMNS).items() if not name.startswith("stations")}
    assert [line for line in intake_lines(info) if "stations" in line] == []


def test_a_synthetic_run_has_no_own_files():
    assert intake_lines(own_run(COLUMNS) | {"source": "synthetic"}) == []
