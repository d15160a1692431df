"""What a run says of itself at its end."""

import duckdb
import pytest

from twinlab.warehouse.summary import calibration_lines


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
