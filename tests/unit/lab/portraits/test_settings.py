"""What the settings decide: one at a time, against the usual ones, on clients whose right answer is known."""

import csv
import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lab.portraits.settings import USUAL, VARIATIONS, Variation, grade_settings
from ml.portraits.model import Settings
from ml.tables.errors import InvalidValueError
from tests import toy

COUNT = 1200
LABELS = Path(__file__).parents[4] / "dbt_project" / "seeds" / "evaluation_labels.csv"


@pytest.fixture(scope="module")
def run():
    """Two portraits: nine tenths of each have its flag, which is its criterion; litres separate them for certain."""
    rng = np.random.default_rng(3)
    is_large = np.arange(COUNT) % 2 == 1
    criteria = [
        {"portrait_code": code, "criterion_code": "card", "metric_code": "has_loyalty_card", "kind": "category"}
        | {"values": [value], "weight": 1.0, "is_hard": False}
        for code, value in (("large", "true"), ("small", "false"))
    ]
    visits = np.where(np.arange(COUNT) % 6 < 4, 5, 0)
    metrics = pa.table(
        {
            "client_id": np.arange(1, COUNT + 1),
            "visits_count": visits,
            "has_loyalty_card": is_large ^ (rng.random(COUNT) < 0.1),
            "volume_l_per_visit": np.exp(np.where(is_large, 4.5, 3.0) + rng.normal(0, 0.1, COUNT)),
            "home_station_share": pa.array(rng.beta(5, 5, COUNT), mask=visits == 0),
        }
    )
    truth = pa.table({"client_id": metrics["client_id"], "portrait_code": np.where(is_large, "large", "small")})
    return metrics, pa.Table.from_pylist(criteria, schema=toy.CRITERIA_SCHEMA), truth


@pytest.fixture(scope="module")
def graded(run):
    return grade_settings(*run, seed=1, min_confidence=0.3)


def test_each_variation_changes_one_setting_to_another_value():
    usual = vars(Settings())
    assert len({each.code for each in VARIATIONS}) == len(VARIATIONS)
    for each in VARIATIONS:
        assert [name for name, value in vars(each.settings).items() if value != usual[name]] == [each.setting_code]
    assert {each.setting_code for each in VARIATIONS} == {field.name for field in fields(Settings)}


def test_each_variation_has_a_russian_name():
    with LABELS.open(encoding="utf-8", newline="") as file:
        named = {row["code"] for row in csv.DictReader(file) if row["kind"] == "setting"}
    assert named == {each.code for each in VARIATIONS}


def test_the_usual_settings_come_first_and_differ_from_themselves_by_nothing(graded):
    assert [each.variation for each in graded] == [USUAL, *VARIATIONS]
    usual = graded[0]
    assert (usual.difference.value, usual.difference.low, usual.difference.high) == (0.0, 0.0, 0.0)
    assert usual.same_share == 1.0
    assert usual.macro_f1 > 0.99
    for each in graded:
        assert each.difference.value == pytest.approx(usual.macro_f1 - each.macro_f1)


def test_what_tells_portraits_apart_cannot_be_left_out(run, graded):
    """Without litres only the flag is left, which is wrong of a tenth."""
    (without,) = [each for each in graded if each.variation.code == "left_out_volume_l_per_visit"]
    metrics, _, truth = run
    seen = metrics["visits_count"].to_numpy() > 0
    is_large = np.array(truth["portrait_code"].to_pylist()) == "large"
    right = float((metrics["has_loyalty_card"].to_numpy(zero_copy_only=False) == is_large)[seen].mean())
    assert without.macro_f1 == pytest.approx(right, abs=0.01)
    assert without.same_share == pytest.approx(right, abs=0.01)
    assert without.difference.low > 0.05
    (noise,) = [each for each in graded if each.variation.code == "left_out_home_station_share"]
    assert noise.macro_f1 > 0.99


def test_what_is_absurd_gives_nobody_a_portrait(run):
    absurd = Variation("absurd", "anywhere_share", "1e12", Settings(anywhere_share=1e12))
    usual, lost = grade_settings(*run, seed=1, min_confidence=0.3, variations=[absurd])
    assert (lost.macro_f1, lost.undefined_share, lost.same_share) == (0.0, 1.0, 0.0)
    assert lost.difference.value == usual.macro_f1
    assert math.isnan(lost.ece)


def test_samples_are_drawn_anew_and_the_order_of_rows_does_not_matter(run):
    samples = [
        Variation(f"sample_{number}", "fit_clients", "20", Settings(fit_clients=20), number) for number in range(3)
    ]
    found = grade_settings(*run, seed=1, min_confidence=0.3, variations=samples)
    assert len({(each.macro_f1, each.ece) for each in found[1:]}) > 1
    metrics, criteria, truth = run
    order = np.random.default_rng(0).permutation(COUNT)
    again = grade_settings(
        metrics.take(order), criteria, truth.take(order[::-1]), seed=1, min_confidence=0.3, variations=samples
    )
    assert again == found


def test_nobody_to_grade_is_reported(run):
    metrics, criteria, truth = run
    with pytest.raises(InvalidValueError, match="at least one"):
        grade_settings(metrics, criteria, truth.slice(0, 0), seed=1, min_confidence=0.3)
