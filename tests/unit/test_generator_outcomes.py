"""Both worlds: no effect where none is planted, the planted one where it is, and demand that is conserved."""

import json
from dataclasses import replace

import numpy as np
import pytest

from generator.effects import draw_features
from generator.fills import draw_future_fills
from generator.horizon import build_horizon
from generator.outcomes import draw_outcomes, draw_responders, effect_columns, futures_table, play_world
from generator.tables import client_rows
from ml.adoption import weekly_interest
from tests.unit.conftest import REFERENCE, rule

WEEKS = 12
FEATURE = {
    "feature_code": "planted",
    "acts_on": "client",
    "cost_rub_per_visit": 10.0,
    "cost_rub_per_l": 1.0,
    "cost_rub_per_client_per_month": 5.0,
    "ramp_weeks": 0.0,
    "half_life_weeks": 1e9,
}


UPLIFTS = {
    "visits_count": "uplift_visits_per_month",
    "volume_l": "uplift_volume_l_per_month",
    "margin_rub": "uplift_margin_rub_per_month",
}


@pytest.fixture(scope="module")
def play(block):
    """Play one feature with the given effects; returns the outcomes as numpy columns."""
    fills = draw_future_fills(block.run, block.people, block.history.pending, 0)
    horizon = build_horizon(block.run, block.network, block.people, fills, 0)

    def run(**effects):
        drawn = draw_features(1, [FEATURE], [rule("planted", **effects)])
        table = draw_outcomes(block.run, block.people, horizon, drawn, 0, WEEKS)
        weekly = [name for name in table.column_names if name.startswith("weekly")]
        columns = {name: table[name].to_numpy() for name in table.column_names if name not in weekly}
        return columns | {name: np.array(table[name].to_pylist()) for name in weekly}

    run.fills, run.horizon = fills, horizon
    return run


def test_without_effect_both_worlds_are_the_same(play):
    world = play(response_prob=1.0)
    for name in ("visits_count", "volume_l", "shop_amount_rub", "revenue_rub", "margin_rub"):
        assert np.allclose(world[f"{name}_with"], world[f"{name}_without"])
    assert (world["uplift_visits_per_month"] == 0).all()


def test_nobody_responds_at_probability_zero(play):
    world = play(response_prob=0.0, visits_change=0.5)
    assert not world["has_responded_with"].any()
    assert np.allclose(world["visits_count_with"], world["visits_count_without"])


def test_planted_visits_come_from_competitors_and_bring_their_litres(play):
    world = play(response_prob=1.0, visits_change=0.10)
    gained = world["visits_count_with"].sum() / world["visits_count_without"].sum() - 1
    assert 0.05 < gained < 0.12  # some clients have nothing left to win from competitors; the last fills come early
    litres = world["volume_l_with"].sum() / world["volume_l_without"].sum() - 1
    assert 0.03 < litres < gained


def test_pulling_forward_conserves_demand_and_fits_the_tank(block, play):
    """What is missing in a fill comes with the next one, and no tank runs dry or over."""
    horizon, vehicles = play.horizon, block.people.vehicles
    follows = np.isfinite(horizon.day_before)
    assert (horizon.pulled_l > 0).mean() > 0.99
    assert (horizon.litres - horizon.pulled_l > 0).all()
    assert (horizon.owed_l[~follows] == 0).all()
    fills, kept = play.fills, np.flatnonzero(block.people.has_fuel_card[vehicles.owner[play.fills.vehicle]])
    # Who has a fuel card is always known, so of these vehicles no fill is missing until their owners leave.
    stays = np.isinf(block.people.life.left_day[vehicles.owner[fills.vehicle[kept]]])
    vehicle = fills.vehicle[kept][stays]
    rows = (block.people.has_fuel_card & np.isinf(block.people.life.left_day))[horizon.person]
    assert rows.sum() == len(vehicle)
    last = np.concatenate([vehicle[1:] != vehicle[:-1], [True]])
    assert np.isclose(horizon.owed_l[rows].sum(), horizon.pulled_l[rows][~last].sum())
    lowest = fills.before_l[kept][stays] + horizon.pulled_l[rows] - horizon.owed_l[rows]
    assert (lowest > 0).all()


