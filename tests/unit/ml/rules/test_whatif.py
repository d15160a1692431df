"""What-if: the formula by hand, and against an analysis of the costs that were not tried."""

import json

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from ml.rules.response import weekly_interest
from ml.rules.scenario import by_rules as scenario
from ml.rules.whatif import by_rules
from ml.tables.coefficients import COVARIANCES, EFFECTS, FACTORS
from ml.tables.errors import MissingColumnError
from ml.tables.periods import months
from ml.trials.analysis import analyse
from ml.trials.profit import measured
from tests import toy
from tests.site_queries import QUERIES, rendered

SHARE = 0.5
ADOPTION = {"ramp_weeks": 2.5, "half_life_weeks": 18.0}
COSTS = ("rub_per_visit", "rub_per_l", "rub_per_client_per_month", "rub_per_month")
AMOUNTS = ("incremental_visits", "incremental_volume_l", "incremental_revenue_rub", "incremental_margin_rub")
MONEY = ("incremental_margin_rub_per_month", "cost_rub_per_month", "profit_rub_per_month")
ENDS = ("", "_low", "_high")


def feature(**cost: float) -> dict:
    return {
        "feature_code": "free_coffee",
        "primary_metric_code": "visits_per_month",
        "randomization_unit": "client",
        "cost": dict.fromkeys(COSTS, 0.0) | cost,
        "adoption": ADOPTION,
        "eligibility": [],
    }


def served(outcomes: pa.Table, tried: dict, responding: float = 0.4, seed: int = 3) -> pa.Table:
    """Let some of the offered use the offer on every visit, and pay what it costs."""
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    uses = treated & (np.random.default_rng(seed).random(len(treated)) < responding)
    columns = {
        f"served_{name}": np.where(uses, outcomes[name].to_numpy(), 0.0) for name in ("visits_count", "volume_l")
    }
    fee = 12 * 7 / 30.4375 * tried["cost"]["rub_per_client_per_month"]
    cost = tried["cost"]["rub_per_visit"] * columns["served_visits_count"]
    cost = cost + tried["cost"]["rub_per_l"] * columns["served_volume_l"] + fee * treated
    table = outcomes.drop_columns(["cost_rub", "has_responded"])
    for name, values in (columns | {"cost_rub": cost, "has_responded": uses}).items():
        table = table.append_column(name, pa.array(values))
    return table


def mart(coefficients: pa.Table, results: tuple[pa.Table, pa.Table], tried: dict) -> pa.Table:
    """Put the coefficients beside the results, as mart_whatif_coefficients does."""
    per_client = ", ".join(
        f"{name}_per_month{end} / nullif(estimated_count, 0) as {name}_per_client_per_month{end}"
        for name in AMOUNTS[:3]
        for end in ENDS
    )
    costs = ", ".join(f"{value}::double as cost_{name}" for name, value in tried["cost"].items())
    with duckdb.connect() as connection:
        connection.register("results", pa.concat_tables(results, promote_options="default"))
        connection.register("coefficients", coefficients)
        return connection.sql(f"""
            select r.eligible_count, r.basis_code, r.conversion_share, {per_client}, c.* exclude (basis_code),
                {costs}, 12 as horizon_weeks,
                {ADOPTION["ramp_weeks"]}::double as ramp_weeks, {ADOPTION["half_life_weeks"]}::double as half_life_weeks
            from results as r inner join coefficients as c
                on r.feature_code = c.feature_code and r.portrait_code is not distinct from c.portrait_code
        """).to_arrow_table()


def settings(cost: dict, **changes: float) -> pa.Table:
    values = {"treated_share": 1.0, "horizon_weeks": 12, "fuel_margin_scale": 1.0, "shop_margin_share": SHARE}
    values |= {"response_elasticity": 0.0} | {f"cost_{name}": value for name, value in cost.items()} | changes
    return pa.Table.from_pylist([{"feature_code": "free_coffee"} | values])


