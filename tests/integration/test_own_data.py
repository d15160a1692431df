"""Own files through dbt: golden pairs, and the fuel-card data that the project does not hold."""

import os
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.columns import COLUMNS
from tests.builds import NO_UNIT_TESTS, dbt
from twinlab.warehouse.summary import intake_lines, one_row

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "own_data"
# Next to the project; the tests may run in a copy that lies deeper.
PLACES = [folder / "shared" / "data" / "ccs_fuel_cards" for folder in ROOT.parents]
CCS = Path(os.environ.get("TWINLAB_CCS") or next((path for path in PLACES if path.is_dir()), PLACES[0]))
# With what they read: a transaction may name a client of a synthetic run too.
MODELS = "+path:../models/staging/own"
# What each golden file holds: the accepted rows as downstream models see them, the rejected ones as people do.
TABLES = {
    "clients": "select * from staging.stg_own__clients order by source_client_id",
    "transactions": "select * from staging.stg_own__transactions order by transaction_id",
    "basket_items": "select * from staging.stg_own__basket_items order by transaction_id, line_number",
    "stations": "select * from staging.stg_own__stations order by station_id",
    "experiments": "select * from staging.stg_own__experiments order by client_id, feature_code",
    "quarantine_clients": "select * from quarantine.clients order by row_number",
    "quarantine_transactions": "select * from quarantine.transactions order by row_number",
    "quarantine_stations": "select * from quarantine.stations order by row_number",
    "quarantine_experiments": "select * from quarantine.experiments order by row_number",
}
# Rows of each table of the golden cases.
READ_AND_QUARANTINED = {
    "plain": {"clients": (8, 5), "transactions": (17, 12), "stations": (6, 4), "experiments": (11, 9)},
    "lines": {"clients": (3, 0), "transactions": (12, 4), "stations": (0, 0), "experiments": (5, 3)},
}

pytestmark = pytest.mark.slow


def build(source, folder, models=(MODELS,)):
    """Build raw and staging of own data, and what these read, with data tests; return the warehouse."""
    options = (*NO_UNIT_TESTS, "--indirect-selection", "buildable", "--select", *models)
    return duckdb.connect(str(dbt(folder, "build", *options, source=str(source))), read_only=True)


def as_csv(connection, query, path):
    """Return the result of a query as csv text."""
    connection.execute(f"copy ({query}) to '{path}' (header)")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=READ_AND_QUARANTINED)
def golden(request, tmp_path_factory):
    """Name of a golden case, and its warehouse built up to what the summary and the site read."""
    with build(GOLDEN / request.param, tmp_path_factory.mktemp(request.param), (MODELS, "+run_info")) as connection:
        yield request.param, connection


def test_golden_pair(golden, tmp_path):
    case, connection = golden
    got = {name: as_csv(connection, query, tmp_path / f"{name}.csv") for name, query in TABLES.items()}
    expected = {name: (GOLDEN / case / "expected" / f"{name}.csv").read_text(encoding="utf-8") for name in TABLES}
    assert got == expected


@pytest.mark.parametrize("table", COLUMNS)
def test_accepted_and_quarantined_rows_are_the_rows_read(golden, table):
    """Row by row, not only by count; accepted rows keep nothing that only a sentence needs."""
    _, connection = golden
    key = "source_file, source_row_number"
    read = connection.execute(f"select {key} from raw.raw_own__{table} order by all").fetchall()
    ended = connection.execute(
        f"""
        select {key} from staging.stg_own__{table}_judged where reason_code is null
        union all
        select file, row_number from quarantine.{table} order by all
        """
    ).fetchall()
    assert ended == read
    kept = "count(bad_column), count(bad_text), count(first_row_number)"
    accepted = connection.execute(f"select {kept} from staging.stg_own__{table}_judged where reason_code is null")
    assert accepted.fetchall() == [(0, 0, 0)]


def test_run_info_and_the_summary_count_every_table_and_query_its_quarantine(golden):
    case, connection = golden
    info, expected = one_row(connection, "run_info"), READ_AND_QUARANTINED[case]
    assert {name: (info[f"{name}_read_count"], info[f"{name}_quarantined_count"]) for name in COLUMNS} == expected
    lines = intake_lines(info)
    shown = [" ".join(line.split()) for line in lines if " read = " in line]
    assert shown == [
        f"{name} {read} read = {read - quarantined} accepted + {quarantined} quarantined"
        for name, (read, quarantined) in expected.items()
        if read
    ]
    queries = [line.removeprefix("  why: ") for line in lines if line.startswith("  why: ")]
    found = [sum(count for _, count in connection.execute(query).fetchall()) for query in queries]
    assert found == [quarantined for _, quarantined in expected.values() if quarantined]


