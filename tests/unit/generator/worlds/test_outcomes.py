"""Both worlds: no effect where none is planted, the planted one where it is, and conserved demand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from generator.people.clients import PAYMENT_METHODS
from generator.tables import client_rows
from generator.visits.fills import draw_future_fills, share_of_wallet
from generator.worlds.effects import draw_features
from generator.worlds.horizon import Horizon, build_horizon
from generator.worlds.outcomes import (
    Responders,
    draw_outcomes,
    draw_responders,
    effect_columns,
    futures_table,
    play_world,
)
from ml.rules.response import weekly_interest
from tests.synthetic import REFERENCE, modifier, planted, rule
from vocabulary.codes import UNDEFINED
from vocabulary.rules import EFFECTS

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
    """Return a function that plays one feature with the given effects and returns the outcomes as numpy columns."""
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
    assert 0.05 < gained < 0.12  # some clients have nothing left to win from competitors; the last fills are pulled in
    litres = world["volume_l_with"].sum() / world["volume_l_without"].sum() - 1
    assert 0.03 < litres < gained


def test_pulling_forward_conserves_demand_and_respects_the_tank(block, play):
    """Litres missing from a fill are added to the next one, and no tank runs dry or overflows."""
    horizon, vehicles = play.horizon, block.people.vehicles
    follows = np.isfinite(horizon.previous_day)
    assert (horizon.pulled_l > 0).mean() > 0.99
    assert (horizon.litres - horizon.pulled_l > 0).all()
    assert (horizon.owed_l[~follows] == 0).all()
    fills, kept = play.fills, np.flatnonzero(block.people.has_fuel_card[vehicles.owner[play.fills.vehicle]])
    # Owners of a fuel card are always identified, so none of their vehicles' fills is missing until they leave.
    stays = np.isinf(block.people.life.left_day[vehicles.owner[fills.vehicle[kept]]])
    vehicle = fills.vehicle[kept][stays]
    rows = (block.people.has_fuel_card & np.isinf(block.people.life.left_day))[horizon.person]
    assert rows.sum() == len(vehicle)
    last = np.concatenate([vehicle[1:] != vehicle[:-1], [True]])
    assert np.isclose(horizon.owed_l[rows].sum(), horizon.pulled_l[rows][~last].sum())
    lowest = fills.before_l[kept][stays] + horizon.pulled_l[rows] - horizon.owed_l[rows]
    assert (lowest > 0).all()


def test_visits_pulled_forward_are_missing_afterwards(block, play):
    """A feature whose interest is gone after three weeks: more visits at first, then fewer than without it."""
    flash = FEATURE | {"half_life_weeks": 0.5}
    drawn = draw_features(1, [flash], [rule("planted", response_prob=1.0, visits_change=0.10)])
    table = draw_outcomes(block.run, block.people, play.horizon, drawn, 0, WEEKS)
    weekly = [np.array(table[f"weekly_visits_{world}"].to_pylist()).sum(axis=0) for world in ("with", "without")]
    change = weekly[0] - weekly[1]
    assert change[0] > 0
    assert change[1:4].min() < 0
    assert (change[6:] == 0).all()


def test_a_station_feature_works_only_at_the_home_station(block, play):
    """Visits to the home station grow, those to our other stations only move; a feature of the client affects both."""
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
    """The forecast target and the world without a feature in an experiment are the same."""
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


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("acts_on", "ramp", "half_life", "effects"),
    [
        ("client", 0.0, 1e9, {"visits_change": 0.3, "shop_change": 0.5}),
        ("station", 2.0, 1.0, {"visits_change": 0.12, "volume_per_visit_change": 0.3, "shop_change": 0.5}),
        ("client", 0.0, 0.5, {"visits_change": 0.05, "volume_per_visit_change": -0.4, "shop_change": -0.7}),
        ("client", 3.0, 4.0, {"visits_change": -0.2, "volume_per_visit_change": 0.8, "shop_change": 1.0}),
        ("client", 0.0, 1e9, {"visits_change": 0.2, "modifiers": [modifier(response_prob=1.6, visits_change=0.5)]}),
    ],
    ids=["lasting", "station", "short", "harm", "modified"],
)
def test_expected_effects_are_the_means_over_redrawn_worlds(block, play, acts_on, ramp, half_life, effects):
    """Choices, willingness and patience redrawn 300 times over the same fills: their means equal the expectations.

    Every estimate is graded against these true effects, so each total must be within 4 standard errors.
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