def compute(table: pa.Table, chosen: pa.Table, *, total: bool = False) -> dict:
    """Run the site's queries as they are, each name in them replaced by a table.

    Rows are told by portrait, those of several features by feature and portrait.
    """
    query = (QUERIES / "whatif_results.sql").read_text(encoding="utf-8")
    query = query.replace("${whatif_coefficients}", "coefficients").replace("${whatif_settings}", "settings")
    if total:
        text = (QUERIES / "whatif_total.sql").read_text(encoding="utf-8")
        query = text.replace("${whatif_results}", f"({query}) as results")
    with duckdb.connect() as connection:
        connection.register("coefficients", table)
        connection.register("settings", chosen)
        found = connection.sql(query)
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    if chosen.num_rows > 1:
        return {(row["feature_code"], row.get("portrait_code")): row for row in rows}
    return {row.get("portrait_code"): row for row in rows}


def results(outcomes: pa.Table, tried: dict) -> tuple[pa.Table, pa.Table]:
    return analyse(outcomes, [tried], horizon_weeks=12)


def trial(tried: dict, strata: dict[str, int], seed: int = 1, **options) -> tuple[pa.Table, pa.Table]:
    """Draw a trial; returns its outcomes and the mart of its coefficients."""
    outcomes = served(toy.trial(np.random.default_rng(seed), strata, effect=0.2, **options), tried, seed=seed)
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    return outcomes, mart(found, results(outcomes, tried), tried)


def test_the_site_has_the_formula_of_the_warehouse():
    for name, query in rendered().items():
        assert (QUERIES / f"{name}.sql").read_text(encoding="utf-8") == query, "run python -m tests.site_queries"


def one_row(**changes: float) -> pa.Table:
    """Coefficients that are easy to reckon with: no covariances, an interest that does not fade."""
    row = {"feature_code": "free_coffee", "portrait_code": "rare", "basis_code": "experiment", "eligible_count": 100}
    row |= {"estimated_count": 100, "conversion_share": 0.4, "horizon_weeks": 12}
    row |= {"ramp_weeks": 0.0, "half_life_weeks": None} | dict.fromkeys(COVARIANCES, 0.0)
    row |= dict(zip(EFFECTS, (10.0, 4.0, 2.0, 50.0), strict=True)) | dict.fromkeys(FACTORS, 2.0)
    row |= {"cost_rub_per_visit": 1.0, "cost_rub_per_l": 0.1}
    for name, value in (("visits", 0.5), ("volume_l", 20.0), ("revenue_rub", 1200.0)):
        key = f"incremental_{name}_per_client_per_month"
        row |= {key: value, f"{key}_low": value / 2, f"{key}_high": value * 2}
    schema = pa.Table.from_pylist([row]).schema
    double = schema.get_field_index("half_life_weeks")
    return pa.Table.from_pylist([row | changes], schema.set(double, pa.field("half_life_weeks", pa.float64())))


COST = {"rub_per_visit": 1.0, "rub_per_l": 0.1, "rub_per_client_per_month": 0.5, "rub_per_month": 30.0}


def test_formula_by_hand():
    row = compute(one_row(), settings(COST))["rare"]
    assert row["offered_count"] == 100
    assert row["responded_count"] == 40
    assert row["incremental_revenue_rub_per_month"] == 120_000
    assert row["incremental_margin_rub_per_month"] == 100 * (10 + 0.5 * 4)
    assert row["cost_rub_per_month"] == pytest.approx(100 * (2 * 1 + 50 * 0.1 + 0.5) + 30)
    assert row["profit_rub_per_month"] == pytest.approx(1200 - 780)
    other = compute(
        one_row(),
        settings(COST | {"rub_per_visit": 3.0}, treated_share=0.5, fuel_margin_scale=2.0, shop_margin_share=0.25),
    )["rare"]
    assert other["incremental_margin_rub_per_month"] == 50 * (20 + 0.25 * 4)
    assert other["cost_rub_per_month"] == pytest.approx(50 * (2 * 3 + 50 * 0.1 + 0.5) + 30)


def test_interval_by_hand():
    changes = {"covariance_fuel_fuel": 4.0, "covariance_shop_shop": 9.0, "covariance_fuel_shop": 1.0}
    changes |= {"covariance_visits_visits": 0.25, "covariance_litres_litres": 16.0, "covariance_visits_litres": 1.0}
    changes |= {"covariance_fuel_visits": 0.3, "covariance_fuel_litres": 2.0}
    changes |= {"covariance_shop_visits": 0.2, "covariance_shop_litres": 1.0}
    row = compute(one_row(**changes), settings(COST, shop_margin_share=0.5))["rare"]
    margin, cost = 4 + 2 * 0.5 * 1 + 0.25 * 9, 0.25 + 2 * 0.1 * 1 + 0.01 * 16
    both = 0.3 + 0.1 * 2 + 0.5 * 0.2 + 0.5 * 0.1 * 1
    for name, variance in zip(MONEY, (margin, cost, margin + cost - 2 * both), strict=True):
        assert row[f"{name}_high"] - row[name] == pytest.approx(100 * 2 * np.sqrt(variance)), name
        assert row[name] - row[f"{name}_low"] == pytest.approx(100 * 2 * np.sqrt(variance)), name


