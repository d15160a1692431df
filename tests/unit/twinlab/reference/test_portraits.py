"""Portraits can be reached: the ranges of portraits.json are consistent with each other, the tank and fuel grades."""

import json
from pathlib import Path

import pytest
import yaml

REFERENCE = Path(__file__).parents[4] / "data" / "reference"
PORTRAITS = json.loads((REFERENCE / "portraits.json").read_text(encoding="utf-8"))["portraits"]
GRADES = {
    grade["grade_code"]: grade["price_rub_per_l"]["value"]
    for grade in json.loads((REFERENCE / "twin.json").read_text(encoding="utf-8"))["grades"]
}


def criterion(portrait, metric):
    """Return the portrait's criterion on a metric, or an empty dict."""
    return next((item for item in portrait["criteria"] if item["metric_code"] == metric), {})


def test_there_are_the_eleven_portraits_of_the_business():
    codes = {portrait["portrait_code"] for portrait in PORTRAITS}
    assert len(PORTRAITS) == len(codes) == 11
    assert {"regular_private", "taxi_fleet", "new", "rare", "eco"} <= codes


@pytest.mark.parametrize("portrait", PORTRAITS, ids=lambda portrait: portrait["portrait_code"])
def test_portrait_is_reachable(portrait):
    volume, tank = criterion(portrait, "volume_l_per_visit"), criterion(portrait, "tank_volume_mean_l")
    for item in portrait["criteria"]:
        if "low" in item and "high" in item:
            assert item["low"] < item["high"], item
    if volume and tank:
        assert volume["low"] < tank.get("high", float("inf"))
    fuels = criterion(portrait, "main_fuel_grade").get("values", list(GRADES))
    assert set(fuels) <= set(GRADES)


def test_spend_is_derived_and_not_a_criterion():
    """The prototype's rouble ranges contradicted litres × price (40–80 l for 5,000–10,000 ₽); they must not return."""
    used = {item["metric_code"] for portrait in PORTRAITS for item in portrait["criteria"]}
    assert not any(metric.startswith("spend") for metric in used)


def test_new_depends_on_tenure():
    new = next(portrait for portrait in PORTRAITS if portrait["portrait_code"] == "new")
    assert criterion(new, "tenure_days")["high"] == 60
    for portrait in PORTRAITS:
        if portrait is not new:
            assert criterion(portrait, "tenure_days").get("low") == 60
            assert criterion(portrait, "tenure_days")["is_hard"]


@pytest.mark.parametrize("name", ["portraits", "feature_hypotheses"])
def test_criteria_may_name_every_client_metric_and_no_other(name):
    """The schema lists the columns of fct_client_metrics: a new metric must be added to both."""
    schema = json.loads((REFERENCE / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    contract = yaml.safe_load(
        (REFERENCE.parents[1] / "models/marts/clients/_marts_clients__models.yml").read_text(encoding="utf-8")
    )
    model = next(model for model in contract["models"] if model["name"] == "fct_client_metrics")
    columns = [column["name"] for column in model["columns"] if column["name"] != "client_id"]
    assert schema["$defs"]["metric_code"]["enum"] == columns