def test_what_is_pulled_forward_is_missing_afterwards(block, play):
    """A feature that nobody cares for after three weeks: more visits at first, then fewer than without."""
    flash = FEATURE | {"half_life_weeks": 0.5}
    drawn = draw_features(1, [flash], [rule("planted", response_prob=1.0, visits_change=0.10)])
    table = draw_outcomes(block.run, block.people, play.horizon, drawn, 0, WEEKS)
    weekly = [np.array(table[f"weekly_visits_{world}"].to_pylist()).sum(axis=0) for world in ("with", "without")]
    change = weekly[0] - weekly[1]
    assert change[0] > 0
    assert change[1:4].min() < 0
    assert (change[6:] == 0).all()


def test_feature_of_a_station_works_there_and_nowhere_else(block, play):
    """Visits to the home station grow, those to our others only move; a feature of the client reaches both."""
    worlds = {}
    for acts_on in ("station", "client"):
        feature = FEATURE | {"acts_on": acts_on}
        drawn = draw_features(1, [feature], [rule("planted", response_prob=1.0, visits_change=0.10)])
        table = draw_outcomes(block.run, block.people, play.horizon, drawn, 0, WEEKS)
        worlds[acts_on] = {name: table[name].to_numpy() for name in table.column_names if "weekly" not in name}
    station, client = worlds["station"], worlds["client"]
    away = {key: station[f"visits_count_{key}"] - station[f"home_visits_count_{key}"] for key in ("with", "without")}
    assert (away["with"] <= away["without"]).all()
    moved = away["without"].sum() - away["with"].sum()
    assert 0.07 < moved / away["without"].sum() < 0.13  # planted: 10 %
    gained = {key: (world["visits_count_with"] - world["visits_count_without"]).sum() for key, world in worlds.items()}
    assert 0.4 * gained["client"] < gained["station"] < 0.9 * gained["client"]
    assert (client["home_visits_count_with"] >= client["home_visits_count_without"]).mean() > 0.9


def test_futures_are_the_world_without_any_feature(block, play):
    """What the forecast is held against, and what an experiment sees without its feature, is one world."""
    futures = futures_table(block.run, block.people, play.horizon)
    weekly = np.array(futures["weekly_visits"].to_pylist())
    assert weekly.shape == (1000, 26)
    world = play(response_prob=1.0)
    assert (weekly[:, :WEEKS].sum(axis=1) == world["visits_count_without"]).all()
    litres = np.array(futures["weekly_volume_l"].to_pylist())[:, :WEEKS].sum(axis=1)
    assert np.allclose(litres, world["volume_l_without"])


def test_harm_is_possible(play):
    world = play(response_prob=1.0, visits_change=-0.10)
    assert world["visits_count_with"].sum() < 0.95 * world["visits_count_without"].sum()
    assert world["uplift_margin_rub_per_month"].sum() < 0


@pytest.mark.parametrize("change", [0.25, -0.2])
def test_larger_or_smaller_fills_conserve_litres(play, change):
    world = play(response_prob=1.0, volume_per_visit_change=change)
    assert np.allclose(world["volume_l_with"], world["volume_l_without"])
    ratio = world["visits_count_with"].sum() / world["visits_count_without"].sum()
    assert abs(ratio - 1 / (1 + change)) < 0.02


