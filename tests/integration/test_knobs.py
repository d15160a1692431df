"""Effect of the knobs of twin.json on the warehouse: broken visits are quarantined for the planted reason."""

import json
import os
import shutil

import duckdb
import pytest

from tests.builds import NO_UNIT_TESTS, dbt

pytestmark = pytest.mark.slow

REASONS = {
    "letters_in_litres": "bad_number",
    "negative_litres": "negative_value",
    "no_litres": "amount_mismatch",
    "slipped_comma": "amount_mismatch",
    "impossible_date": "bad_date",
    "no_station": "missing_id",
    "unknown_grade": "unknown_grade",
    "unknown_client": "unknown_client",
    "unknown_payment": "unknown_payment",
}


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """Return the warehouse of a small run with missing values and broken visits, built with its tests."""
    folder = tmp_path_factory.mktemp("knobs")
    shutil.copytree(root / "data" / "reference", folder / "reference")
    path = folder / "reference" / "twin.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["knobs"]["dirty_share"]["value"] = 0.05
    document["knobs"]["missing_share"]["value"] = 0.1
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    warehouse = dbt(folder, "build", *NO_UNIT_TESTS, reference=folder / "reference", clients=200, months=4)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield connection


def test_every_broken_visit_is_quarantined_for_the_planted_reason(built):
    """Reasons agree with the planted defects, no visit is lost and no broken visit is accepted."""
    from generator import blocks
    from generator.config import load_run

    [(folder,)] = built.sql("select path from duckdb_databases() where path like '%warehouse.duckdb'").fetchall()
    run = load_run(
        os.path.join(os.path.dirname(folder), "reference"), seed=42, clients=200, months=4, period_start="2025-01-01"
    )
    broken = blocks.broken_visits(run).read_all()
    planted = dict(zip(broken["transaction_id"].to_pylist(), broken["broken_by"].to_pylist(), strict=True))
    found = dict(
        built.sql("select source_columns ->> 'transaction_id', reason_code from quarantine.transactions").fetchall()
    )
    assert len(planted) > 300
    assert set(planted.values()) == set(REASONS)
    assert found == {key: REASONS[how] for key, how in planted.items()}
    [(kept,)] = built.sql("select count(*) from marts.fct_transactions").fetchall()
    assert kept + len(found) == blocks.visits(run).read_all().num_rows + len(planted)


def test_missing_values_stay_missing_and_every_client_has_a_portrait(built):
    [(clients, flags, tanks)] = built.sql(
        "select count(*), count(has_contract), count(tank_volume_l) from marts.dim_clients"
    ).fetchall()
    assert clients == 200
    assert 150 < flags < 200
    assert tanks < 200
    [(portraits,)] = built.sql("select count(portrait_code) from marts.fct_client_portraits").fetchall()
    assert portraits == 200