@pytest.mark.parametrize(("ramp", "half_life"), [(0.0, 10.0), (1.0, 3.0), (2.5, 18.0), (4.0, None), (30.0, 5.0)])
@pytest.mark.parametrize("weeks", [1, 2, 12, 40])
def test_horizon_rescales_by_the_mean_interest(ramp, half_life, weeks):
    row = compute(one_row(ramp_weeks=ramp, half_life_weeks=half_life), settings(COST, horizon_weeks=weeks))["rare"]
    mean = {length: weekly_interest(length, ramp, half_life or 1e12).mean() for length in (weeks, 12)}
    assert row["incremental_revenue_rub_per_month"] == pytest.approx(120_000 * mean[weeks] / mean[12])
    assert row["cost_rub_per_month"] == pytest.approx(100 * (7 * mean[weeks] / mean[12] + 0.5) + 30)
    assert row["responded_count"] == 40


def test_response_in_proportion_to_the_discount_is_a_choice():
    twice = COST | {"rub_per_l": 0.2}
    same, more = (compute(one_row(), settings(twice, response_elasticity=e))["rare"] for e in (0.0, 1.0))
    assert same["incremental_margin_rub_per_month"] == 1200
    assert same["cost_rub_per_month"] == pytest.approx(100 * (2 + 10 + 0.5) + 30)
    assert more["incremental_margin_rub_per_month"] == 2400
    assert more["cost_rub_per_month"] == pytest.approx(100 * (2 * (2 + 10) + 0.5) + 30)
    assert more["responded_count"] == 80
    assert (
        compute(one_row(), settings(COST | {"rub_per_l": 0.3}, response_elasticity=1.0))["rare"]["responded_count"]
        == 100
    )
    none = compute(one_row(cost_rub_per_l=0.0), settings(twice, response_elasticity=1.0))["rare"]
    assert none["incremental_margin_rub_per_month"] == 1200


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("weeks", [12, 30])
def test_nothing_is_left_at_the_break_even(elasticity, weeks):
    """The fading interest, a part of the clients and a fixed cost included."""
    table = one_row(ramp_weeks=2.0, half_life_weeks=20.0)
    options = {"response_elasticity": elasticity, "horizon_weeks": weeks, "treated_share": 0.8}
    row = compute(table, settings(COST, **options))["rare"]
    for name in ("rub_per_visit", "rub_per_l", "rub_per_client_per_month"):
        at = compute(table, settings(COST | {name: row[f"break_even_{name}"]}, **options))["rare"]
        assert at["profit_rub_per_month"] == pytest.approx(0, abs=1e-9), name
        assert row[f"break_even_{name}"] > COST[name]


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0])
def test_nothing_is_left_at_the_break_even_of_a_choice(elasticity):
    """Portraits that differ in everything, one of which uses the offer only in the second table."""
    other = {"portrait_code": "new", "eligible_count": 40, "estimated_count": 40, "ramp_weeks": 2.0}
    other |= dict(zip(EFFECTS, (25.0, 3.0, 1.5, 80.0), strict=True))
    idle = other | {"served_visits_per_client_per_month": 0.0, "served_volume_l_per_client_per_month": 0.0}
    options = {"response_elasticity": elasticity, "horizon_weeks": 20, "treated_share": 0.8}
    for changes in (other, idle):
        table = pa.concat_tables([one_row(), one_row(**changes)])
        total = compute(table, settings(COST, **options), total=True)[None]
        for name in ("rub_per_visit", "rub_per_l", "rub_per_client_per_month"):
            cost = COST | {name: total[f"break_even_{name}"]}
            at = compute(table, settings(cost, **options), total=True)[None]
            assert at["profit_rub_per_month"] == pytest.approx(0, abs=1e-9), name
    alone = compute(one_row(), settings(COST, **options))["rare"]
    total = compute(one_row(), settings(COST, **options), total=True)[None]
    for name in ("rub_per_visit", "rub_per_l", "rub_per_client_per_month"):
        assert total[f"break_even_{name}"] == pytest.approx(alone[f"break_even_{name}"], rel=1e-12), name


