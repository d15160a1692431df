"""Portraits are edited as JSON alone: one more, one less, another order, and the warehouse builds and says so."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from twinlab.reference import load_reference

pytestmark = pytest.mark.slow

VARIABLES = json.dumps({"clients": 300, "months": 4})
VETERAN = {
    "portrait_code": "veteran",
    "label_ru": "Старожил",
    "description_ru": "Зарегистрирован больше пяти лет назад.",
    "business_value_ru": "Долгая история визитов.",
    "recommendations_ru": "Поблагодарить за верность.",
    "criteria": [
        {
            "criterion_code": "tenure_days",
            "metric_code": "tenure_days",
            "kind": "range",
            "low": 1825,
            "weight": 3.0,
            "is_hard": True,
        },
        {
            "criterion_code": "visits_per_month",
            "metric_code": "visits_per_month",
            "kind": "range",
            "low": 1000,
            "weight": 1.0,
        },
    ],
}


@dataclass(frozen=True)
class Edited:
    """A copy of the reference folder and the warehouse that is built from it."""

    root: Path
    folder: Path

    @property
    def reference(self) -> Path:
        return self.folder / "reference"

    def edit(self, name, change):
        """Change a document in place."""
        path = self.reference / f"{name}.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    def build(self, *arguments):
        """Check the files as a run does, then build; fails with what dbt said. Returns a connection."""
        load_reference(self.reference, self.root / "data" / "reference" / "schemas")
        project, warehouse = self.root / "dbt_project", self.folder / "warehouse.duckdb"
        command = [sys.executable, "-m", "dbt.cli.main", "build", "--project-dir", str(project), "--profiles-dir"]
        command += [str(project), "--target-path", str(self.folder / "target"), "--log-path", str(self.folder)]
        done = subprocess.run(
            [*command, "--vars", VARIABLES, *arguments],
            env=os.environ | {"TWINLAB_DUCKDB": str(warehouse), "TWINLAB_REFERENCE": str(self.reference)},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return duckdb.connect(str(warehouse), read_only=True)


@pytest.fixture(scope="module")
def copied(root, tmp_path_factory):
    """Return a function that makes an `Edited` from the shipped files."""

    def copy(name):
        folder = tmp_path_factory.mktemp(name)
        shutil.copytree(root / "data" / "reference", folder / "reference")
        return Edited(root, folder)

    return copy


@pytest.fixture(scope="module")
def twelve(copied):
    """Warehouse with a twelfth portrait at the end of the file, built with its data tests."""
    edited = copied("twelve")
    edited.edit("portraits", lambda d: d["portraits"].append(VETERAN))
    with edited.build("--exclude-resource-type", "unit_test") as connection:
        yield connection


def codes(connection, table):
    """Different portrait codes of a table."""
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
    assert ruled == 9


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
    chosen = ["--select", *(f"+{table}" for table in tables), "--exclude-resource-type", "test", "unit_test"]
    with edited.build(*chosen) as shuffled:
        for table in tables:
            query = f"select * from marts.{table} order by all"
            assert shuffled.sql(query).fetchall() == twelve.sql(query).fetchall(), table


def test_a_portrait_is_removed_with_what_names_it(copied):
    """The twin goes on drawing such clients: the truth then has a portrait that nothing else knows."""
    edited = copied("eleven")

    def aim_elsewhere(document):
        for feature in document["features"]:
            kept = [code for code in feature["aimed_portraits"] if code != "eco"]
            feature["aimed_portraits"] = kept or ["premium"]

    edited.edit("portraits", lambda d: d.update(portraits=[p for p in d["portraits"] if p["portrait_code"] != "eco"]))
    edited.edit("feature_hypotheses", aim_elsewhere)
    edited.edit("behavior_rules", lambda d: [rule["portraits"].pop("eco", None) for rule in d["rules"]])
    with edited.build("--exclude-resource-type", "unit_test") as connection:
        assert "eco" in codes(connection, "truth.client_portraits")
        for table in ("dim_portraits", "fct_client_portraits", "fct_client_portrait_scores", "mart_portrait_checks"):
            assert "eco" not in codes(connection, f"marts.{table}")
        assert len(codes(connection, "marts.fct_client_portrait_scores")) == 11
