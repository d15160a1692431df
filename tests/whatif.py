"""What-if coefficients joined as in the mart, and the site's queries computed from them."""

import duckdb
import pyarrow as pa

from tests.site_queries import QUERIES

SHARE = 0.5
ADOPTION = {"ramp_weeks": 2.5, "half_life_weeks": 18.0}
COSTS = ("rub_per_visit", "rub_per_l", "rub_per_client_per_month", "rub_per_month")
AMOUNTS = ("incremental_visits", "incremental_volume_l", "incremental_revenue_rub", "incremental_margin_rub")
MONEY = ("incremental_margin_rub_per_month", "cost_rub_per_month", "profit_rub_per_month")
BOUNDS = ("", "_low", "_high")


def feature(**cost: float) -> dict:
    return {
        "feature_code": "free_coffee",
        "primary_metric_code": "visits_per_month",
        "randomization_unit": "client",
        "cost": dict.fromkeys(COSTS, 0.0) | cost,
        "adoption": ADOPTION,
        "eligibility": [],
    }


def mart(coefficients: pa.Table, results: tuple[pa.Table, pa.Table], feature_row: dict) -> pa.Table:
    """Join the coefficients with the results, as mart_whatif_coefficients does."""
    per_client = ", ".join(
        f"{name}_per_month{bound} / nullif(estimated_count, 0) as {name}_per_client_per_month{bound}"
        for name in AMOUNTS[:3]
        for bound in BOUNDS
    )
    costs = ", ".join(f"{value}::double as cost_{name}" for name, value in feature_row["cost"].items())
    with duckdb.connect() as connection:
        connection.register("results", pa.concat_tables(results, promote_options="default"))
        connection.register("coefficients", coefficients)
        return connection.sql(f"""
            select r.eligible_count, r.basis_code, r.conversion_share, {per_client}, c.* exclude (basis_code),
                {costs}, 12 as horizon_weeks,
                {ADOPTION["ramp_weeks"]}::double as ramp_weeks, {ADOPTION["half_life_weeks"]}::double as half_life_weeks
            from results as r inner join coefficients as c
                on r.feature_code = c.feature_code and r.portrait_code is not distinct from c.portrait_code
        """).to_arrow_table()


def settings(cost: dict, **changes: float) -> pa.Table:
    values = {"treated_share": 1.0, "horizon_weeks": 12, "fuel_margin_scale": 1.0, "shop_margin_share": SHARE}
    values |= {"response_elasticity": 0.0} | {f"cost_{name}": value for name, value in cost.items()} | changes
    return pa.Table.from_pylist([{"feature_code": "free_coffee"} | values])


def compute(table: pa.Table, chosen: pa.Table, *, total: bool = False) -> dict:
    """Run the site's queries with the references in them replaced by tables.

    Returns rows by portrait or, for several features, by (feature, portrait).
    """
    query = (QUERIES / "whatif_results.sql").read_text(encoding="utf-8")
    query = query.replace("${whatif_coefficients}", "coefficients").replace("${whatif_settings}", "settings")
    if total:
        text = (QUERIES / "whatif_total.sql").read_text(encoding="utf-8")
        query = text.replace("${whatif_results}", f"({query}) as results")
    with duckdb.connect() as connection:
        connection.register("coefficients", table)
        connection.register("settings", chosen)
        found = connection.sql(query)
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    if chosen.num_rows > 1:
        return {(row["feature_code"], row.get("portrait_code")): row for row in rows}
    return {row.get("portrait_code"): row for row in rows}