def test_break_even_is_null_where_there_is_none():
    row = compute(
        one_row(served_visits_per_client_per_month=0.0, served_volume_l_per_client_per_month=0.0), settings(COST)
    )
    assert row["rare"]["break_even_rub_per_visit"] is None
    assert row["rare"]["break_even_rub_per_l"] is None
    idle = one_row(served_visits_per_client_per_month=0.0, served_volume_l_per_client_per_month=0.0)
    total = compute(idle, settings(COST), total=True)[None]
    assert total["break_even_rub_per_visit"] is None
    assert total["break_even_rub_per_l"] is None
    dear = settings(COST | {"rub_per_client_per_month": 100.0}, response_elasticity=1.0)
    assert compute(one_row(), dear)["rare"]["break_even_rub_per_l"] is None
    assert compute(one_row(), dear, total=True)[None]["break_even_rub_per_l"] is None


@pytest.mark.parametrize("group", [False, True])
def test_other_costs_give_what_their_own_analysis_would(group):
    """Tried at one cost, and the same trial analysed as if it had cost another."""
    tried = feature(rub_per_visit=20.0, rub_per_month=500.0)
    other = feature(rub_per_visit=7.0, rub_per_l=0.9, rub_per_client_per_month=11.0, rub_per_month=3000.0)
    strata = {"a": 300, "b": 120, "c": 40}
    outcomes, table = trial(tried, strata)
    if group:
        rng = np.random.default_rng(5)
        treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
        outcomes = outcomes.append_column("group_id", pa.array(2 * rng.integers(0, 25, len(treated)) + treated))
        found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
        table = mart(found, results(outcomes, tried), tried)
    as_if = served(outcomes.drop_columns(["served_visits_count", "served_volume_l"]), other, seed=1)
    assert as_if["served_visits_count"].equals(outcomes["served_visits_count"])
    expected = [row for part in results(as_if, other) for row in part.to_pylist()]
    found = compute(table, settings(other["cost"]))
    assert len(found) == len(expected) == 4
    df = {name: [] for name in MONEY}
    for row in expected:
        for name in MONEY:
            mine, own = found[row.get("portrait_code")], row
            assert mine[name] == pytest.approx(own[name], rel=1e-9)
            # Only the degrees of freedom are those of the tried cost.
            df[name].append((mine[f"{name}_high"] - mine[name]) / (own[f"{name}_high"] - own[name]))
    assert np.allclose(df["incremental_margin_rub_per_month"], 1)
    assert np.allclose([*df["cost_rub_per_month"], *df["profit_rub_per_month"]], 1, atol=0.03)


def test_tried_costs_give_the_analysis():
    for cost in (
        {"rub_per_visit": 20.0, "rub_per_month": 500.0},
        {"rub_per_l": 1.5},
        {"rub_per_client_per_month": 6.0},
    ):
        tried = feature(**cost)
        outcomes, table = trial(tried, {"a": 200, "b": 30, "c": 9}, new_share=0.3)
        found = compute(table, settings(tried["cost"]))
        for row in (row for part in results(outcomes, tried) for row in part.to_pylist()):
            for name in (*(f"{name}_per_month" for name in AMOUNTS), *MONEY):
                for end in ENDS:
                    mine, own = found[row.get("portrait_code")][name + end], row[name + end]
                    assert (mine is None) == (own is None), (cost, name + end)
                    assert own is None or mine == pytest.approx(own, rel=1e-9, abs=1e-9), (cost, name + end)


