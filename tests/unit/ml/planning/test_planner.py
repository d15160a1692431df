"""The power promised by the planner is the power of the analysis; plans are null where nothing is known."""

import json

import numpy as np
import pyarrow as pa
import pytest

from ml.planning.clusters import design_effect, intra_cluster_correlation
from ml.planning.planner import CONTROL_SHARES, EFFECTS, POWERS, plan
from ml.planning.table import LONGEST_WEEKS
from ml.tables.errors import DuplicateKeyError, InvalidValueError, MissingColumnError, UnknownCodeError
from ml.tables.features import by_code
from ml.trials.analysis import analyse
from ml.trials.outcomes import cells
from ml.trials.shop_ratio import shop_contrasts
from tests import plans, toy

COST = {"rub_per_visit": 20, "rub_per_l": 0, "rub_per_client_per_month": 0, "rub_per_month": 0}
NO_RULES = pa.table(
    {name: pa.array([], pa.string()) for name in ("feature_code", "portrait_code")}
    | {"response_prob_mean": pa.array([], pa.float64())}
)
ESTIMATED = [
    "clients_needed_count", "weeks_needed", "min_effect_ratio", "baseline_value", "residual_sd_ratio", "design_effect",
    "fixed_variance_ratio", "weekly_variance_ratio", "cluster_variance_ratio", "level_square_ratio", "response_share",
]  # fmt: skip


def feature(metric: str = "visits_per_month", unit: str = "client", code: str = "free_coffee") -> dict:
    return {"feature_code": code, "primary_metric_code": metric, "randomization_unit": unit, "cost": COST}


def planned(window, metric="visits_per_month", unit="client", rules=NO_RULES, **settings) -> list[dict]:
    settings = {"horizon_weeks": 12, "effects": (0.08,), "powers": (0.8,), "control_shares": (0.5,)} | settings
    return plan(*window, rules, [feature(metric, unit)], **settings).to_pylist()


def rules(**shares: float) -> pa.Table:
    rows = [
        {"feature_code": "free_coffee", "portrait_code": code, "response_prob_mean": p} for code, p in shares.items()
    ]
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def pilot():
    """Data before a trial: two equal portraits."""
    return toy.window(np.random.default_rng(1), {"a": 3000, "b": 3000}, new_share=0.1)


def test_modifiers_change_the_share_that_responds(pilot):
    """Half of the clients, in random order, have a card and are twice as likely to respond."""
    blocks, profiles, arms = pilot
    cards = np.random.default_rng(2).random(profiles.num_rows) < 0.5
    people = profiles.append_column("has_loyalty_card", pa.array(cards))
    people = people.take(np.random.default_rng(3).permutation(people.num_rows))
    modifiers = [
        {"modifier_code": "card", "metric_code": "has_loyalty_card", "values": [True]}
        | {"factors": {"response_prob": {"mean": 2.0, "sd": 0.1}}}
    ]
    table = rules(a=0.2).append_column("modifiers_json", pa.array([json.dumps(modifiers)]))
    share = planned((blocks, people, arms), rules=table)[0]["response_share"]
    portrait = dict(zip(arms["client_id"].to_pylist(), arms["portrait_code"].to_pylist(), strict=True))
    of_a = np.array([portrait[client] == "a" for client in profiles["client_id"].to_pylist()])
    assert share == pytest.approx(0.2 * (1 + cards[of_a].mean()))


def test_a_horizon_of_one_week_is_planned(pilot):
    row = planned(pilot, horizon_weeks=1)[0]
    assert row["reason_code"] == "ok"
    assert row["clients_needed_count"] > planned(pilot)[0]["clients_needed_count"]


@pytest.mark.statistical
@pytest.mark.parametrize("control_share", [0.5, 0.2])
def test_planned_effect_is_detected_with_the_planned_power(pilot, control_share):
    """The Monte-Carlo error of 400 trials is 2 points: at most two of them below 0.8, and not much above."""
    row = planned(pilot, control_shares=(control_share,))[0]
    strata = {"a": row["clients_needed_count"]}
    found = []
    for i in range(400):
        rng = np.random.default_rng([3, i])
        trial = toy.trial(rng, strata, effect=0.08, treated_share=1 - control_share)
        found.append(analyse(trial, [feature()], horizon_weeks=12)[1]["p_value"][0].as_py() <= 0.05)
    assert 0.76 <= np.mean(found) <= 0.88


