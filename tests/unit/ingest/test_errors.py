"""A file or mapping that cannot be used raises one message: file, what is wrong, what is allowed, what to do."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ingest
from ingest import IngestError, own

CLIENTS = "client_id\n1\n"
TRANSACTIONS = "transaction_id,occurred_at,station_id,volume_l,fuel_amount_rub\n1,2025-03-01 10:00,9,30,1800\n"
ADVICE = (
    "Correct the file; its schema is data/reference/schemas/mapping.schema.json, a worked example is in "
    "docs/own_data.md."
)


@pytest.fixture
def folder(tmp_path):
    """Smallest valid source."""
    path = tmp_path / "files"
    path.mkdir()
    (path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (path / "transactions.csv").write_text(TRANSACTIONS, encoding="utf-8")
    return path


def message(folder, **options):
    with pytest.raises(IngestError) as caught:
        ingest.check(folder, **options)
    text = str(caught.value)
    assert len(text.splitlines()) <= 6
    return text


def write_mapping(folder, **content):
    (folder / "mapping.json").write_text(json.dumps({"version": 1} | content), encoding="utf-8")


def test_smallest_source_passes(folder):
    assert set(ingest.check(folder)) == {"clients", "transactions"}
    assert ingest.check("synthetic") == {}


def test_no_folder(tmp_path):
    text = message(tmp_path / "nowhere")
    assert "nowhere does not exist" in text
    assert "Allowed: synthetic, or a folder with clients.csv" in text


def test_missing_file(folder):
    (folder / "transactions.csv").rename(folder / "sales.csv")
    text = message(folder)
    assert "no transactions.csv or transactions.parquet" in text
    assert "clients.csv, sales.csv" in text
    assert "mapping.json" in text


def test_two_candidates(folder):
    pq.write_table(pa.table({"client_id": ["1"]}), folder / "clients.parquet")
    text = message(folder)
    assert "found both clients.csv and clients.parquet" in text
    assert "Allowed: one file for clients." in text


@pytest.mark.parametrize(
    ("content", "problem"), [("", "empty (0 bytes)"), ("client_id\n \n", "no rows"), ("\n1\n", "line 1 is blank")]
)
def test_empty_file(folder, content, problem):
    (folder / "clients.csv").write_text(content, encoding="utf-8")
    text = message(folder)
    assert "clients.csv" in text
    assert problem in text


def test_missing_column(folder):
    (folder / "transactions.csv").write_text("id,when\n1,2025-03-01\n", encoding="utf-8")
    text = message(folder)
    assert "transaction_id; occurred_at; station_id; volume_l + fuel_amount_rub or" in text
    assert "Columns found: id, when." in text


def test_duplicate_column_name(folder):
    (folder / "clients.csv").write_text("client_id,client_id\n1,2\n", encoding="utf-8")
    assert "'client_id' more than once" in message(folder)


def test_cp1251_is_reported_with_the_line(folder):
    (folder / "clients.csv").write_bytes("client_id,region_code\n1,Москва\n".encode("cp1251"))
    text = message(folder)
    assert "line 2 is not UTF-8" in text
    assert "cp1251" in text
    with pytest.raises(Exception, match="not UTF-8"):
        own.clients(folder).read_all()


def test_cp1251_header(folder):
    (folder / "clients.csv").write_bytes("клиент\n1\n".encode("cp1251"))
    assert "line 1 is not UTF-8" in message(folder)


@pytest.mark.parametrize(
    ("start", "what"), [(b"PK\x03\x04", "Excel workbook"), ("client_id\n1\n".encode("utf-16"), "UTF-16")]
)
def test_file_that_is_not_csv(folder, start, what):
    (folder / "clients.csv").write_bytes(start)
    assert what in message(folder)


def test_broken_parquet(folder):
    (folder / "clients.csv").unlink()
    (folder / "clients.parquet").write_bytes(b"not parquet at all")
    assert "not a parquet file" in message(folder)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([[1]]), "list<element: int64>"),
        (pa.array([{"a": 1}]), "struct<a: int64>"),
        (pa.array([b"\xff\xfe"]), "binary"),
    ],
    ids=["list", "struct", "not UTF-8"],
)
def test_parquet_column_of_unsupported_type_is_named(folder, column, kind):
    (folder / "clients.csv").unlink()
    pq.write_table(pa.table({"client_id": ["1"], "region_code": column}), folder / "clients.parquet")
    with pytest.raises(IngestError) as caught:
        own.read_table("clients", folder).read_all()
    text = str(caught.value)
    assert f"clients.parquet: column 'region_code' of type {kind} cannot be read as text" in text
    assert "Convert the column, or remove it from the file." in text


def test_unclosed_quotation_mark_is_reported(folder):
    rows = "".join(f"{number},x\n" for number in range(2000))
    (folder / "clients.csv").write_text('client_id,region_code\n"1,x\n' + rows, encoding="utf-8")
    with pytest.raises(Exception, match="quotation mark is probably not closed"):
        own.clients(folder).read_all()


def test_mapping_is_not_valid_json(folder):
    (folder / "mapping.json").write_text('{"version": 1,', encoding="utf-8")
    text = message(folder)
    assert "mapping.json: line 1, column 15: not valid JSON, found the end of the file: " in text
    assert text.splitlines()[-1] == ADVICE


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"version": 1, "version": 1}', "the whole file: found 'version' more than once; allowed: each key"),
        (b'{"currency": {"rates": {"EUR": NaN}}}', "currency.rates.EUR: found NaN; allowed: a finite number"),
        (b"[" * 100_000, "the whole file: found brackets nested too deeply; allowed: at most 64 levels"),
        ('{"note": "курсы"}'.encode("cp1251"), "byte 10: found 0xea; allowed: UTF-8 text; save the file as UTF-8"),
    ],
    ids=["repeated key", "not a number", "nesting", "cp1251"],
)
def test_mapping_is_unreadable(folder, content, problem):
    (folder / "mapping.json").write_bytes(content)
    text = message(folder)
    assert f"{folder / 'mapping.json'}: {problem}" in text
    assert text.splitlines()[-1] == ADVICE


def test_mapping_may_begin_with_a_byte_order_mark(folder):
    (folder / "mapping.json").write_text('{"version": 1}', encoding="utf-8-sig")
    assert ingest.check(folder)


@pytest.mark.parametrize(
    ("content", "place", "allowed"),
    [
        ({"transactions": {"amount_is": "sum"}}, 'transactions.amount_is: found "sum"', 'allowed: "total", "price"'),
        (
            {"clients": {"columns": {"colour": "x"}}},
            "clients.columns: unknown key 'colour'",
            "allowed: client_id, client_type, ",
        ),
        (
            {"clients": {"file": "../clients.csv"}},
            'clients.file: found "../clients.csv"',
            "allowed: the name of a csv or parquet file in the same folder",
        ),
        ({"products": {"Nafta": "petrol"}}, 'products.Nafta: found "petrol"', 'allowed: "ai92", "ai95", '),
        (
            {"currency": {"rates": {"EUR": 0}, "source": "x"}},
            "currency.rates.EUR: found 0",
            "allowed: roubles for one unit: above 0, up to 1000",
        ),
        ({"currency": {"rates": {"EUR": 90}}}, "currency: missing key 'source'", "required: rates, source"),
        (
            {"clients": {"columns": {"client_id": {"col": "x"}}}},
            'clients.columns.client_id: found {"col": "x"}',
            'allowed: the name of an own column, or {"column": name, ',
        ),
        (
            {"clients": {"columns": {"client_id": {"column": "x", "codes": {"a": 1}}}}},
            "clients.columns.client_id.codes.a: found 1",
            "allowed: text",
        ),
    ],
)
def test_mapping_violates_its_schema(folder, content, place, allowed):
    write_mapping(folder, **content)
    text = message(folder)
    assert f"{folder / 'mapping.json'}: {place}" in text
    assert allowed in text
    assert text.splitlines()[-1] == ADVICE


def test_every_mistake_in_a_mapping_is_reported(folder):
    write_mapping(folder, clients={"file": 1, "colour": "x"}, products={"Nafta": "petrol"})
    first, second, third, last = message(folder).splitlines()
    assert "clients: unknown key 'colour'; allowed: file, columns" in first
    assert "clients.file: found 1; allowed: the name of a csv or parquet file in the same folder" in second
    assert 'products.Nafta: found "petrol"; allowed: "ai92", ' in third
    assert last == ADVICE


def test_mapping_names_a_missing_file_or_column(folder):
    write_mapping(folder, clients={"file": "people.csv"})
    assert "no file people.csv" in message(folder)
    write_mapping(folder, clients={"columns": {"client_id": "Client"}})
    text = message(folder)
    assert "no column 'Client'" in text
    assert "Columns found: client_id." in text
    write_mapping(folder, transactions={"visit_key": ["receipt"]})
    assert "no column 'receipt'" in message(folder)


def test_mapping_has_rates_but_no_currency_column(folder):
    write_mapping(folder, currency={"rates": {"EUR": 90}, "source": "made up"})
    text = message(folder)
    assert "currency.rates: found rates, but no column holds the currency of a row" in text
    assert "Map a column to currency_code" in text


def test_lookup_must_exist_and_be_unambiguous(folder):
    column = {"column": "client_id", "lookup": {"file": "kinds.csv", "key": "code", "value": "kind"}}
    write_mapping(folder, clients={"columns": {"client_type": column}})
    text = message(folder)
    assert "kinds.csv: there is no such file" in text
    assert "Files found: clients.csv, mapping.json, transactions.csv." in text
    (folder / "kinds.csv").write_text("code,kind\n1,private\n1,corporate\n", encoding="utf-8")
    assert "code = '1' has two translations: 'private' and 'corporate'" in message(folder)


def test_shipped_mapping_is_found_by_the_name_of_the_folder(folder, tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "files.json").write_text('{"version": 2}', encoding="utf-8")
    assert "files.json" in message(folder, mapping_folder=tmp_path / "maps")
    write_mapping(folder)
    assert ingest.check(folder, mapping_folder=tmp_path / "maps")