def test_portraits_of_a_choice_add_up():
    tried = feature(rub_per_visit=20.0, rub_per_month=500.0)
    _, table = trial(tried, {"a": 300, "b": 120, "c": 40})
    whole = compute(table, settings(tried["cost"]))[None]
    total = compute(table, settings(tried["cost"]), total=True)[None]
    for name in ("offered_count", "responded_count", "incremental_visits_per_month", *MONEY):
        assert total[name] == pytest.approx(whole[name]), name
    # Clients were randomised one by one: the portraits are independent, and only degrees of freedom differ.
    for name in MONEY:
        ratio = (total[f"{name}_high"] - total[name]) / (whole[f"{name}_high"] - whole[name])
        assert 1 <= ratio < 1.05, name
    chosen = table.filter(pa.compute.equal(table["portrait_code"], "b"))
    alone = compute(chosen, settings(tried["cost"]))["b"]
    # Who is aimed at alone bears the fixed cost alone.
    share = 500 * (1 - 120 / 460)
    assert alone["cost_rub_per_month"] - compute(table, settings(tried["cost"]))["b"][
        "cost_rub_per_month"
    ] == pytest.approx(share)


def test_intervals_at_costs_not_tried_cover_the_truth():
    """300 trials: +20 % visits of 425 ₽ (250 of fuel × 1.5, half of 100 in the shop); 40 % are paid for each visit."""
    tried = [feature(rub_per_visit=20.0) | {"feature_code": f"trial_{seed}"} for seed in range(300)]
    rng = np.random.default_rng(9)
    drawn = [
        served(toy.trial(rng, {"a": 150, "b": 50}, effect=0.2, feature_code=each["feature_code"]), each, seed=seed)
        for seed, each in enumerate(tried)
    ]
    outcomes = pa.concat_tables(drawn)
    found = measured(outcomes, tried, horizon_weeks=12, shop_margin_share=SHARE)
    table = mart(found, analyse(outcomes, tried, horizon_weeks=12), tried[0])
    other = settings(tried[0]["cost"] | {"rub_per_visit": 5.0, "rub_per_l": 0.5}, fuel_margin_scale=1.5).to_pylist()[0]
    rows = compute(table, pa.Table.from_pylist([other | {"feature_code": each["feature_code"]} for each in tried]))
    truth = 200 * 2.76 * 5 / months(12) * (0.2 * 425 - 1.2 * 0.4 * (5 + 0.5 * 40))
    held = [
        row["profit_rub_per_month_low"] <= truth <= row["profit_rub_per_month_high"]
        for (_, portrait), row in rows.items()
        if portrait is None
    ]
    assert len(held) == 300
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.parametrize(("is_short", "left"), [("control", 1), ("offered", 1), ("offered", 0)])
def test_an_arm_of_one_client_or_none_has_no_coefficients(is_short, left):
    tried = feature(rub_per_visit=20.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"few": 6, "many": 60}), tried)
    few = pa.compute.equal(outcomes["portrait_code"], "few")
    arm = outcomes["is_treated"] if is_short == "offered" else pa.compute.invert(outcomes["is_treated"])
    first = outcomes.filter(pa.compute.and_(few, arm)).slice(0, left)
    rest = outcomes.filter(pa.compute.invert(pa.compute.and_(few, arm)))
    outcomes = pa.concat_tables([first, rest])
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    rows = {row["portrait_code"]: row for row in found.to_pylist()}
    assert rows["few"]["estimated_count"] == 0
    assert {rows["few"][name] for name in (*EFFECTS, *COVARIANCES, *FACTORS)} == {None}
    assert rows[None] == rows["many"] | {"portrait_code": None}
    few = compute(mart(found, results(outcomes, tried), tried), settings(tried["cost"]))["few"]
    assert {few[f"{name}{end}"] for name in MONEY for end in ENDS} == {None}


def test_nobody_responds():
    tried = feature(rub_per_visit=20.0, rub_per_client_per_month=2.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"a": 80}), tried, responding=0.0)
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    row = found.to_pylist()[1]
    assert row["served_visits_per_client_per_month"] == row["covariance_visits_visits"] == 0
    assert row["cost_low_factor"] is row["cost_high_factor"] is None
    assert row["profit_t_factor"] == pytest.approx(row["margin_t_factor"])
    told = compute(mart(found, results(outcomes, tried), tried), settings(tried["cost"]))["a"]
    assert told["cost_rub_per_month"] == pytest.approx(160)
    assert told["cost_rub_per_month_low"] is None
    assert told["profit_rub_per_month_low"] < told["profit_rub_per_month"] < told["profit_rub_per_month_high"]