@pytest.mark.statistical
@pytest.mark.parametrize("metric", ["visits_per_month", "volume_l_per_month", "spend_rub_per_month"])
def test_planned_standard_error_equals_that_of_the_estimates(pilot, metric):
    row = planned(pilot, metric)[0]
    outcome = {"visits_per_month": "visits", "volume_l_per_month": "volume_l", "spend_rub_per_month": "revenue_rub"}
    name = f"incremental_{outcome[metric]}_per_month"
    found = [
        analyse(toy.trial(np.random.default_rng([4, i]), {"a": 400}), [feature(metric)], horizon_weeks=12)[1][name][0]
        for i in range(300)
    ]
    spread = np.std([value.as_py() for value in found]) / 400 / row["baseline_value"]
    assert spread == pytest.approx(row["residual_sd_ratio"] * 2 / np.sqrt(400), rel=0.1)


@pytest.mark.statistical
def test_planned_standard_error_of_the_shop_bill_equals_that_of_the_estimates(pilot):
    row = planned(pilot, "shop_rub_per_visit")[0]
    known = by_code([feature("shop_rub_per_visit")])
    draws = (cells(toy.trial(np.random.default_rng([5, i]), {"a": 400}), known) for i in range(300))
    effects = [shop_contrasts(list(draw)).effect[0] for draw in draws]
    assert row["baseline_value"] == pytest.approx(100, rel=0.02)
    assert np.std(effects) / 100 == pytest.approx(row["residual_sd_ratio"] * 2 / np.sqrt(400), rel=0.1)


def test_a_feature_of_two_equal_portraits_needs_about_as_many_clients_as_one_portrait(pilot):
    one, other, whole = planned(pilot)
    assert whole["portrait_code"] is None
    assert whole["clients_available_count"] == one["clients_available_count"] + other["clients_available_count"]
    assert whole["clients_needed_count"] == pytest.approx(one["clients_needed_count"], rel=0.1)


@pytest.mark.statistical
def test_heterogeneous_effects_need_more_clients_and_are_detected_as_planned(pilot):
    """A fifth of the treated clients respond with five times the effect."""
    homogeneous, few = (planned(pilot, rules=table)[0] for table in (NO_RULES, rules(a=0.2)))
    assert few["response_share"] == 0.2
    assert few["clients_needed_count"] > 1.08 * homogeneous["clients_needed_count"]
    count, found = few["clients_needed_count"], []
    for i in range(400):
        rng = np.random.default_rng([6, i])
        treated = rng.permutation(count) < count // 2
        rate, responds = rng.gamma(4, 1.25, count), rng.random(count) < 0.2
        visits = rng.poisson(2.76 * rate * np.where(treated & responds, 1.4, 1.0)).astype(float)
        trial = toy.trial(rng, {"a": count})
        columns = {"is_treated": treated, "visits_count": visits, "pre_visits_per_month": rng.poisson(3 * rate) / 3}
        columns["pre_visits_per_month"] = pa.array(columns["pre_visits_per_month"], mask=rng.random(count) < 0.1)
        for name, values in columns.items():
            trial = trial.set_column(trial.column_names.index(name), name, pa.array(values))
        found.append(analyse(trial, [feature()], horizon_weeks=12)[1]["p_value"][0].as_py() <= 0.05)
    assert 0.76 <= np.mean(found) <= 0.88


def test_formula_of_the_docstring_gives_the_table(pilot):
    settings = {"effects": EFFECTS, "powers": POWERS, "control_shares": CONTROL_SHARES}
    for unit in ("client", "home_station"):
        for row in planned(pilot, unit=unit, rules=rules(a=0.3, b=0.02), **settings):
            by_formula = plans.clients(row, row["effect_ratio"], row["control_share"], 12)
            least = row["unit_size"] * plans.least_units(row["control_share"])
            assert abs(row["clients_needed_count"] - max(by_formula, least)) <= 2 * row["unit_size"]


def test_clients_weeks_and_effects_agree(pilot):
    rows = planned(pilot, effects=EFFECTS, powers=POWERS, control_shares=CONTROL_SHARES, rules=rules(a=0.3, b=0.02))
    answers = {
        (
            row["clients_needed_count"] <= row["clients_available_count"],
            row["weeks_needed"] is not None and row["weeks_needed"] <= 12,
            row["min_effect_ratio"] <= row["effect_ratio"],
        )
        for row in rows
    }
    assert answers == {(True,) * 3, (False,) * 3}


def test_the_smallest_detectable_effect_needs_all_clients(pilot):
    for table in (NO_RULES, rules(a=0.3, b=0.02), rules(a=0.05, b=0.001)):
        for row in planned(pilot, rules=table):
            again = planned(pilot, rules=table, effects=(row["min_effect_ratio"],))
            same = next(r for r in again if r["portrait_code"] == row["portrait_code"])
            assert abs(same["clients_needed_count"] - row["clients_available_count"]) <= 1


