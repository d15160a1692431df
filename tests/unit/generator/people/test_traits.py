"""Traits by which rules distinguish clients: what the generator knows is what the warehouse observes."""

import json

import numpy as np
import pytest
import yaml

from generator.people.clients import PAYMENT_METHODS
from generator.people.traits import TRAITS, meets
from generator.tables import clients_table, vehicles_table
from generator.visits.visits import draw_visits
from tests.synthetic import REFERENCE
from vocabulary.rules import TRAITS as OBSERVED


@pytest.fixture(scope="module")
def traits(block):
    """Every trait of the block's clients."""
    return {name: trait(block.run, block.people)[block.people.is_client] for name, trait in TRAITS.items()}


def test_rules_generator_and_warehouse_know_the_same_traits(root):
    """The generator and ml may not import each other; the JSON schema is separate from both."""
    schema = json.loads((REFERENCE / "schemas" / "behavior_rules.schema.json").read_text(encoding="utf-8"))
    assert schema["$defs"]["modifier"]["properties"]["metric_code"]["enum"] == list(TRAITS) == list(OBSERVED)
    contract = yaml.safe_load(
        (root / "models" / "marts" / "clients" / "_marts_clients__models.yml").read_text(encoding="utf-8")
    )
    columns = next(model["columns"] for model in contract["models"] if model["name"] == "fct_client_metrics")
    assert set(TRAITS) <= {column["name"] for column in columns}


def test_traits_equal_those_in_the_tables_of_the_network(block, traits):
    run, people = block.run, block.people
    clients, vehicles = clients_table(run, people).to_pandas(), vehicles_table(run, people).to_pandas()
    for name in ("has_loyalty_card", "has_fuel_card", "has_contract"):
        assert (traits[name] == clients[name]).all(), name
    assert (traits["is_corporate"] == (clients["client_type"] == "corporate")).all()
    tenure = [(run.period_end - registered_on).days for registered_on in clients["registered_on"]]
    assert (traits["tenure_days"] == tenure).all()
    by_client = vehicles.groupby("client_id")
    assert (traits["vehicles_count"] == by_client.size().to_numpy()).all()
    assert (traits["tank_volume_l"] == by_client["tank_volume_l"].max().to_numpy()).all()
    single_grade = (by_client["fuel_grade"].nunique() == 1).to_numpy()
    assert single_grade.mean() > 0.8
    assert (traits["main_fuel_grade"][single_grade] == by_client["fuel_grade"].first().to_numpy()[single_grade]).all()


def test_the_main_grade_is_the_one_burned_most(block, traits):
    vehicles, mixed = block.people.vehicles, 0
    for person in np.flatnonzero(traits["vehicles_count"] > 2)[:50]:
        own = vehicles.owner == person
        use = np.bincount(vehicles.grade[own], vehicles.use_l_per_day[own])
        mixed += (use > 0).sum() > 1
        assert traits["main_fuel_grade"][person] == block.run.grade_codes[use.argmax()]
    assert mixed > 5


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"metric_code": "has_fuel_card", "values": [True]}, lambda t: t["has_fuel_card"]),
        ({"metric_code": "has_fuel_card", "values": ["false"]}, lambda t: ~t["has_fuel_card"]),
        (
            {"metric_code": "main_payment_method", "values": ["app", "cash"]},
            lambda t: (t["main_payment_method"] == "app") | (t["main_payment_method"] == "cash"),
        ),
        ({"metric_code": "vehicles_count", "values": [1, 3]}, lambda t: np.isin(t["vehicles_count"], [1, 3])),
        ({"metric_code": "tenure_days", "high": 60}, lambda t: t["tenure_days"] < 60),
        (
            {"metric_code": "tenure_days", "low": 30, "high": 60},
            lambda t: (t["tenure_days"] >= 30) & (t["tenure_days"] < 60),
        ),
    ],
)
def test_conditions_select_the_right_clients(block, traits, condition, expected):
    found = meets(block.run, block.people, condition)[block.people.is_client]
    assert 0 < found.sum() < len(found)
    assert (found == expected(traits)).all()


def test_main_payment_is_the_method_of_most_receipts(block, traits):
    """The warehouse observes receipts only: with 20 or more, the main method is nearly always the true one."""
    receipts = draw_visits(block.run, block.network, block.people, block.fills, 0).to_pandas()
    counts = (
        receipts.dropna(subset=["client_id"])
        .groupby("client_id")["payment_method"]
        .value_counts()
        .unstack(fill_value=0)
    )
    known = counts[counts.sum(axis=1) >= 20]
    main = traits["main_payment_method"][known.index.to_numpy().astype(int) - 1]
    assert len(known) > 300
    assert set(main) == set(PAYMENT_METHODS)
    assert (known.idxmax(axis=1) == main).mean() > 0.95
