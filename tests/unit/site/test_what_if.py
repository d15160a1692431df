"""What a link may set on the what-if page."""

import pytest

from tests.site_modules import run

FEATURES = [
    {"feature_code": code, "state_code": state, "randomization_unit": "client", "horizon_weeks": 12}
    | {"shop_margin_share": 0.3, "fuel_margin_rub_per_month": 0, "cost_rub_per_client_per_month": 0}
    | {"cost_rub_per_l": per_l, "cost_rub_per_visit": per_visit, "cost_rub_per_month": 0}
    for code, state, per_l, per_visit in (
        ("free_coffee", "ok", 0, 32),
        ("fuel_discount", "ok", 2.5, 0),
        ("pilot", "own_pilot", 0, 32),
    )
]
PORTRAITS = [
    {"feature_code": feature, "portrait_code": portrait}
    for feature, portrait in (("free_coffee", "eco"), ("free_coffee", "new"), ("fuel_discount", "taxi_fleet"))
]
TRIED = {"cost_rub_per_visit": 32, "cost_rub_per_client_per_month": 0, "cost_rub_per_month": 0, "treated_share": 100}
TRIED |= {"horizon_weeks": 12, "fuel_margin_scale": 100, "shop_margin_share": 30}


def read(link):
    return run("what-if.js", "it.readLink(...values)", link, FEATURES, PORTRAITS)


def test_a_link_brings_back_what_was_set():
    values = TRIED | {"cost_rub_per_visit": 50, "treated_share": 50, "shop_margin_share": 28.5}
    link = run("what-if.js", "it.linkOf(...values)", FEATURES[0], values, 0, ["new"])
    assert link == "feature=free_coffee&cost_rub_per_visit=50&treated_share=50&shop_margin_share=28.5&portraits=new"
    assert read(link) == {"feature": FEATURES[0], "values": values, "elasticity": 0, "portraits": ["new"]}
    assert run("what-if.js", "it.linkOf(...values)", FEATURES[0], TRIED, 0, None) == "feature=free_coffee"
    assert read("feature=free_coffee") == {"feature": FEATURES[0], "values": TRIED, "elasticity": 0, "portraits": None}


@pytest.mark.parametrize(
    ("link", "value"),
    [
        ("cost_rub_per_visit=1e9", 100),
        ("cost_rub_per_visit=-5", 0),
        ("cost_rub_per_visit=12.3456", 12.35),
        ("cost_rub_per_visit=1;drop table x", 32),
        ("cost_rub_per_visit=NaN", 32),
        ("cost_rub_per_visit=Infinity", 32),
        ("cost_rub_per_visit=", 32),
        ("cost_rub_per_visit=%20", 32),
    ],
)
def test_a_number_of_a_link_stays_within_its_knob(link, value):
    assert read(f"feature=free_coffee&{link}")["values"] == TRIED | {"cost_rub_per_visit": value}


def test_a_link_names_only_what_there_is():
    assert read("") is None
    assert read("feature=free_coffee' or 1=1") is None
    assert read("portraits=new") is None
    found = read("feature=free_coffee&portraits=new+taxi_fleet+%27%29+or+1=1&response_elasticity=1&cost_rub_per_l=3")
    assert found == {"feature": FEATURES[0], "values": TRIED, "elasticity": 0, "portraits": ["new"]}
    assert read("feature=fuel_discount&response_elasticity=1")["elasticity"] == 1
    assert read("feature=fuel_discount&response_elasticity=7")["elasticity"] == 0
    assert read("feature=pilot&cost_rub_per_visit=50")["values"] == {}
    assert run("what-if.js", "it.linkOf(...values)", FEATURES[2], {}, 0, None) == "feature=pilot"


def test_settings_are_the_numbers_that_are_meant():
    values = TRIED | {"treated_share": 7, "fuel_margin_scale": 145}
    settings = run("what-if.js", "it.settingsOf(...values)", FEATURES[0], values, 0, ["it's"])
    assert settings["treated_share"] == "0.07"
    assert settings["fuel_margin_scale"] == "1.45"
    assert settings["shop_margin_share"] == "0.3"
    assert settings["cost_rub_per_l"] == "0"
    assert settings["portraits"] == "'', 'it''s'"
    assert "'" not in settings["state"]