def test_fewer_weeks_and_more_power_need_more_clients(pilot):
    short, long = (planned(pilot, horizon_weeks=weeks)[0]["clients_needed_count"] for weeks in (4, 26))
    sure, usual = (planned(pilot, powers=(power,))[0]["clients_needed_count"] for power in (0.9, 0.8))
    assert short > 1.3 * long
    assert sure > 1.25 * usual


def test_weeks_needed_are_minimal(pilot):
    row = planned(pilot, effects=(0.05,))[0]
    weeks = row["weeks_needed"]
    assert 1 < weeks < LONGEST_WEEKS
    needed = [planned(pilot, effects=(0.05,), horizon_weeks=w)[0]["clients_needed_count"] for w in (weeks - 1, weeks)]
    assert needed[0] > row["clients_available_count"] >= needed[1]


def test_a_portrait_that_is_too_small_is_reported():
    row = planned(toy.window(np.random.default_rng(2), {"a": 100}), effects=(0.02,))[0]
    assert row["reason_code"] == "too_small"
    assert row["weeks_needed"] is None and row["is_ever_possible"] is False
    assert row["clients_needed_count"] > 100 and row["min_effect_ratio"] > 0.02


@pytest.fixture(scope="module")
def stations():
    """Clients of 60 unequal stations whose visits change together between the halves of the window."""
    rng = np.random.default_rng(8)
    blocks, profiles, arms = toy.window(rng, {"a": 3000}, stations_count=1)
    share = rng.gamma(3, 1, 60)
    station = rng.choice(60, 3000, p=share / share.sum())
    shock = np.repeat(np.exp(rng.normal(0, 0.12, (60, 2))), 3, axis=1)[station]
    rate = rng.gamma(4, 1.25, 3000)[:, None] * shock
    visits = rng.poisson(rate * 15 / 30.4375).astype(float).ravel()
    blocks = blocks.set_column(blocks.column_names.index("visits_count"), "visits_count", pa.array(visits))
    profiles = profiles.set_column(profiles.column_names.index("home_station_id"), "home_station_id", pa.array(station))
    return blocks, profiles, arms


