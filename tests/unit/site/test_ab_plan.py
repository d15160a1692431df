"""What a link may set on the page of plans, and which part of the curve is drawn."""

import pytest

from tests.site_modules import run

FEATURES = [
    {"feature_code": code, "horizon_weeks": weeks, "powers": powers}
    for code, weeks, powers in (("free_coffee", 12, "0.9,0.8"), ("eco", 60, "0.8"))
]
STARTS = {"effect": 10, "weeks": 12, "control": 50, "power": 80}


def read(link):
    return run("ab-plan.js", "it.readLink(...values)", link, FEATURES)


def test_a_link_brings_back_what_was_set():
    values = {"effect": 7.5, "weeks": 20, "control": 33.3, "power": 90}
    link = run("ab-plan.js", "it.linkOf(...values)", FEATURES[0], values)
    assert link == "feature=free_coffee&effect=7.5&weeks=20&control=33.3&power=90"
    assert read(link) == {"feature": FEATURES[0], "values": values}
    assert run("ab-plan.js", "it.linkOf(...values)", FEATURES[0], STARTS) == "feature=free_coffee"
    assert read("feature=free_coffee") == {"feature": FEATURES[0], "values": STARTS}


def test_a_horizon_beyond_the_slider_starts_at_its_end():
    assert read("feature=eco")["values"] == STARTS | {"weeks": 52}


@pytest.mark.parametrize(
    ("link", "changed"),
    [
        ("effect=1e9", {"effect": 50}),
        ("effect=0", {"effect": 1}),
        ("effect=8.26", {"effect": 8.3}),
        ("effect=8;drop table x", {}),
        ("effect=NaN&weeks=Infinity&control=&power=%20", {}),
        ("weeks=-4&control=900", {"weeks": 1}),
        ("weeks=7.6", {"weeks": 8}),
        ("power=85", {}),
        ("power=90", {"power": 90}),
    ],
)
def test_a_number_of_a_link_stays_within_its_knob(link, changed):
    assert read(f"feature=free_coffee&{link}")["values"] == STARTS | changed


def test_a_link_names_only_a_feature_that_there_is():
    assert read("") is None
    assert read("feature=free_coffee' or 1=1&effect=5") is None
    assert read("effect=5") is None


def test_settings_are_the_numbers_that_are_meant():
    values = STARTS | {"effect": 7, "control": 35}
    settings = run("ab-plan.js", "it.settingsOf(...values)", FEATURES[0] | {"feature_code": "it's"}, values)
    assert settings == {
        "effect": "0.07",
        "weeks": "12",
        "control": "0.35",
        "power": "0.8",
        "feature_code": "'it''s'",
        "state": "its 0.07 12 0.35 0.8",
    }


@pytest.mark.parametrize(
    ("chosen", "smallest", "ends"),
    [
        (0.1, 0.06, (0.05, 0.2)),
        (0.1, 0.121, (0.08, 0.25)),
        (0.01, 0.008, (0.01, 0.02)),
        (0.5, 0.4, (0.32, 0.6)),
        (0.1, 4.2, (0.08, 0.6)),
        (0.1, None, (0.08, 0.2)),
    ],
)
def test_the_curve_holds_what_is_chosen_and_what_all_would_show(chosen, smallest, ends):
    rows = [{"effect_ratio": number / 100, "clients_needed_count": 10_000 // number} for number in range(60, 0, -1)]
    plan = {"effect_ratio": chosen, "min_effect_ratio": smallest}
    effects = [row["effect_ratio"] for row in run("ab-plan.js", "it.curveOf(...values)", rows, plan)]
    assert effects == sorted(effects)
    assert (effects[0], effects[-1]) == ends
    assert chosen in effects


def test_there_is_no_curve_where_nothing_is_known():
    rows = [{"effect_ratio": 0.1, "clients_needed_count": None}]
    plan = {"effect_ratio": 0.1, "min_effect_ratio": None}
    assert run("ab-plan.js", "it.curveOf(...values)", rows, plan) == []
