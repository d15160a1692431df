"""Shared constants that files other than Python must repeat: each says the same."""

import json
from pathlib import Path

import pytest
import yaml

from vocabulary.rules import EFFECTS, LIMITS, TRAITS
from vocabulary.units import MONTH_DAYS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rules_schema():
    path = ROOT / "data" / "reference" / "schemas" / "behavior_rules.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))["$defs"]


def test_a_month_of_dbt_is_a_month_of_python():
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["month_days"] == MONTH_DAYS == 365.25 / 12


def test_rules_may_say_what_draws_of_them_may_be(rules_schema):
    assert list(rules_schema["effect"]["properties"]) == list(EFFECTS)
    for effect, reference in rules_schema["effect"]["properties"].items():
        mean = rules_schema[reference["$ref"].rsplit("/", 1)[1]]["properties"]["mean"]
        assert (mean["minimum"], mean["maximum"]) == LIMITS[effect]


def test_modifiers_may_name_the_shared_traits(rules_schema):
    assert rules_schema["modifier"]["properties"]["metric_code"]["enum"] == list(TRAITS)
    assert list(rules_schema["modifier"]["properties"]["factors"]["properties"]) == list(EFFECTS)