def test_worked_example_of_the_documentation(tmp_path):
    text = (ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
    folder = tmp_path / "sales"
    folder.mkdir()
    for name, content in re.findall(r"`sales/([\w.]+)`\n\n```\w*\n(.*?)```", text, re.DOTALL):
        (folder / name).write_text(content, encoding="utf-8")
    with build(folder, tmp_path) as connection:
        visits = connection.execute(
            """
            select client_id, fuel_grade, volume_l, fuel_amount_rub, shop_amount_rub, lines_count
            from staging.stg_own__transactions order by occurred_at
            """
        ).fetchall()
        rejected = connection.execute(
            "select reason_code, reason_ru, row_number from quarantine.transactions"
        ).fetchall()
    assert visits == [
        (1, "diesel", 60, Decimal("4288.80"), 210, 2),
        (None, "ai95", Decimal("20.5"), Decimal("1302.37"), 0, 1),
    ]
    assert rejected == [("unknown_product", "Товар «Пакет» не описан в products файла mapping.json", 4)]


def test_synthetic_run_has_the_same_tables_and_no_rows(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        counts = {name: len(connection.execute(query).fetchall()) for name, query in TABLES.items()}
        intake = connection.execute("select * from staging.stg_own__intake").fetchall()
    assert counts == dict.fromkeys(TABLES, 0)
    assert intake == [(0,) * 17]


@pytest.fixture(scope="module")
def fuel_cards(tmp_path_factory):
    if not CCS.is_dir():
        pytest.skip(f"the fuel-card data is not in {CCS}; TWINLAB_CCS may name another folder")
    with build(CCS, tmp_path_factory.mktemp("ccs")) as connection:
        yield connection


def test_fuel_cards_are_counted(fuel_cards):
    """Accepted + quarantined = read. Two lines of fuel have 0 litres: less than half a litre, rounded down."""
    intake = fuel_cards.execute("from staging.stg_own__intake").fetchdf().iloc[0].to_dict()
    reasons = dict(
        fuel_cards.execute("select reason_code, count(*) from quarantine.transactions group by all").fetchall()
    )
    assert intake == {
        "clients_read_count": 32461,
        "clients_accepted_count": 32461,
        "clients_quarantined_count": 0,
        "transactions_read_count": 1000,
        "transactions_accepted_count": 998,
        "transactions_quarantined_count": 2,
        "stations_read_count": 5716,
        "stations_accepted_count": 5716,
        "stations_quarantined_count": 0,
        "stations_unlisted_count": 0,
        "experiments_read_count": 0,
        "experiments_accepted_count": 0,
        "experiments_quarantined_count": 0,
        "clients_lost_count": 0,
        "transactions_lost_count": 0,
        "stations_lost_count": 0,
        "experiments_lost_count": 0,
    }
    assert reasons == {"no_volume": 2}


def test_fuel_cards_become_visits(fuel_cards):
    visits, clients, without_fuel = fuel_cards.execute(
        "select count(*), count(distinct client_id), count(*) filter (volume_l = 0) from staging.stg_own__transactions"
    ).fetchone()
    assert (visits, clients, without_fuel) == (919, 517, 46)
    lines = fuel_cards.execute("select count(*) from staging.stg_own__basket_items").fetchone()
    assert lines == (124,)


def test_fuel_cards_price_is_in_the_currency_of_the_customer(fuel_cards):
    """A litre of diesel costs 25 times more crowns than euros, as the currencies did."""
    prices = dict(
        fuel_cards.execute(
            """
            select
                clients.currency_code,
                median(lines.fuel_amount_rub / lines.volume_l / clients.rub_per_unit)
            from staging.stg_own__transactions_judged as lines
            inner join staging.stg_own__clients_judged as clients on lines.client_id = clients.client_id
            where lines.fuel_grade = 'diesel' and lines.reason_code is null
            group by all
            """
        ).fetchall()
    )
    assert prices["CZK"] == pytest.approx(22.9, abs=0.1)
    assert prices["EUR"] == pytest.approx(0.90, abs=0.01)
