"""Portraits are edited in JSON alone: one more, one less or another order, and the warehouse builds accordingly."""

import random
import re

import duckdb
import pytest

from tests.builds import NO_TESTS, NO_UNIT_TESTS
from tests.unusual import VETERAN

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def twelve(unusual):
    """Return a warehouse with a twelfth portrait at the end of the file, built with its data tests."""
    with duckdb.connect(str(unusual.warehouse), read_only=True) as connection:
        yield connection


def codes(connection, table):
    """Return the distinct portrait codes of a table."""
    return {code for (code,) in connection.sql(f"select distinct portrait_code from {table}").fetchall()}


def test_a_twelfth_portrait_needs_json_only(twelve):
    assert "veteran" in codes(twelve, "marts.dim_portraits")
    [(cells, clients, portraits)] = twelve.sql(
        "select count(*), count(distinct client_id), count(distinct portrait_code) "
        "from marts.fct_client_portrait_scores"
    ).fetchall()
    assert (cells, clients, portraits) == (300 * 13, 300, 13)
    assert "veteran" in codes(twelve, "marts.fct_client_portraits")
    assert "veteran" in codes(twelve, "marts.mart_portrait_profiles")
    [(ruled,)] = twelve.sql("select count(*) from intermediate.int_rules where portrait_code = 'veteran'").fetchall()
    [(features,)] = twelve.sql("select count(*) from marts.dim_features").fetchall()
    assert ruled == features == 11


def test_its_criteria_are_checked(twelve):
    checks = twelve.sql(
        "select criterion_code, finding_code, satisfied_count, advice_ru from marts.mart_portrait_checks "
        "where portrait_code = 'veteran' order by criterion_code"
    ).fetchall()
    assert [row[:2] for row in checks] == [("tenure_days", "ok"), ("visits_per_month", "unreachable")]
    assert checks[0][2] > 0
    assert checks[1][2] == 0
    assert "«Визиты в месяц» от 1000, а у 90" in checks[1][3]
    [(reached, pairs)] = twelve.sql(
        "select max(clients_count), count(*) from marts.mart_portrait_overlaps where portrait_code = 'veteran'"
    ).fetchall()
    assert (reached, pairs) == (0, 12)


def test_sql_of_the_docs_runs(twelve, root):
    text = (root / "docs" / "portraits.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        assert twelve.sql(block).fetchall(), block


def test_order_of_the_file_changes_nothing(twelve, copied):
    edited = copied("shuffled")

    def shuffle(document):
        draw = random.Random(4)
        document["portraits"].append(VETERAN)
        draw.shuffle(document["portraits"])
        for portrait in document["portraits"]:
            draw.shuffle(portrait["criteria"])

    edited.edit("portraits", shuffle)
    tables = (
        "fct_client_portraits",
        "fct_client_portrait_scores",
        "fct_client_portrait_reasons",
        "mart_portrait_checks",
        "mart_portrait_overlaps",
    )
    chosen = ["--select", *(f"+{table}" for table in tables), *NO_TESTS]
    with edited.build(*chosen) as shuffled:
        for table in tables:
            query = f"select * from marts.{table} order by all"
            assert shuffled.sql(query).fetchall() == twelve.sql(query).fetchall(), table


def test_a_portrait_is_removed_with_its_references(copied):
    """The twin still draws such clients, so the truth has a portrait that no other table knows."""
    edited = copied("eleven")

    def aim_elsewhere(document):
        for feature in document["features"]:
            kept = [code for code in feature["aimed_portraits"] if code != "eco"]
            feature["aimed_portraits"] = kept or ["premium"]

    edited.edit("portraits", lambda d: d.update(portraits=[p for p in d["portraits"] if p["portrait_code"] != "eco"]))
    edited.edit("feature_hypotheses", aim_elsewhere)
    edited.edit("behavior_rules", lambda d: [rule["portraits"].pop("eco", None) for rule in d["rules"]])
    with edited.build(*NO_UNIT_TESTS) as connection:
        assert "eco" in codes(connection, "truth.client_portraits")
        for table in ("dim_portraits", "fct_client_portraits", "fct_client_portrait_scores", "mart_portrait_checks"):
            assert "eco" not in codes(connection, f"marts.{table}")
        assert len(codes(connection, "marts.fct_client_portrait_scores")) == 11