@pytest.fixture
def two_fills():
    """Two fills of 40 l by the first person of a block, in weeks 1 and 2; 4 l of the first can move to the second."""
    pair = np.ones(2)
    return Horizon(
        person=np.zeros(2, dtype=np.int64),
        day=np.array([3.0, 10.0]),
        litres=40 * pair,
        price_rub=60 * pair,
        margin_rub=5 * pair,
        choice=0.2 * pair,
        merge=0.5 * pair,
        shift=0.99 * pair,
        ours_prob=0.3 * pair,
        is_home=pair > 0,
        previous_is_home=np.array([False, True]),
        shop_rub=0 * pair,
        pulled_days=0 * pair,
        pulled_l=np.array([4.0, 0.0]),
        previous_day=np.array([-np.inf, 3.0]),
        previous_pulled_days=0 * pair,
        owed_l=np.array([0.0, 4.0]),
    )


def test_activity_in_two_weeks_comes_from_one_draw_of_patience(block, two_fills):
    """One client, two fills of 40 l in weeks of interest 1/2 and 1/4; 4 l move from the first fill to the second.

    Of the first fill 30 % are ours, 60 % with the feature: 0.5 × (0.6 × 36 − 0.3 × 40) = 4.8 l more. The second is
    larger by 4 l if the client was active in week 1; in week 2 the more patient half of those are still active:
    0.3 × (0.75 × 40 + 0.25 × 4) + 0.6 × (0.25 × 40 + 0.25 × 4) − 0.3 × 40 = 3.9 l more.
    """
    people, horizon = block.people, two_fills
    certain, none = np.ones(len(people.number)), np.zeros(len(people.number))
    responder = Responders(certain, certain, none, none, certain, np.array([0.5, 0.25]), np.zeros((len(certain), 2)))
    [feature] = draw_features(1, [FEATURE], [rule("planted")])
    effects = effect_columns(block.run, people, horizon, np.array([0]), feature, responder, 2)
    assert effects["uplift_volume_l_per_month"] == pytest.approx((4.8 + 3.9) * 30.4375 / 14)
    assert effects["uplift_margin_rub_per_month"] == pytest.approx(5 * (4.8 + 3.9) * 30.4375 / 14)
    assert effects["uplift_visits_per_month"] == pytest.approx(0.3 * (0.5 + 0.25) * 30.4375 / 14)


@pytest.mark.parametrize("first_at_home", [True, False])
def test_a_station_feature_leaves_fills_elsewhere_unchanged(block, two_fills, first_at_home):
    """A client certain to respond to a feature of the home station, where the second fill is, or both are.

    At home the first fill is pulled forward: 36 l, then 44 l. Elsewhere both stay at 40 l.
    """
    people, is_home = block.people, np.array([first_at_home, True])
    horizon = replace(two_fills, is_home=is_home, previous_is_home=np.array([False, first_at_home]))
    certain, none = np.ones(len(people.number)), np.zeros(len(people.number))
    # The share of wallet does not change: only litres move.
    responder = Responders(certain, none, none, none, certain, np.ones(2), np.ones((len(certain), 2), dtype=bool))
    [feature] = draw_features(1, [FEATURE | {"acts_on": "station"}], [rule("planted")])
    world = play_world(block.run, people, horizon, 2, feature, responder)
    assert world["weekly_volume_l"][0].tolist() == ([36, 44] if first_at_home else [40, 40])
    assert world["weekly_responses"][0].tolist() == [first_at_home, True]
    # With a horizon of one week the 4 l are not yet added back.
    for weeks, change in ((1, -4.0 * first_at_home), (2, 0.0)):
        part = replace(responder, interest=np.ones(weeks), active=responder.active[:, :weeks])
        effects = effect_columns(block.run, people, horizon, np.array([0]), feature, part, weeks)
        expected = 0.3 * change * 30.4375 / (7 * weeks)
        assert effects["uplift_volume_l_per_month"] == pytest.approx(expected, abs=1e-9)


def test_revenue_and_margin_are_those_of_fuel_plus_shop(block, play):
    """Planted: fuel at 60 ₽/l with a margin of 7 ₽/l, 100 ₽ of shop sales on every visit with a margin of 40 %."""
    fills = len(play.horizon.litres)
    horizon = replace(
        play.horizon, price_rub=np.full(fills, 60.0), margin_rub=np.full(fills, 7.0), shop_rub=np.full(fills, 100.0)
    )
    table = futures_table(planted(block.run, shop={"margin_share": 0.4}), block.people, horizon)
    visits, volume, revenue, margin = (
        np.array(table[f"weekly_{name}"].to_pylist()) for name in ("visits", "volume_l", "revenue_rub", "margin_rub")
    )
    assert visits.sum() > 1000
    assert np.allclose(revenue, 60 * volume + 100 * visits)
    assert np.allclose(margin, 7 * volume + 40 * visits)


