"""Map the columns of a file to canonical ones: pick, join, translate codes. Values stay text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns import CLIENTS, COLUMNS, TRANSACTIONS, schema_of
from ingest.lookups import read_lookup
from ingest.plan import Source
from ingest.readers import Block, clean, read_blocks

# A character that no value contains, so that joined keys of different rows never collide.
SEPARATOR = "\x1f"
TextColumn: TypeAlias = pa.ChunkedArray
Translate = Callable[[TextColumn], TextColumn]


def canonical_batches(source: Source, table: str) -> Iterator[pa.RecordBatch]:
    """Stream one table of a source under canonical column names.

    Parameters
    ----------
    table : str
        ``clients``, ``transactions``, ``stations`` or ``experiments``.

    Yields
    ------
    pa.RecordBatch
        Schema of `ingest.columns.schema_of`. A malformed row has nulls, and its text in ``source_columns``.
    """
    header, schema = source.headers[table], schema_of(table)
    specs = source.columns[table]
    translate = {name: _translation(source, spec) for name, spec in specs.items()}
    rows_as_json = JsonRows()
    for block in read_blocks(header):
        raw = {name: clean(block.rows.column(name)) for name in block.rows.column_names}
        count = block.rows.num_rows
        columns = {name: translate[name](_pick(spec, raw, count)) for name, spec in specs.items()}
        for name in COLUMNS[table]:
            columns.setdefault(name, _constant(None, count))
        columns |= _derived(source, table, raw, columns, count)
        columns |= {
            "source_file": _constant(header.path.name, count),
            "source_row_number": pa.array(block.row_numbers),
            "source_columns": rows_as_json(block.rows),
            "is_malformed": pa.repeat(pa.scalar(False), count),
        }
        if count:
            yield from pa.table([columns[name] for name in schema.names], schema=schema).to_batches()
        if block.malformed:
            yield from _malformed(block, header.path.name, rows_as_json, schema).to_batches()


def _derived(
    source: Source, table: str, raw: Mapping[str, TextColumn], columns: Mapping[str, TextColumn], count: int
) -> dict[str, TextColumn]:
    """Return the columns that no file has and the mapping defines."""
    if table not in (CLIENTS, TRANSACTIONS):
        return {}
    mapping, specs = source.mapping, source.columns[table]
    rates = {code: format(rate, "f") for code, rate in mapping.rates.items()}
    derived = {"rub_per_unit": _apply_codes(rates, columns["currency_code"], keep_unknown=False)}
    if "currency_code" not in specs and "currency_code" not in source.columns[CLIENTS]:
        derived |= {"currency_code": _constant("RUB", count), "rub_per_unit": _constant("1", count)}
    if table == CLIENTS:
        return derived
    identifier, visit_key, product = columns["transaction_id"], mapping.visit_key, columns["product"]
    shares_identifier = visit_key and specs["transaction_id"] in visit_key
    derived["line_id"] = _constant(None, count) if shares_identifier else identifier
    derived["visit_key"] = _joined([raw[name] for name in visit_key], SEPARATOR) if visit_key else identifier
    derived["product_code"] = (
        product if mapping.products is None else _apply_codes(mapping.products, product, keep_unknown=False)
    )
    derived["amount_is"] = _constant(mapping.amount_is if "product" in specs else None, count)
    return derived


def _translation(source: Source, spec: Any) -> Translate:
    """Return a function that translates a file's codes to canonical ones: look-up file first, then list of codes."""
    steps = []
    if isinstance(spec, dict) and "lookup" in spec:
        steps.append(read_lookup(source, **spec["lookup"]))
    if isinstance(spec, dict) and "codes" in spec:
        steps.append(spec["codes"])

    def translate(values: TextColumn) -> TextColumn:
        for step in steps:
            values = _apply_codes(step, values, keep_unknown=True)
        return values

    return translate


def _pick(spec: Any, raw: Mapping[str, TextColumn], count: int) -> TextColumn:
    if isinstance(spec, str):
        return raw[spec]
    if "constant" in spec:
        return _constant(spec["constant"], count)
    return raw[spec["column"]] if "column" in spec else _joined([raw[name] for name in spec["join"]], " ")


def _joined(values: list[TextColumn], separator: str) -> TextColumn:
    joined = pc.binary_join_element_wise(*values, separator, null_handling="replace", null_replacement="")
    return clean(joined) if separator == " " else joined


def _apply_codes(codes: Mapping[str, str], values: TextColumn, keep_unknown: bool) -> TextColumn:
    positions = pc.index_in(values, value_set=pa.array(list(codes), pa.string()), skip_nulls=True)
    translated = pc.take(pa.array(list(codes.values()), pa.string()), positions)
    return pc.coalesce(translated, values) if keep_unknown else translated


def _constant(value: str | None, count: int) -> TextColumn:
    return pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), count)])


def _malformed(block: Block, file: str, rows_as_json: "JsonRows", schema: pa.Schema) -> pa.Table:
    count = len(block.malformed)
    lines = pa.table({"line": pa.array([text for _, text in block.malformed], pa.string())})
    columns = {name: _constant(None, count) for name in schema.names} | {
        "source_file": _constant(file, count),
        "source_row_number": pa.array([number for number, _ in block.malformed], pa.int64()),
        "source_columns": rows_as_json(lines),
        "is_malformed": pa.repeat(pa.scalar(True), count),
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


class JsonRows:
    """Convert each row of a table to JSON text, by DuckDB: Arrow has no such function."""

    def __init__(self) -> None:
        self._session = duckdb.connect(config={"threads": 1})

    def __call__(self, rows: pa.Table) -> TextColumn:
        """Return a column of JSON text, one value per row."""
        self._session.register("own_row_of_file", rows)
        query = "select cast(to_json(own_row_of_file) as varchar) as row from own_row_of_file"
        return self._session.execute(query).to_arrow_table().column("row")
