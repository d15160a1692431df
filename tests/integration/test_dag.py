"""The DAG as a whole: the wall around the truth, descriptions, contracts, and the same tables for the same seed."""

import json
import re
import shutil

import duckdb
import pytest

from tests.builds import NO_TESTS, dbt

MARTS = {
    "dim_clients", "dim_vehicles", "dim_stations", "dim_regions", "dim_metrics", "dim_portraits", "dim_features",
    "fct_transactions", "fct_basket_items", "fct_fuel_prices", "fct_client_metrics", "fct_client_portraits",
    "fct_client_portrait_scores", "mart_portrait_profiles", "mart_portrait_heatmap", "mart_portrait_checks",
    "mart_portrait_overlaps", "mart_portrait_migration", "mart_kpi_monthly",
    "fct_reactions", "mart_feature_metrics", "mart_feature_portrait_metrics", "mart_interest_dynamics",
    "fct_client_forecasts", "mart_interest_curves", "mart_targeting_curve", "mart_effect_dynamics",
    "fct_client_offers", "mart_offers", "mart_churn", "mart_forecast_trials", "mart_portrait_months",
    "mart_whatif_coefficients", "mart_feature_briefs", "mart_ab_planner", "mart_forecast", "mart_twin_quality",
    "mart_twin_curves", "mart_twin_parameters", "mart_twin_unused_figures", "mart_evaluation",
    "dim_evaluation_labels", "run_info",
}  # fmt: skip
MAY_READ_THE_TRUTH = re.compile(
    r"models/(evaluation|raw/truth)/|models/experiments/trials/raw_experiment_outcomes\.sql$"
)


@pytest.fixture(scope="module")
def documents(warehouse, tmp_path_factory):
    """Generate dbt's documentation; returns (manifest, catalog)."""
    folder = tmp_path_factory.mktemp("docs")
    # dbt opens the file for writing while others may be reading it.
    shutil.copy(warehouse, folder / "warehouse.duckdb")
    dbt(folder, "docs", "generate")
    written = [folder / "target" / name for name in ("manifest.json", "catalog.json")]
    return [json.loads(path.read_text(encoding="utf-8")) for path in written]


def models(manifest):
    """Return the models of the manifest by id."""
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def test_only_the_gate_and_evaluation_read_the_truth(documents):
    """docs/adr/0003-wall.md: nothing else may depend on it."""
    nodes = models(documents[0])
    truth = {key for key, node in nodes.items() if node["schema"] == "truth"}
    assert len(truth) == 7
    readers = {node["original_file_path"] for node in nodes.values() if truth & set(node["depends_on"]["nodes"])}
    assert any(path.endswith("raw_experiment_outcomes.sql") for path in readers)
    assert any(path.endswith("evaluation/portraits/portrait_grades.py") for path in readers)
    assert {path for path in readers if not MAY_READ_THE_TRUTH.search(path)} == set()


def test_no_model_reaches_past_ref_into_schema_truth(root):
    """A literal name would not be part of the DAG. A comment may end with the word."""
    written = re.compile(r"""\btruth["']?\s*\.""")
    comments = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
    files = [path for path in (root / "models").rglob("*") if path.suffix in (".sql", ".py")]
    assert files
    assert [path.name for path in files if written.search(comments.sub("", path.read_text(encoding="utf-8")))] == []


def test_every_model_and_column_is_described(documents):
    manifest, catalog = documents
    bare = []
    for key, node in catalog["nodes"].items():
        documented = manifest["nodes"][key]
        described = {name for name, column in documented["columns"].items() if column["description"]}
        bare += [] if documented["description"] else [key]
        bare += [f"{key}.{name}" for name in node["columns"] if name not in described]
    assert len(catalog["nodes"]) > len(MARTS)
    assert bare == []


def test_marts_have_enforced_contracts_and_state_their_grain(documents):
    marts = {node["name"]: node for node in models(documents[0]).values() if node["schema"] == "marts"}
    assert set(marts) >= MARTS
    assert [name for name, node in marts.items() if not node["config"]["contract"]["enforced"]] == []
    assert [name for name, node in marts.items() if "One row per" not in node["description"]] == []


def checksums(path):
    """Return order-independent checksums of all public tables except run_info, which has run times."""
    with duckdb.connect(str(path), read_only=True) as warehouse:
        tables = warehouse.sql(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'raw', 'truth') and table_name <> 'run_info' order by all"
        ).fetchall()
        return {
            f"{schema}.{name}": warehouse.sql(
                f'select count(*), bit_xor(md5_number_lower(cast(t as varchar))) from "{schema}"."{name}" as t'
            ).fetchone()
            for schema, name in tables
        }


@pytest.mark.slow
def test_tables_depend_on_the_seed_and_not_on_the_threads(tmp_path):
    built = {}
    visits = ["--select", "+fct_transactions"]
    for name, threads, seed, chosen in (("one", 1, 5, []), ("two", 2, 5, []), ("other", 2, 6, visits)):
        folder = tmp_path / name
        options = (*chosen, *NO_TESTS, "--threads", str(threads))
        built[name] = checksums(dbt(folder, "build", *options, clients=150, months=4, seed=seed))
    assert len(built["one"]) > len(MARTS)
    assert {table for table in built["one"] if built["one"][table] != built["two"][table]} == set()
    assert built["other"]["marts.fct_transactions"] != built["one"]["marts.fct_transactions"]
