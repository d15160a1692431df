"""Every row of a file is returned under canonical names, with its row number and original columns."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import own, readers
from ingest.columns import COLUMNS, schema_of
from ingest.mapping import MAPPINGS, SCHEMA

SALES = "transaction_id;occurred_at;station_id;volume_l;fuel_amount_rub\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "clients.csv").write_text("client_id\n1\n", encoding="utf-8")
    (tmp_path / "transactions.csv").write_text(SALES + "1;2025-03-01;9;30;1800\n", encoding="utf-8")
    return tmp_path


def write_mapping(folder, **content):
    (folder / "mapping.json").write_text(json.dumps({"version": 1} | content), encoding="utf-8")


@pytest.mark.parametrize("table", COLUMNS)
def test_synthetic_has_the_columns_and_no_rows(table):
    read = own.read_table(table, "synthetic").read_all()
    assert read.schema == schema_of(table)
    assert read.num_rows == 0


def test_semicolon_decimal_comma_and_bom(folder):
    header = '\ufeff"transaction_id" ; occurred_at;station_id;volume_l;fuel_amount_rub'
    text = header + '\r\n 1 ;2025-03-01;9;"30,5";1 800,00\r\n'
    (folder / "transactions.csv").write_bytes(text.encode())
    row = own.transactions(folder).read_all().to_pylist()[0]
    assert (row["transaction_id"], row["volume_l"], row["fuel_amount_rub"]) == ("1", "30,5", "1 800,00")
    assert (row["currency_code"], row["rub_per_unit"], row["visit_key"], row["line_id"]) == ("RUB", "1", "1", "1")


@pytest.mark.parametrize("block_bytes", [64, 1 << 22])
def test_malformed_rows_keep_their_row_number(folder, monkeypatch, block_bytes):
    monkeypatch.setattr(readers, "BLOCK_BYTES", block_bytes)
    lines = ["1;private", "2", '3;"a\nb"', "", "4;x;y", "5;private", "6"]
    (folder / "clients.csv").write_text("client_id;client_type\n" + "\n".join(lines), encoding="utf-8")
    rows = sorted(own.clients(folder).read_all().to_pylist(), key=lambda row: row["source_row_number"])
    assert [(row["source_row_number"], row["client_id"], row["is_malformed"]) for row in rows] == [
        (1, "1", False),
        (2, None, True),
        (3, "3", False),
        (4, None, True),
        (5, "5", False),
        (6, None, True),
    ]
    assert json.loads(rows[2]["source_columns"]) == {"client_id": "3", "client_type": "a\nb"}
    assert json.loads(rows[3]["source_columns"]) == {"line": "4;x;y"}
    assert {row["source_file"] for row in rows} == {"clients.csv"}


def test_only_malformed_rows(folder):
    (folder / "clients.csv").write_text("client_id,client_type\n1\n2\n", encoding="utf-8")
    rows = own.clients(folder).read_all().to_pylist()
    assert [(row["source_row_number"], row["is_malformed"]) for row in rows] == [(1, True), (2, True)]


def test_parquet_types_become_text(folder):
    (folder / "clients.csv").unlink()
    table = pa.table(
        {
            "client_id": pa.array([7.0, None]),
            "registered_on": pa.array([dt.date(2024, 5, 1), None]),
            "has_contract": pa.array([True, False]),
            "tank_volume_l": pa.array([Decimal("52.50"), None]),
            "client_type": pa.array(["private", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, folder / "clients.parquet")
    first, second = own.clients(folder).read_all().to_pylist()
    assert first["client_id"] == "7"
    assert first["registered_on"] == "2024-05-01"
    assert first["tank_volume_l"] == "52.50"
    assert first["client_type"] == "private"
    assert (second["client_id"], second["has_contract"], second["source_row_number"]) == (None, "false", 2)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_time_with_zone_is_local_time(folder, unit):
    """Nanoseconds are what pandas writes."""
    (folder / "transactions.csv").unlink()
    moment = pa.array([dt.datetime(2025, 3, 1, 7, tzinfo=dt.UTC)], pa.timestamp(unit, "Europe/Moscow"))
    sale = {
        "transaction_id": ["1"],
        "occurred_at": moment,
        "station_id": [9],
        "volume_l": [30.5],
        "price_rub_per_l": [60],
    }
    pq.write_table(pa.table(sale), folder / "transactions.parquet")
    row = own.transactions(folder).read_all().to_pylist()[0]
    assert row["occurred_at"] == "2025-03-01 10:00:00.000000"
    assert (row["volume_l"], row["price_rub_per_l"]) == ("30.5", "60")


def test_columns_are_joined_translated_and_looked_up(folder):
    (folder / "transactions.csv").write_text(
        "Id,Day,Hour,Site,Way,Good,Pieces,Sum\n1,2025-03-01,10:00,9,K,5,30,1800\n2,2025-03-01,,9,Z,6,1,50\n", "utf-8"
    )
    (folder / "goods.csv").write_text("Code,Name\n5,Nafta\n", encoding="utf-8")
    write_mapping(
        folder,
        transactions={
            "columns": {
                "transaction_id": "Id",
                "occurred_at": {"join": ["Day", "Hour"]},
                "station_id": "Site",
                "payment_method": {"column": "Way", "codes": {"K": "card"}},
                "product": {"column": "Good", "lookup": {"file": "goods.csv", "key": "Code", "value": "Name"}},
                "quantity": "Pieces",
                "amount": "Sum",
                "currency_code": {"constant": "EUR"},
            },
            "amount_is": "price",
            "visit_key": ["Site", "Day"],
        },
        products={"Nafta": "diesel"},
        currency={"rates": {"EUR": 90.5}, "source": "made up"},
    )
    first, second = own.transactions(folder).read_all().to_pylist()
    assert first["occurred_at"] == "2025-03-01 10:00"
    assert second["occurred_at"] == "2025-03-01"
    assert (first["payment_method"], second["payment_method"]) == ("card", "Z")
    assert (first["product"], first["product_code"]) == ("Nafta", "diesel")
    assert (second["product"], second["product_code"]) == ("6", None)
    assert (first["amount_is"], first["currency_code"]) == ("price", "EUR")
    assert float(first["rub_per_unit"]) == 90.5
    assert first["visit_key"] == second["visit_key"]
    assert (first["line_id"], second["line_id"]) == ("1", "2")


def test_lines_may_share_a_receipt_number(folder):
    write_mapping(folder, transactions={"visit_key": ["transaction_id"]})
    row = own.transactions(folder).read_all().to_pylist()[0]
    assert (row["line_id"], row["visit_key"]) == (None, "1")


def test_currency_of_the_client_leaves_that_of_the_sale_null(folder):
    (folder / "clients.csv").write_text("client_id,Money\n1,EUR\n2,USD\n", encoding="utf-8")
    write_mapping(
        folder,
        clients={"columns": {"currency_code": "Money"}},
        currency={"rates": {"EUR": 90}, "source": "made up"},
    )
    sale = own.transactions(folder).read_all().to_pylist()[0]
    rates = [row["rub_per_unit"] for row in own.clients(folder).read_all().to_pylist()]
    assert (sale["currency_code"], sale["rub_per_unit"]) == (None, None)
    assert rates == ["90.000000", None]


def test_shipped_mappings_match_the_schema_and_the_codes():
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for table, columns in COLUMNS.items():
        assert set(schema["$defs"][table]["properties"]["columns"]["properties"]) == set(columns)
    twin = json.loads((MAPPINGS.parent / "twin.json").read_text(encoding="utf-8"))
    codes = [grade["grade_code"] for grade in twin["grades"]] + [item["category_code"] for item in twin["basket"]]
    assert set(schema["properties"]["products"]["additionalProperties"]["enum"]) == {*codes, "other", "ignored"}
    shipped = sorted(MAPPINGS.glob("*.json"))
    assert shipped
    for path in shipped:
        Draft202012Validator(schema).validate(json.loads(path.read_text(encoding="utf-8")))
