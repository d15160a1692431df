"""Pilots of own data: eligibility, portraits before the start, and which features are measured."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ml.rules.scenario import by_rules
from ml.tables.errors import MissingColumnError
from ml.trials.analysis import analyse
from ml.trials.assignment import without_arms
from ml.trials.pilots import estimate, portraits_at_start, with_pilots
from tests import toy

REFERENCE = Path(__file__).parents[4] / "data" / "reference"
COST = {"rub_per_visit": 20, "rub_per_l": 0, "rub_per_client_per_month": 0, "rub_per_month": 0}


def feature(code: str) -> dict:
    return {
        "feature_code": code,
        "primary_metric_code": "visits_per_month",
        "treated_share": 0.9,
        "eligibility": [],
        "cost": COST,
        "adoption": {"ramp_weeks": 2, "half_life_weeks": 26},
    }


def clients(count: int) -> pa.Table:
    amounts = ("visits_per_month", "volume_l_per_month", "spend_rub_per_month", "shop_rub_per_month")
    columns = {"client_id": np.arange(1, count + 1), "portrait_code": ["rare"] * count}
    return pa.table(columns | dict.fromkeys(amounts, np.full(count, 5.0)) | {"margin_rub_per_month": [None] * count})


def participants(rows: list[dict]) -> pa.Table:
    schema = pa.schema(
        {
            "client_id": pa.int64(),
            "feature_code": pa.string(),
            "portrait_code": pa.string(),
            "is_treated": pa.bool_(),
            "group_id": pa.int64(),
        }
    )
    return pa.Table.from_pylist(rows, schema)


def test_participants_alone_are_eligible_for_their_feature():
    arms = without_arms(clients(3), [feature("coffee"), feature("tea")])
    took_part = participants(
        [
            {"client_id": 3, "feature_code": "tea", "portrait_code": "eco", "is_treated": False, "group_id": 7},
            {"client_id": 1, "feature_code": "tea", "portrait_code": "new", "is_treated": True, "group_id": 8},
            # A client that is not in the client list any more has no row.
            {"client_id": 9, "feature_code": "tea", "portrait_code": "new", "is_treated": True, "group_id": 8},
        ]
    )
    found = with_pilots(arms, took_part)
    assert found.schema == arms.schema
    assert found.slice(0, 3).equals(arms.slice(0, 3))
    assert found.slice(3, 3).select(arms.column_names[2:]).to_pylist() == [
        {"portrait_code": "new", "is_eligible": True, "is_treated": True, "group_id": 8},
        {"portrait_code": "rare", "is_eligible": False, "is_treated": None, "group_id": None},
        {"portrait_code": "eco", "is_eligible": True, "is_treated": False, "group_id": 7},
    ]


def test_without_participants_the_arms_do_not_change():
    arms = without_arms(clients(3), [feature("coffee")])
    assert with_pilots(arms, participants([])).equals(arms)
    with pytest.raises(MissingColumnError, match="is_treated"):
        with_pilots(arms, participants([]).drop_columns(["is_treated"]))


def test_the_portrait_model_is_fitted_on_the_first_day_only():
    criteria = toy.read_criteria(REFERENCE / "portraits.json")
    first, _ = toy.clients(criteria, np.random.default_rng(1), 300)
    second, _ = toy.clients(criteria, np.random.default_rng(2), 200)
    days = [(date(2025, 5, 4), first), (date(2025, 7, 4), second)]
    options = {"seed": 1, "min_confidence": 0.3}
    found = portraits_at_start(days, criteria, **options)
    assert found.schema.names == ["as_of_on", "client_id", "portrait_code"]
    assert found.filter(pa.compute.equal(found["as_of_on"], date(2025, 5, 4))).num_rows == 300
    # The later day does not change the earlier one, and is itself scored by the model of the earlier one.
    assert found.slice(0, 300).equals(portraits_at_start(days[:1], criteria, **options))
    later = found.slice(300).drop_columns(["as_of_on"])
    alone = portraits_at_start(days[1:], criteria, **options).drop_columns(["as_of_on"])
    assert later["client_id"].equals(alone["client_id"])
    assert not later["portrait_code"].equals(alone["portrait_code"])


def test_no_pilot_day_gives_no_rows():
    found = portraits_at_start([], toy.read_criteria(REFERENCE / "portraits.json"), seed=1, min_confidence=0.3)
    assert found.num_rows == 0
    assert found.schema.field("as_of_on").type == pa.date32()


@pytest.fixture(scope="module")
def scenario_input():
    means = {"response_prob": 0.3, "visits_change": 0.1, "volume_per_visit_change": 0.0, "shop_change": 0.0}
    rules = [
        {"portrait_code": "rare", "feature_code": code}
        | {
            f"{name}_{part}": value if part == "mean" else 0.01
            for name, value in means.items()
            for part in ("mean", "sd")
        }
        for code in ("coffee", "tea")
    ]
    return clients(40), pa.Table.from_pylist(rules), [feature("coffee"), feature("tea")]


OPTIONS = {"horizon_weeks": 12, "seed": 1, "shop_margin_share": 0.35}


def test_without_a_pilot_everything_is_a_scenario(scenario_input):
    nothing = toy.trial(np.random.default_rng(1), {"rare": 4}).slice(0, 0)
    found = estimate(nothing, *scenario_input, pilot_weeks={}, **OPTIONS)
    for table, expected in zip(found, by_rules(*scenario_input, **OPTIONS), strict=True):
        assert table.equals(expected)


def test_a_feature_with_a_pilot_is_measured_and_the_others_follow_the_rules(scenario_input):
    outcomes = toy.trial(np.random.default_rng(1), {"eco": 60, "rare": 60}, effect=0.5, feature_code="tea")
    by_feature, by_portrait = estimate(outcomes, *scenario_input, pilot_weeks={"tea": 6}, **OPTIONS)
    reported = [(row["feature_code"], row["basis_code"], row["horizon_weeks"]) for row in by_feature.to_pylist()]
    assert reported == [("coffee", "rules_scenario", 12), ("tea", "experiment", 6)]
    assert by_portrait["portrait_code"].to_pylist() == ["rare", "eco", "rare"]
    # The planned share of our own trials does not apply to the pilot, so its arms are not tested.
    assert by_feature["sample_ratio_p_value"].to_pylist() == [None, None]
    measured = analyse(outcomes, [feature("tea")], horizon_weeks=6)[0].to_pylist()[0]
    assert by_feature.to_pylist()[1] == measured | {"sample_ratio_p_value": None}
    played = by_rules(*scenario_input, **OPTIONS)[0].to_pylist()[0]
    assert by_feature.to_pylist()[0] == played