def test_future_fills_have_the_networks_prices_and_margins(block, play):
    """Planted: each grade has its own price and margin, the same everywhere and on all days."""
    prices, grades = block.network.prices, np.arange(len(block.run.grade_codes))
    shape = np.ones_like(prices.price_kopecks)
    network = replace(
        block.network,
        prices=replace(
            prices,
            price_kopecks=shape * (5000 + 100 * grades)[:, None],
            margin_kopecks=shape * (500 + 10 * grades)[:, None],
        ),
    )
    horizon = build_horizon(block.run, network, block.people, play.fills, 0)
    grade = block.people.vehicles.grade
    one_vehicle = np.bincount(block.people.vehicles.owner) == 1
    rows = one_vehicle[horizon.person]
    expected = grade[np.searchsorted(block.people.vehicles.owner, horizon.person[rows])]
    assert np.allclose(horizon.price_rub[rows], 50 + expected)
    assert np.allclose(horizon.margin_rub[rows], 5 + expected / 10)


def test_an_experiment_sees_only_identified_fills(block, play):
    """All fills by owners of a fuel card, 93 % with a loyalty card, 80 % with neither, none by walk-ins."""
    run = planted(block.run, identification={"fuel_card": 1.0, "loyalty_card": 0.93, "none": 0.8})
    horizon, people = build_horizon(run, block.network, block.people, play.fills, 0), block.people
    person = people.vehicles.owner[play.fills.vehicle]
    possible = share_of_wallet(run, block.network, people, play.fills) > 0
    by_card = {1.0: people.has_fuel_card, 0.93: ~people.has_fuel_card & people.has_loyalty_card}
    by_card[0.8] = ~people.has_fuel_card & ~people.has_loyalty_card
    assert people.is_client[horizon.person].all()
    for share, group in by_card.items():
        members = group & people.is_client
        size, kept = (possible & members[person]).sum(), members[horizon.person].sum()
        assert abs(kept / size - share) <= 4 * np.sqrt(share * (1 - share) / size), share


def test_future_shop_sales_follow_the_hours_of_the_clients(block, play):
    """Planted: 95 % enter and all of them buy, only from 16 to 21 h: sales follow the behaviour's hourly profile."""
    item = block.run.params["basket"][0] | {"entry_share": 1.0, "needs": "any", "dayparts": [0, 0, 0, 1]}
    run = replace(block.run, params=block.run.params | {"basket": [item]})
    people = replace(block.people, shop_affinity=np.full(len(block.people.number), 100.0))
    horizon = build_horizon(run, block.network, people, play.fills, 0)
    profile = np.array([kind["hour_profile"] for kind in run.kinds])[people.life.kind[horizon.person]]
    for name, weights in run.params["calendar"]["hour"].items():
        sells = horizon.shop_rub[profile == name] > 0
        share = 0.95 * sum(weights[16:22]) / sum(weights)
        assert abs(sells.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(sells)), name


def test_a_full_pull_forward_stays_within_the_future_the_tank_and_the_fill(block, play):
    """Planted: the whole gap to the previous fill can be pulled forward, seven times the usual share.

    Nobody comes before the feature starts, buys a negative amount, or leaves out more than the tank holds next time.
    """
    run = planted(
        block.run,
        reactions={"pull_forward_share": 1.0},
        identification={"fuel_card": 1.0, "loyalty_card": 1.0, "none": 1.0},
    )
    people = replace(block.people, number=np.arange(1, len(block.people.number) + 1))
    horizon = build_horizon(run, block.network, people, play.fills, 0)
    kept = share_of_wallet(run, block.network, people, play.fills) > 0
    fills = play.fills
    assert len(horizon.day) == kept.sum()
    assert (horizon.day - horizon.pulled_days >= -1e-6).all()
    assert (horizon.pulled_days >= 0).all()
    assert (horizon.pulled_l <= fills.centilitres[kept] / 100 + 1e-9).all()
    same = np.concatenate([fills.vehicle[1:] == fills.vehicle[:-1], [False]])
    next_level = np.where(same, np.concatenate([fills.before_l[1:], [0.0]]), fills.before_l)
    assert (horizon.pulled_l <= 0.9 * next_level[kept] + 1e-9).all()
    assert (horizon.pulled_l == 0.9 * next_level[kept]).any()
    assert (horizon.pulled_l < 0.9 * next_level[kept] - 1e-9).any()


