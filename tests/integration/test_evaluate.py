"""The long grading on small runs: real warehouses, the knob of separation, results that are kept."""

import csv
from pathlib import Path

import pytest

from ingest.evaluation import kept_grades
from lab import evaluate
from lab.grades import GRADES
from lab.plan import Setting
from lab.portraits.settings import VARIATIONS
from twinlab.develop.rehearsal import copy_checkout
from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.parameters import Parameters

pytestmark = pytest.mark.slow

APART, MIXED = 4.0, 0.5


@pytest.fixture(scope="module")
def layout(root, tmp_path_factory):
    """Return the layout of a copy, so that no evaluation of the checkout is touched."""
    copy = tmp_path_factory.mktemp("evaluate") / "project"
    copy_checkout(root, copy)
    return Layout(copy, copy / "data" / "twinlab.duckdb", copy / "data" / "reference")


@pytest.fixture(scope="module")
def settings():
    """Return two runs that differ by the knob alone."""
    parameters = Parameters(clients=300, seed=1)
    apart = ("ceiling", "twin_quality", "portraits", "stability", "settings", "targeting")
    return [Setting(parameters, APART, apart), Setting(parameters, MIXED, ("ceiling",))]


@pytest.fixture(scope="module")
def page(layout, settings):
    """Grade them; returns the summary."""
    return evaluate.grade(layout, settings, 1.0)


def rows(path: Path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_portraits_are_easier_to_tell_the_farther_they_lie_apart(layout, page):
    ceiling = rows(layout.data / "evaluation" / "ceiling.csv")
    accuracy = {row["separation"]: float(row["value"]) for row in ceiling if row["grade_code"] == "accuracy"}
    assert set(accuracy) == {"4", "0.5"}
    assert accuracy["4"] > accuracy["0.5"] + 0.15
    # Everyone that was graded stands in one pair of true and found portrait, and the hits are the accuracy.
    pairs = [row for row in ceiling if row["grade_code"] == "clients_count" and row["separation"] == "4"]
    clients = sum(int(row["value"]) for row in pairs)
    hits = sum(int(row["value"]) for row in pairs if row["portrait_code"] == row["predicted_code"])
    assert 150 < clients <= 300
    assert hits / clients == pytest.approx(accuracy["4"])


def test_the_twin_is_graded_by_its_own_checks(layout, page):
    quality = rows(layout.data / "evaluation" / "twin_quality.csv")
    physical = [row for row in quality if row["kind"] == "physical"]
    assert physical
    assert {row["is_passed"] for row in physical} == {"true"}
    assert {row["separation"] for row in quality} == {"4"}


def test_the_summary_is_written_and_nothing_else_is_left(layout, page):
    folder = layout.data / "evaluation"
    assert (folder / "summary.md").read_text(encoding="utf-8") == page + "\n"
    csv_files = {f"{name}.csv" for name in ({*GRADES, "mart_evaluation"} - {"trials"})}
    assert {path.name for path in folder.iterdir()} == csv_files | {".lock", "summary.md"}


def test_portraits_are_graded_with_simpler_methods(layout, page):
    portraits = rows(layout.data / "evaluation" / "portraits.csv")
    macro_f1 = {row["method_code"]: float(row["value"]) for row in portraits if row["grade_code"] == "macro_f1"}
    assert set(macro_f1) == {"twinlab", "criteria_only", "kmeans", "prototype"}
    assert macro_f1["twinlab"] > max(macro_f1["kmeans"], macro_f1["prototype"])
    same = [row for row in rows(layout.data / "evaluation" / "stability.csv") if row["grade_code"] == "stability_share"]
    assert [0.5 < float(row["value"]) <= 1 for row in same] == [True]


def test_ways_to_choose_clients_are_graded_against_the_truth(layout, page):
    figures = rows(layout.data / "evaluation" / "targeting.csv")
    whole = {(row["method_code"], row["grade_code"]): float(row["value"]) for row in figures if not row["feature_code"]}
    assert (whole["oracle", "pehe_rub"], whole["oracle", "slope"]) == (0.0, pytest.approx(1))
    ways = ("client_effects", "portrait_mean", "response_model", "aimed", "everyone")
    assert all(whole[way, "policy_rub"] < whole["oracle", "policy_rub"] for way in ways)
    assert 0 < whole["client_effects", "pehe_rub"] < 10 * whole["portrait_mean", "pehe_rub"]
    # What is kept for the warehouse is of all features together.
    kept = [row for row in kept_grades(layout.data / "evaluation").to_pylist() if row["subject_code"] == "targeting"]
    assert {(row["method_code"], row["grade_code"]): row["value"] for row in kept} == pytest.approx(whole)


def test_settings_are_compared_with_the_portraits_of_the_warehouse(layout, page):
    changed = rows(layout.data / "evaluation" / "settings.csv")
    assert {row["method_code"] for row in changed} == {"twinlab", *(each.code for each in VARIATIONS)}
    usual = {row["grade_code"]: float(row["value"]) for row in changed if row["method_code"] == "twinlab"}
    assert (usual["same_share"], usual["macro_f1_difference"]) == (1.0, 0.0)
    found = rows(layout.data / "evaluation" / "portraits.csv")
    of_warehouse = {row["grade_code"]: row["value"] for row in found if row["method_code"] == "twinlab"}
    for code in ("macro_f1", "ece", "undefined_share"):
        assert usual[code] == pytest.approx(float(of_warehouse[code])), code


def test_the_warehouse_can_read_the_figures(layout, page):
    table = kept_grades(layout.data / "evaluation").to_pylist()
    kept = {(row["method_code"], row["grade_code"], row["separation"]): row["value"] for row in table}
    share = kept["twinlab", "macro_f1", APART] / kept["ceiling", "macro_f1", APART]
    assert kept["twinlab", "ceiling_share", APART] == pytest.approx(share)
    assert ("ceiling", "macro_f1", MIXED) in kept
    assert ("twinlab", "ceiling_share", MIXED) not in kept


def test_what_is_graded_is_not_built_again(layout, settings, page, monkeypatch):
    def refuse(*_arguments, **_options):
        raise UserError("built again")

    monkeypatch.setattr(evaluate, "run_dbt", refuse)
    assert evaluate.grade(layout, settings, 1.0).splitlines()[3:] == page.splitlines()[3:]
    with pytest.raises(UserError, match="built again"):
        evaluate.grade(layout, [Setting(Parameters(clients=300, seed=2), 1.0, ("ceiling",))], 1.0)