def trial_of_stations(rng: np.random.Generator, count: int, effect: float) -> bool:
    """Whether a trial randomising `count` such stations detects the effect: t test with clustering by station."""
    sizes = np.maximum(rng.multinomial(50 * count, rng.dirichlet(np.full(count, 3.0))), 1)
    station = np.repeat(np.arange(count), sizes)
    treated = (rng.permutation(count) < count // 2)[station]
    rate = rng.gamma(4, 1.25, len(station))
    before, after = np.exp(rng.normal(0, 0.12, (2, count)))[:, station]
    x = rng.poisson(3 * rate * before)
    y = rng.poisson(2.76 * rate * after * np.where(treated, 1 + effect, 1.0))
    design = np.column_stack([np.ones(len(y)), treated, x])
    bread = np.linalg.inv(design.T @ design)
    estimate = bread @ design.T @ y
    scores = np.array([np.bincount(station, column) for column in (design * (y - design @ estimate)[:, None]).T]).T
    error = np.sqrt((bread @ (scores.T @ scores) @ bread)[1, 1] * count / (count - 2))
    return abs(estimate[1] / error) > 1.96 + 2.4 / (count - 2)


@pytest.mark.statistical
def test_a_plan_by_station_has_the_planned_power(stations):
    """At most the Monte-Carlo error below the promise; common shocks also add noise to the window, hence up to 0.92."""
    alone, whole = planned(stations)[0], planned(stations, unit="home_station")[0]
    assert whole["randomization_unit"] == "home_station" and whole["units_available_count"] == 60
    assert whole["design_effect"] > 3
    assert whole["clients_needed_count"] > 3 * alone["clients_needed_count"]
    count = round(whole["clients_needed_count"] / whole["unit_size"])
    found = [trial_of_stations(np.random.default_rng([9, i]), count, 0.08) for i in range(400)]
    assert 0.75 <= np.mean(found) <= 0.92


@pytest.mark.statistical
@pytest.mark.parametrize("icc", [0.0, 0.05, 0.2])
def test_design_effect_is_the_variance_ratio_of_randomising_stations(icc):
    """4,000 randomisations of clients and of stations with 2 to 60 clients."""
    rng = np.random.default_rng(10)
    sizes = np.r_[np.full(30, 2), np.full(40, 10), np.full(30, 60)]
    station = np.repeat(np.arange(100), sizes)
    spread = {"client": [], "station": []}
    correlations = []
    for _ in range(4000):
        shared = rng.normal(0, 1, 100)[station]
        values = np.sqrt(icc) * shared + np.sqrt(1 - icc) * rng.normal(0, 1, len(station))
        correlations.append(intra_cluster_correlation(values, station))
        arms = {
            "client": rng.permutation(len(station)) < len(station) // 2,
            "station": (rng.permutation(100) < 50)[station],
        }
        for unit, treated in arms.items():
            spread[unit].append(values[treated].mean() - values[~treated].mean())
    # Randomising stations gives arms of unequal size, which costs a few per cent and is no part of the design effect.
    ratio = np.var(spread["station"]) / np.var(spread["client"])
    assert ratio == pytest.approx(design_effect(sizes, icc), rel=0.15)
    assert np.mean(correlations) == pytest.approx(icc, abs=0.01)


def test_correlation_is_unknown_without_pairs_and_spread():
    assert np.isnan(intra_cluster_correlation(np.array([1.0, 2.0]), np.array([1, 2])))
    assert np.isnan(intra_cluster_correlation(np.array([1.0, 2.0]), np.array([1, 1])))
    assert np.isnan(intra_cluster_correlation(np.ones(4), np.array([1, 1, 2, 2])))
    assert design_effect(np.array([1, 1, 1]), 0.3) == pytest.approx(1)


def replaced(table: pa.Table, name: str, values) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def bare(count: int = 40, **columns) -> tuple[pa.Table, pa.Table, pa.Table]:
    tables = list(toy.window(np.random.default_rng(0), {"a": count}))
    for name, values in columns.items():
        at = next(i for i, table in enumerate(tables) if name in table.column_names and name != "client_id")
        tables[at] = replaced(tables[at], name, values)
    return tuple(tables)


@pytest.mark.parametrize(
    ("window", "metric", "unit", "reason"),
    [
        (bare(is_eligible=np.zeros(40, dtype=bool)), "visits_per_month", "client", "nobody_eligible"),
        (bare(home_station_id=pa.nulls(40, pa.int64())), "visits_per_month", "home_station", "nobody_eligible"),
        (bare(1), "visits_per_month", "client", "no_variance"),
        (bare(9), "visits_per_month", "client", "no_variance"),
        (bare(days_count=np.ones(240)), "visits_per_month", "client", "no_variance"),
        (bare(visits_count=np.zeros(240)), "visits_per_month", "client", "no_variance"),
        (bare(visits_count=np.zeros(240)), "shop_rub_per_visit", "client", "no_variance"),
        (bare(shop_rub=np.zeros(240)), "shop_rub_per_visit", "client", "no_variance"),
        (bare(visits_count=np.ones(240)), "visits_per_month", "client", "no_variance"),
        (bare(home_station_id=np.ones(40)), "visits_per_month", "home_station", "no_variance"),
    ],
)
def test_unknown_plans_are_null(window, metric, unit, reason):
    for row in planned(window, metric, unit):
        assert row["reason_code"] == reason
        assert [name for name in ESTIMATED if row[name] is not None] == []
        assert row["is_ever_possible"] is (None if reason == "no_variance" else False)


def test_missing_vehicles_are_allowed():
    known, unknown = bare(), bare(vehicles_count=pa.nulls(40, pa.float64()))
    for one, other in zip(planned(known), planned(unknown), strict=True):
        assert one["clients_needed_count"] == other["clients_needed_count"]
        assert one["residual_sd_ratio"] == pytest.approx(other["residual_sd_ratio"])


def test_order_of_rows_does_not_matter(pilot):
    rng = np.random.default_rng(11)
    shuffled = [table.take(pa.array(rng.permutation(table.num_rows))) for table in pilot]
    assert planned(shuffled) == planned(pilot)


def test_invalid_input_is_named():
    blocks, profiles, arms = bare()
    with pytest.raises(MissingColumnError, match="shop_rub"):
        planned((blocks.drop_columns("shop_rub"), profiles, arms))
    with pytest.raises(InvalidValueError, match="6 for each client"):
        planned((blocks.slice(1), profiles, arms))
    with pytest.raises(DuplicateKeyError):
        planned((blocks, pa.concat_tables([profiles, profiles]), arms))
    with pytest.raises(UnknownCodeError, match="free_tea"):
        planned((blocks, profiles, replaced(arms, "feature_code", ["free_tea"] * 40)))
    with pytest.raises(InvalidValueError, match="client_id = 41 in arms; allowed: clients with a row in profiles"):
        planned((blocks, profiles, replaced(arms, "client_id", np.arange(2, 42))))
    for name in ("effects", "powers", "control_shares"):
        with pytest.raises(InvalidValueError, match=name):
            planned((blocks, profiles, arms), **{name: (1.0,)})
