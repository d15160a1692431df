"""What-if: the formula of the site by hand, and the scenario by rules at other settings."""

import json

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from ml.rules.response import weekly_interest
from ml.rules.scenario import by_rules as scenario
from ml.rules.whatif import by_rules
from ml.tables.coefficients import COVARIANCES, EFFECTS, FACTORS
from tests.site_queries import QUERIES, rendered
from tests.whatif import AMOUNTS, MONEY, SHARE, compute, feature, mart, settings

COST = {"rub_per_visit": 1.0, "rub_per_l": 0.1, "rub_per_client_per_month": 0.5, "rub_per_month": 30.0}
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


def one_row(**changes: float) -> pa.Table:
    """Coefficients for calculation by hand: no covariances, interest that does not fade."""
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


def test_the_site_has_the_queries_of_the_warehouse():
    for name, query in rendered().items():
        assert (QUERIES / f"{name}.sql").read_text(encoding="utf-8") == query, "run python -m tests.site_queries"


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


def test_response_proportional_to_the_discount_is_optional():
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
    no_discount = compute(one_row(cost_rub_per_l=0.0), settings(twice, response_elasticity=1.0))["rare"]
    assert no_discount["incremental_margin_rub_per_month"] == 1200


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("weeks", [12, 30])
def test_profit_is_zero_at_the_break_even(elasticity, weeks):
    """With fading interest, some of the clients treated, and a fixed cost."""
    table = one_row(ramp_weeks=2.0, half_life_weeks=20.0)
    options = {"response_elasticity": elasticity, "horizon_weeks": weeks, "treated_share": 0.8}
    row = compute(table, settings(COST, **options))["rare"]
    for name in ("rub_per_visit", "rub_per_l", "rub_per_client_per_month"):
        at = compute(table, settings(COST | {name: row[f"break_even_{name}"]}, **options))["rare"]
        assert at["profit_rub_per_month"] == pytest.approx(0, abs=1e-9), name
        assert row[f"break_even_{name}"] > COST[name]


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0])
def test_profit_is_zero_at_the_break_even_of_selected_portraits(elasticity):
    """Portraits that differ in everything; in the second table one of them does not use the offer."""
    other = {"portrait_code": "new", "eligible_count": 40, "estimated_count": 40, "ramp_weeks": 2.0}
    other |= dict(zip(EFFECTS, (25.0, 3.0, 1.5, 80.0), strict=True))
    unused = other | {"served_visits_per_client_per_month": 0.0, "served_volume_l_per_client_per_month": 0.0}
    options = {"response_elasticity": elasticity, "horizon_weeks": 20, "treated_share": 0.8}
    for changes in (other, unused):
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
    unused = one_row(served_visits_per_client_per_month=0.0, served_volume_l_per_client_per_month=0.0)
    total = compute(unused, settings(COST), total=True)[None]
    assert total["break_even_rub_per_visit"] is None
    assert total["break_even_rub_per_l"] is None
    expensive = settings(COST | {"rub_per_client_per_month": 100.0}, response_elasticity=1.0)
    assert compute(one_row(), expensive)["rare"]["break_even_rub_per_l"] is None
    assert compute(one_row(), expensive, total=True)[None]["break_even_rub_per_l"] is None


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
def test_scenario_at_other_settings_equals_their_own_scenario(modified):
    """With the rules the adoption is known and the response does not depend on the discount: the formula is exact."""
    tried = feature(rub_per_visit=20.0, rub_per_month=100.0)
    other = feature(rub_per_visit=3.0, rub_per_l=0.4, rub_per_client_per_month=9.0, rub_per_month=700.0)
    found = by_rules(CLIENTS, rules(0.1, modified=modified), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    at_tried = scenario(CLIENTS, rules(0.1, modified=modified), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    at_other = scenario(CLIENTS, rules(0.1, modified=modified), [other], horizon_weeks=26, shop_margin_share=SHARE)
    computed = compute(mart(found, at_tried, tried), settings(other["cost"], horizon_weeks=26))
    for row in (row for part in at_other for row in part.to_pylist()):
        computed_row = computed[row.get("portrait_code")]
        for name in (*(f"{name}_per_month" for name in AMOUNTS), *MONEY):
            assert computed_row[name] == pytest.approx(row[name]), name
        # Quantiles of the draws, compared with a normal distribution of the same variance.
        width = [r["profit_rub_per_month_high"] - r["profit_rub_per_month_low"] for r in (computed_row, row)]
        assert width[0] == pytest.approx(width[1], rel=0.1)


def test_scenario_without_uncertainty_has_intervals_of_zero_width():
    tried = feature(rub_per_visit=20.0)
    found = by_rules(CLIENTS, rules(0.0), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    at_tried = scenario(CLIENTS, rules(0.0), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    for row in compute(mart(found, at_tried, tried), settings(tried["cost"])).values():
        assert row["profit_rub_per_month_low"] == pytest.approx(row["profit_rub_per_month"])
    assert found["profit_t_factor"][0].as_py() == pytest.approx(stats.norm.ppf(0.975))
