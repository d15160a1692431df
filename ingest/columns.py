"""Canonical columns of own data, to which every file is renamed. docs/own_data.md describes each column."""

import pyarrow as pa

CLIENTS = "clients"
TRANSACTIONS = "transactions"
STATIONS = "stations"
EXPERIMENTS = "experiments"

COLUMNS: dict[str, tuple[str, ...]] = {
    CLIENTS: (
        "client_id",
        "client_type",
        "region_code",
        "registered_on",
        "has_loyalty_card",
        "has_fuel_card",
        "has_contract",
        "has_marketing_consent",
        "main_fuel_grade",
        "tank_volume_l",
        "vehicles_count",
        "currency_code",
    ),
    TRANSACTIONS: (
        "transaction_id",
        "occurred_at",
        "client_id",
        "vehicle_id",
        "station_id",
        "payment_method",
        "fuel_grade",
        "volume_l",
        "price_rub_per_l",
        "fuel_amount_rub",
        "shop_amount_rub",
        "total_amount_rub",
        "category_code",
        "product",
        "quantity",
        "amount",
        "currency_code",
    ),
    STATIONS: ("station_id", "region_code", "label_ru", "has_cafe", "has_wash"),
    EXPERIMENTS: (
        "client_id",
        "feature_code",
        "is_treated",
        "started_on",
        "has_responded",
        "cost_rub",
        "group_id",
    ),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    CLIENTS: ("client_id",),
    TRANSACTIONS: ("transaction_id", "occurred_at", "station_id"),
    STATIONS: ("station_id",),
    EXPERIMENTS: ("client_id", "feature_code", "is_treated", "started_on"),
}
OPTIONAL_TABLES = (STATIONS, EXPERIMENTS)
# What was sold: at least one of these sets of columns must be complete.
SALES: tuple[tuple[str, ...], ...] = (
    ("volume_l", "fuel_amount_rub"),
    ("volume_l", "price_rub_per_l"),
    ("product", "quantity", "amount"),
)
# Columns that no file has: the mapping defines them.
DERIVED: dict[str, tuple[str, ...]] = {
    CLIENTS: ("rub_per_unit",),
    TRANSACTIONS: ("line_id", "visit_key", "product_code", "amount_is", "rub_per_unit"),
    STATIONS: (),
    EXPERIMENTS: (),
}
ORIGIN = pa.schema(
    [
        ("source_file", pa.string()),
        ("source_row_number", pa.int64()),
        ("source_columns", pa.string()),
        ("is_malformed", pa.bool_()),
    ]
)


def schema_of(table: str) -> pa.Schema:
    """Return the Arrow schema of a table of own data: text columns, then the origin of the row.

    Parameters
    ----------
    table : str
        ``clients``, ``transactions``, ``stations`` or ``experiments``.
    """
    text_fields = [pa.field(name, pa.string()) for name in COLUMNS[table] + DERIVED[table]]
    return pa.schema([*text_fields, *ORIGIN])