def test_clients_of_a_portrait_differ_in_strength_and_response_probability(block):
    """Planted: +20 % visits, strengths lognormal with mean 1 and log sd 0.4; log odds 0 ± 0.6."""
    [feature] = draw_features(1, [FEATURE], [rule("planted", response_prob=0.5, visits_change=0.2, shop_change=0.3)])
    run = planted(block.run, reactions={"effect_log_sd": 0.4, "response_logit_sd": 0.6})
    responder = draw_responders(run, block.people, feature, 0, WEEKS)
    size = len(block.people.number)
    strength = responder.visits_change / 0.2
    assert abs(strength.mean() - 1) < 4 * np.sqrt(np.exp(0.4**2) - 1) / np.sqrt(size)
    assert abs(np.log(strength).std() - 0.4) < 4 * 0.4 / np.sqrt(2 * size)
    assert np.allclose(responder.shop_change, 0.3 * strength)
    logit = np.log(responder.response_prob / (1 - responder.response_prob))
    assert abs(logit.mean()) < 4 * 0.6 / np.sqrt(size)
    assert abs(logit.std() - 0.6) < 4 * 0.6 / np.sqrt(2 * size)
    assert abs(np.corrcoef(np.log(strength), logit)[0, 1]) < 4 / np.sqrt(size)


def test_a_factor_of_two_doubles_the_response_only_of_clients_who_meet_it(block):
    planted_rule = {"response_prob": 0.4, "visits_change": 0.2, "volume_per_visit_change": 0.1, "shop_change": 0.3}
    modifiers = [modifier(response_prob=2.0, shop_change=0.0), modifier("app", "main_payment_method", ["app"])]
    modifiers[1]["factors"] = {name: {"mean": 1.5, "sd": 0.0} for name in ("visits_change", "volume_per_visit_change")}
    plain, modified = (
        draw_responders(block.run, block.people, *draw_features(1, [FEATURE], [item]), 0, WEEKS)
        for item in (rule("planted", **planted_rule), rule("planted", modifiers=modifiers, **planted_rule))
    )
    people = block.people
    cards, app = people.has_loyalty_card, people.payment == PAYMENT_METHODS.index("app")
    assert 100 < (cards & app).sum() < cards.sum() < 900
    assert (modified.response_prob[cards] == np.minimum(2 * plain.response_prob[cards], 1)).all()
    assert (modified.response_prob[cards] == 1).any()
    assert (modified.response_prob[~cards] == plain.response_prob[~cards]).all()
    assert (modified.active[~cards] == plain.active[~cards]).all()
    assert np.allclose(modified.shop_change, plain.shop_change * ~cards)
    for name in ("visits_change", "volume_change"):
        assert np.allclose(getattr(modified, name), getattr(plain, name) * np.where(app, 1.5, 1))


def test_modifiers_change_outcomes_and_expectations_only_of_clients_who_meet_them(block, play):
    without, twice = (
        play(response_prob=0.4, visits_change=0.3, modifiers=modifiers)
        for modifiers in ((), [modifier(visits_change=2.0)])
    )
    cards = block.people.has_loyalty_card[client_rows(block.run, block.people)]
    for name in ("visits_count_with", "margin_rub_with", "uplift_visits_per_month", "uplift_volume_l_per_month"):
        assert (twice[name][~cards] == without[name][~cards]).all(), name
        assert twice[name][cards].sum() > without[name][cards].sum(), name


def test_factors_scatter_around_the_rule_and_do_not_change_other_draws():
    """Each modifier has its own stream: order, other modifiers and the effects do not matter. Never below 0."""
    pair = [modifier("one", sd=0.1, response_prob=1.4), modifier("two", sd=0.1, response_prob=1.4)]
    item = rule("planted", response_prob=0.3) | {"response_prob_sd": 0.05}

    def drawn(seed, modifiers):
        [feature] = draw_features(seed, [FEATURE], [item | {"modifiers_json": json.dumps(modifiers)}])
        return feature.effects, {m.condition["modifier_code"]: m.factors["response_prob"] for m in feature.modifiers}

    many = np.array([list(drawn(seed, pair)[1].values()) for seed in range(400)])
    assert np.abs(many.mean(axis=0) - 1.4).max() < 4 * 0.1 / np.sqrt(400)
    assert np.abs(many.std(axis=0) - 0.1).max() < 4 * 0.1 / np.sqrt(800)
    assert abs(np.corrcoef(many.T)[0, 1]) < 4 / np.sqrt(400)
    effects, factors = drawn(7, pair)
    assert drawn(7, pair[::-1]) == (effects, factors)
    assert drawn(7, [pair[1]]) == (effects, {"two": factors["two"]})
    assert drawn(7, []) == (effects, {})
    wide = [drawn(seed, [modifier("one", sd=2.0, response_prob=0.1)])[1]["one"] for seed in range(20)]
    assert min(wide) == 0