def test_where_nothing_varies_there_is_no_interval():
    tried = feature(rub_per_visit=20.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"a": 8}), tried, responding=1.0)
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    for name, values in {
        "margin_rub": np.where(treated, 500.0, 400.0),
        "shop_amount_rub": np.zeros(8),
        "served_visits_count": np.where(treated, 2.0, 0.0),
        "cost_rub": np.where(treated, 40.0, 0.0),
    }.items():
        outcomes = outcomes.set_column(outcomes.column_names.index(name), name, pa.array(values))
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    row = compute(mart(found, results(outcomes, tried), tried), settings(tried["cost"]))["a"]
    assert row["profit_rub_per_month"] == pytest.approx(8 * 60 * 30.4375 / 84)
    assert {row[f"{name}{end}"] for name in MONEY for end in ("_low", "_high")} == {None}


def test_no_trial_gives_an_empty_table_and_a_missing_column_is_named():
    tried = feature(rub_per_visit=20.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"a": 8}), tried)
    found = measured(outcomes.slice(0, 0), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    assert found.num_rows == 0
    with pytest.raises(MissingColumnError, match="served_volume_l"):
        measured(outcomes.drop_columns(["served_volume_l"]), [tried], horizon_weeks=12, shop_margin_share=SHARE)


CLIENTS = pa.table(
    {
        "portrait_code": ["rare", "rare", "taxi_fleet"],
        "has_loyalty_card": [True, False, True],
        "visits_per_month": [1.0, 3.0, 30.0],
        "volume_l_per_month": [40.0, 120.0, 900.0],
        "spend_rub_per_month": [2600.0, 7800.0, 60_000.0],
        "shop_rub_per_month": [200.0, 600.0, 3000.0],
        "margin_rub_per_month": [300.0, 900.0, 7000.0],
    }
)


def rules(sd: float, *, modified: bool = False) -> pa.Table:
    means = {"response_prob": 0.4, "visits_change": 0.1, "volume_per_visit_change": 0.05, "shop_change": 0.2}
    rows = [{"portrait_code": code, "feature_code": "free_coffee"} for code in ("rare", "taxi_fleet")]
    for row in rows:
        row |= {f"{name}_mean": mean for name, mean in means.items()} | {
            f"{name}_sd": sd * mean for name, mean in means.items()
        }
        if modified:
            factors = {"response_prob": {"mean": 1.4, "sd": 4 * sd}, "visits_change": {"mean": 0.7, "sd": sd}}
            card = {"modifier_code": "card", "metric_code": "has_loyalty_card", "values": [True], "factors": factors}
            row["modifiers_json"] = json.dumps([card])
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize("modified", [False, True])
def test_scenario_at_other_settings_is_the_scenario_of_these(modified):
    """By the rules the adoption is known and no discount changes the response: the formula is exact."""
    tried = feature(rub_per_visit=20.0, rub_per_month=100.0)
    other = feature(rub_per_visit=3.0, rub_per_l=0.4, rub_per_client_per_month=9.0, rub_per_month=700.0)
    found = by_rules(CLIENTS, rules(0.1, modified=modified), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    here = scenario(CLIENTS, rules(0.1, modified=modified), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    there = scenario(CLIENTS, rules(0.1, modified=modified), [other], horizon_weeks=26, shop_margin_share=SHARE)
    told = compute(mart(found, here, tried), settings(other["cost"], horizon_weeks=26))
    for row in (row for part in there for row in part.to_pylist()):
        mine = told[row.get("portrait_code")]
        for name in (*(f"{name}_per_month" for name in AMOUNTS), *MONEY):
            assert mine[name] == pytest.approx(row[name]), name
        # Quantiles of the draws there, a normal distribution of the same spread here.
        width = [r["profit_rub_per_month_high"] - r["profit_rub_per_month_low"] for r in (mine, row)]
        assert width[0] == pytest.approx(width[1], rel=0.1)


def test_scenario_without_uncertainty_has_an_interval_of_no_width():
    tried = feature(rub_per_visit=20.0)
    found = by_rules(CLIENTS, rules(0.0), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    here = scenario(CLIENTS, rules(0.0), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    for row in compute(mart(found, here, tried), settings(tried["cost"])).values():
        assert row["profit_rub_per_month_low"] == pytest.approx(row["profit_rub_per_month"])
    assert found["profit_t_factor"][0].as_py() == pytest.approx(stats.norm.ppf(0.975))