@pytest.mark.parametrize(
    ("acts_on", "ramp", "half_life", "effects"),
    [
        ("client", 0.0, 1e9, {"visits_change": 0.3, "shop_change": 0.5}),
        ("station", 2.0, 1.0, {"visits_change": 0.12, "volume_per_visit_change": 0.3, "shop_change": 0.5}),
        ("client", 0.0, 0.5, {"visits_change": 0.05, "volume_per_visit_change": -0.4, "shop_change": -0.7}),
        ("client", 3.0, 4.0, {"visits_change": -0.2, "volume_per_visit_change": 0.8, "shop_change": 1.0}),
    ],
    ids=["lasting", "station", "short", "harm"],
)
def test_expected_effects_are_the_mean_of_what_happens(block, play, acts_on, ramp, half_life, effects):
    """Choices, willingness and patience drawn anew 300 times over the same fills: the means are the expectations.

    The truth's effects are what every estimate is held against, so each total must be within 4 standard errors.
    """
    settings = FEATURE | {"acts_on": acts_on, "ramp_weeks": ramp, "half_life_weeks": half_life}
    [feature] = draw_features(1, [settings], [rule("planted", response_prob=0.5, **effects)])
    people, size = block.people, len(block.people.number)
    responder = draw_responders(block.run, people, feature, 0, WEEKS)
    rows = client_rows(block.run, people)
    expected = effect_columns(block.run, people, play.horizon, rows, feature, responder, WEEKS)
    rng, fills = np.random.default_rng(5), len(play.horizon.choice)
    gained = {outcome: [] for outcome in UPLIFTS}
    for _ in range(300):
        choice, merge, shift = rng.random((3, fills))
        horizon = replace(play.horizon, choice=choice, merge=merge, shift=shift)
        willing = rng.random(size) < responder.response_prob
        active = willing[:, None] & (rng.random(size)[:, None] < responder.interest)
        without = play_world(block.run, people, horizon, WEEKS, None, None)
        world = play_world(block.run, people, horizon, WEEKS, feature, replace(responder, active=active))
        for outcome in gained:
            gained[outcome].append((world[outcome] - without[outcome])[rows].sum() * 30.4375 / (7 * WEEKS))
    for outcome, uplift in UPLIFTS.items():
        totals = np.array(gained[outcome])
        error = totals.std() / np.sqrt(len(totals))
        assert abs(totals.mean() - expected[uplift].sum()) < 4 * error, outcome
        assert error < 0.1 * abs(expected[uplift].sum()), outcome


def test_weeks_add_up_to_the_horizon_and_costs_to_their_parts(play):
    world = play(response_prob=1.0, visits_change=0.2)
    assert (world["weekly_visits_with"].sum(axis=1) == world["visits_count_with"]).all()
    assert (world["weekly_visits_without"].sum(axis=1) == world["visits_count_without"]).all()
    expected = 10 * world["visits_count_with"] + world["volume_l_with"] + 5 * WEEKS * 7 / 30.4375
    assert np.allclose(world["cost_rub_with"], expected)


def test_true_effects_scatter_around_the_rules_and_editing_one_leaves_the_others():
    rules = [rule("planted"), rule("planted", "rare"), rule("planted", "eco")]
    for item in rules:
        item.update(visits_change_mean=0.2, visits_change_sd=0.05)
    drawn = [draw_features(seed, [FEATURE], rules)[0].effects["rare"]["visits_change"] for seed in range(400)]
    assert abs(np.mean(drawn) - 0.2) < 0.01
    assert abs(np.std(drawn) - 0.05) < 0.01
    before = draw_features(7, [FEATURE], rules)[0].effects
    rules[1]["visits_change_mean"] = 0.9
    after = draw_features(7, [FEATURE], rules)[0].effects
    assert before["eco"] == after["eco"]
    assert before["rare"] != after["rare"]


def test_interest_is_the_curve_that_the_scenario_uses(features):
    """Generator and ml may not import each other; their adoption curves must be one."""
    for feature in features:
        feature["cost_rub_per_month"] = 0
        drawn = draw_features(1, [feature], [rule(feature["feature_code"])])[0]
        expected = weekly_interest(26, feature["ramp_weeks"], feature["half_life_weeks"])
        assert np.allclose(drawn.interest(26), expected)


def test_coffee_lifts_regular_clients_and_taxis_under_the_default_seed(features):
    """The seed's own example, true in the world that `make run` draws."""
    document = json.loads((REFERENCE / "behavior_rules.json").read_text(encoding="utf-8"))
    coffee = next(item for item in document["rules"] if item["feature_code"] == "free_coffee")
    rules = [
        {"feature_code": "free_coffee", "portrait_code": code}
        | {f"{name}_{part}": effect[name][part] for name in effect for part in ("mean", "sd")}
        for code, effect in [(None, coffee["default"]), *coffee["portraits"].items()]
    ]
    drawn = draw_features(42, [f for f in features if f["feature_code"] == "free_coffee"], rules)[0]
    for portrait in ("regular_private", "taxi_fleet"):
        assert drawn.effects[portrait]["visits_change"] > 0