def test_a_horizon_of_one_week_is_played(block, play):
    [feature] = draw_features(1, [FEATURE], [rule("planted", response_prob=1.0, visits_change=0.2)])
    table = draw_outcomes(block.run, block.people, play.horizon, [feature], 0, 1)
    weekly = np.array(table["weekly_visits_with"].to_pylist())
    assert weekly.shape == (table.num_rows, 1)
    assert (weekly[:, 0] == table["visits_count_with"].to_numpy()).all()
    assert table["visits_count_with"].to_numpy().sum() > table["visits_count_without"].to_numpy().sum() > 0


def test_the_active_share_in_each_week_equals_the_interest(block):
    """All are willing: the active share rises and fades with interest, and clients drop out in order of patience."""
    settings = FEATURE | {"ramp_weeks": 3.0, "half_life_weeks": 4.0}
    [feature] = draw_features(1, [settings], [rule("planted", response_prob=1.0)])
    active = draw_responders(block.run, block.people, feature, 0, WEEKS).active
    interest = feature.interest(WEEKS)
    error = np.sqrt(interest * (1 - interest) / len(active))
    assert (np.abs(active.mean(axis=0) - interest) <= 4 * error).all()
    fading = active[:, 2:].astype(int)
    assert (np.diff(fading, axis=1) <= 0).all()


def test_weeks_sum_to_the_horizon_and_cost_parts_to_the_cost(play):
    world = play(response_prob=1.0, visits_change=0.2)
    assert (world["weekly_visits_with"].sum(axis=1) == world["visits_count_with"]).all()
    assert (world["weekly_visits_without"].sum(axis=1) == world["visits_count_without"]).all()
    expected = 10 * world["visits_count_with"] + world["volume_l_with"] + 5 * WEEKS * 7 / 30.4375
    assert np.allclose(world["cost_rub_with"], expected)


def test_costs_are_charged_where_the_feature_is_used(play):
    """Some respond, in all weeks: every visit and litre of theirs is served, and none of the others."""
    world = play(response_prob=0.5)
    visits, litres = world["served_visits_count_with"], world["served_volume_l_with"]
    assert 0.3 < world["has_responded_with"].mean() < 0.6
    assert (visits == np.where(world["has_responded_with"], world["visits_count_with"], 0)).all()
    assert np.allclose(litres, np.where(world["has_responded_with"], world["volume_l_with"], 0))
    assert np.allclose(world["cost_rub_with"], 10 * visits + litres + 5 * WEEKS * 7 / 30.4375)


def test_true_effects_scatter_around_the_rules_and_editing_one_keeps_the_others():
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


def test_portraits_with_equal_rules_have_different_effects():
    """Three portraits with the same mean and sd: three different draws, independent of the order of the rules."""
    rules = [rule("planted", portrait) for portrait in (UNDEFINED, "rare", "eco")]
    for item in rules:
        item.update({f"{name}_{part}": value for name in EFFECTS for part, value in (("mean", 0.3), ("sd", 0.1))})
    effects = draw_features(3, [FEATURE], rules)[0].effects
    for name in EFFECTS:
        assert len({drawn[name] for drawn in effects.values()}) == 3
    assert draw_features(3, [FEATURE], rules[::-1])[0].effects == effects


def test_interest_equals_the_curve_of_the_rules_scenario(features):
    """The generator and ml may not import each other, so their adoption curves must agree."""
    for feature in features:
        drawn = draw_features(1, [feature], [rule(feature["feature_code"])])[0]
        expected = weekly_interest(26, feature["ramp_weeks"], feature["half_life_weeks"])
        assert np.allclose(drawn.interest(26), expected)


def test_coffee_lifts_regular_clients_and_taxis_under_the_default_seed(features):
    """The default seed's example holds in the world that `make run` draws."""
    document = json.loads((REFERENCE / "behavior_rules.json").read_text(encoding="utf-8"))
    coffee = next(item for item in document["rules"] if item["feature_code"] == "free_coffee")
    rules = [
        rule("free_coffee", code) | {f"{name}_{part}": effect[name][part] for name in effect for part in ("mean", "sd")}
        for code, effect in [(UNDEFINED, coffee["default"]), *coffee["portraits"].items()]
    ]
    drawn = draw_features(42, [f for f in features if f["feature_code"] == "free_coffee"], rules)[0]
    for portrait in ("regular_private", "taxi_fleet"):
        assert drawn.effects[portrait]["visits_change"] > 0
