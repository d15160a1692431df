"""The scenario by rules: checked by hand, with exactly the uncertainty of the rules."""

import json

import numpy as np
import pyarrow as pa
import pytest

from ml.rules.distributions import response_share
from ml.rules.response import weekly_interest
from ml.rules.scenario import by_rules
from ml.tables.errors import DuplicateKeyError, InvalidValueError, UnknownCodeError
from ml.tables.results import WITH_INTERVAL
from ml.trials.analysis import analyse
from tests.toy import trial

COST = {"rub_per_visit": 32, "rub_per_l": 0.5, "rub_per_client_per_month": 6, "rub_per_month": 1000}
COFFEE = {
    "feature_code": "free_coffee",
    "primary_metric_code": "visits_per_month",
    "cost": COST,
    "eligibility": [{"metric_code": "home_station_has_cafe", "values": [True]}],
    "adoption": {"ramp_weeks": 2, "half_life_weeks": 18},
}
CLIENTS = pa.table(
    {
        "client_id": [1, 2, 3, 4],
        "portrait_code": ["rare", "rare", "taxi_fleet", "taxi_fleet"],
        "home_station_has_cafe": [True, True, True, False],
        "visits_per_month": [1.0, 3.0, 30.0, 30.0],
        "volume_l_per_month": [40.0, 120.0, 900.0, 900.0],
        "spend_rub_per_month": [2600.0, 7800.0, 60_000.0, 60_000.0],
        "shop_rub_per_month": [200.0, 600.0, 3000.0, 3000.0],
        "margin_rub_per_month": [300.0, 900.0, 7000.0, 7000.0],
    }
)


def rule(portrait: str, *, sd: float = 0.0, **means: float) -> dict:
    values = {"response_prob": 0.4, "visits_change": 0.1, "volume_per_visit_change": 0.0, "shop_change": 0.0} | means
    row = {"portrait_code": portrait, "feature_code": "free_coffee"}
    for name, mean in values.items():
        row |= {f"{name}_mean": mean, f"{name}_sd": sd}
    return row


def play(*rules: dict, clients: pa.Table = CLIENTS, feature: dict = COFFEE, **options) -> tuple[list[dict], list[dict]]:
    tables = by_rules(clients, pa.Table.from_pylist(list(rules)), [feature], horizon_weeks=12, **options)
    return tables[0].to_pylist(), tables[1].to_pylist()


INTEREST = weekly_interest(12, 2, 18).mean()


def test_interest_rises_then_halves():
    interest = weekly_interest(22, 2, 10)
    assert interest[0] == 0.5
    assert interest[1] == 1.0
    assert interest[11] == pytest.approx(0.5)
    assert interest[21] == pytest.approx(0.25)
    assert weekly_interest(1, 0, 5)[0] == pytest.approx(0.5 ** (1 / 5))


@pytest.mark.parametrize(("weeks", "ramp", "half_life"), [(0, 1, 1), (1, -1, 1), (1, 1, 0)])
def test_invalid_adoption_is_rejected(weeks, ramp, half_life):
    with pytest.raises(InvalidValueError):
        weekly_interest(weeks, ramp, half_life)


def test_numbers_by_hand():
    total, portraits = play(rule("rare", shop_change=0.5), rule("taxi_fleet"), shop_margin_share=0.3)
    rare = portraits[0]
    acting = 0.4 * INTEREST
    assert rare["eligible_count"] == 2
    assert rare["incremental_visits_per_month"] == pytest.approx(acting * 0.1 * 4)
    assert rare["incremental_volume_l_per_month"] == pytest.approx(acting * 0.1 * 160)
    shop = acting * (1.1 * 1.5 - 1) * 800
    assert rare["incremental_revenue_rub_per_month"] == pytest.approx(acting * 0.1 * 9600 + shop)
    margin = acting * 0.1 * (1200 - 240) + 0.3 * shop
    assert rare["incremental_margin_rub_per_month"] == pytest.approx(margin)
    cost = acting * 1.1 * (32 * 4 + 0.5 * 160) + 6 * 2 + 1000 * 2 / 3
    assert rare["cost_rub_per_month"] == pytest.approx(cost)
    assert rare["profit_rub_per_month"] == pytest.approx(margin - cost)
    assert rare["roi_ratio"] == pytest.approx((margin - cost) / cost)
    assert rare["reaction_ratio"] == pytest.approx(acting * 0.1)
    assert rare["conversion_share"] == 0.4
    assert rare["visits_per_client_per_month_without"] == 2
    assert rare["visits_per_client_per_month_with"] == pytest.approx(2 * (1 + acting * 0.1))
    assert total[0]["eligible_count"] == 3
    for name in WITH_INTERVAL:
        if name.endswith("_per_month") and "client" not in name:
            assert total[0][name] == pytest.approx(sum(row[name] for row in portraits)), name


def test_larger_fills_mean_fewer_visits_and_the_same_litres():
    rare = play(rule("rare", visits_change=0.0, volume_per_visit_change=0.25), rule("taxi_fleet"))[1][0]
    assert rare["incremental_volume_l_per_month"] == 0
    assert rare["incremental_visits_per_month"] == pytest.approx(0.4 * INTEREST * (1 / 1.25 - 1) * 4)


def test_shop_bill_is_the_primary_metric():
    feature = COFFEE | {"primary_metric_code": "shop_rub_per_visit"}
    rare = play(rule("rare", visits_change=0.0, shop_change=0.2), rule("taxi_fleet"), feature=feature)[1][0]
    assert rare["reaction_ratio"] == pytest.approx(0.4 * INTEREST * 0.2)


def test_labels_show_that_it_is_not_an_experiment():
    for row in [row for table in play(rule("rare"), rule("taxi_fleet")) for row in table]:
        assert row["basis_code"] == "rules_scenario"
        assert row["treated_count"] == row["control_count"] == 0
        assert row["p_value"] is row["q_value"] is row["verdict_code"] is None


def test_columns_are_those_of_the_analysis():
    tables = by_rules(CLIENTS, pa.Table.from_pylist([rule("rare")]), [COFFEE], horizon_weeks=12)
    outcomes = trial(np.random.default_rng(1), {"rare": 20})
    assert [table.schema for table in tables] == [t.schema for t in analyse(outcomes, [COFFEE], horizon_weeks=12)]


def test_interval_reflects_the_uncertainty_of_the_rule():
    rules = [rule("rare"), rule("taxi_fleet")]
    rules[0]["visits_change_sd"] = 0.03
    rare, taxi = play(*rules, draws_count=20_000)[1]
    acting = 0.4 * INTEREST
    half = 1.96 * 0.03 * acting * 4
    assert rare["incremental_visits_per_month_high"] - acting * 0.4 == pytest.approx(half, rel=0.05)
    assert acting * 0.4 - rare["incremental_visits_per_month_low"] == pytest.approx(half, rel=0.05)
    assert taxi["incremental_visits_per_month_low"] == taxi["incremental_visits_per_month_high"]


def test_seed_fixes_the_draws_and_editing_one_rule_keeps_the_others():
    rules = rule("rare", sd=0.05), rule("taxi_fleet", sd=0.05)
    assert play(*rules, seed=1) == play(*rules, seed=1)
    assert play(*rules, seed=1) != play(*rules, seed=2)
    edited = play(rule("rare", sd=0.2), rules[1], seed=1)
    assert edited[1][1] == play(*rules, seed=1)[1][1]
    assert play(*reversed(rules), seed=1) == play(*rules, seed=1)


def test_portrait_without_a_rule_is_null_and_excluded_from_totals():
    total, portraits = play(rule("taxi_fleet"))
    assert portraits[0]["incremental_visits_per_month"] is None
    assert portraits[0]["eligible_count"] == 2
    taxi = portraits[1]["incremental_visits_per_month"]
    assert total[0]["incremental_visits_per_month"] == pytest.approx(taxi)
    assert total[0]["cost_rub_per_month"] == pytest.approx(portraits[1]["cost_rub_per_month"])


def modified(portrait: str, *modifiers: dict, sd: float = 0.0, **means: float) -> dict:
    return rule(portrait, sd=sd, **means) | {"modifiers_json": json.dumps(modifiers)}


def often(sd: float = 0.0, **factors: float) -> dict:
    """Clients with at least two visits per month: the second of the two rare clients, and both taxis."""
    drawn = {name: {"mean": mean, "sd": sd} for name, mean in factors.items()}
    return {"modifier_code": "often", "metric_code": "visits_per_month", "low": 2, "factors": drawn}


def test_modifiers_by_hand():
    """Visits of 1 and 3 per month; the second client is twice as likely to respond and changes half as much."""
    rule_of = modified("rare", often(response_prob=2.0, visits_change=0.5))
    total, (rare, taxi) = play(rule_of, rule("taxi_fleet"), shop_margin_share=0.3)
    assert rare["conversion_share"] == pytest.approx((0.4 + 0.8) / 2)
    assert rare["incremental_visits_per_month"] == pytest.approx(INTEREST * (0.4 * 0.1 * 1 + 0.8 * 0.05 * 3))
    assert rare["incremental_volume_l_per_month"] == pytest.approx(INTEREST * (0.4 * 0.1 * 40 + 0.8 * 0.05 * 120))
    used = 0.4 * 1.1 * (32 * 1 + 0.5 * 40) + 0.8 * 1.05 * (32 * 3 + 0.5 * 120)
    assert rare["cost_rub_per_month"] == pytest.approx(INTEREST * used + 6 * 2 + 1000 * 2 / 3)
    assert taxi == play(rule("rare"), rule("taxi_fleet"), shop_margin_share=0.3)[1][1]
    assert total[0]["conversion_share"] == pytest.approx((0.4 + 0.8 + 0.4) / 3)


def test_modifiers_multiply_and_probabilities_stay_at_most_one():
    both = [often(response_prob=2.0), often(response_prob=2.0) | {"modifier_code": "again"}]
    rare = play(modified("rare", *both), rule("taxi_fleet"))[1][0]
    assert rare["conversion_share"] == pytest.approx((0.4 + 1.0) / 2)
    none = play(modified("rare"), modified("taxi_fleet"))
    assert none == play(rule("rare"), rule("taxi_fleet"))


def test_an_unknown_trait_is_not_met():
    """All amounts of a portrait but one client's are unknown: that client's are the portrait's."""
    blank = CLIENTS.set_column(3, "visits_per_month", pa.array([1.0, None, 30.0, 30.0]))
    rare = play(modified("rare", often(response_prob=2.0)), rule("taxi_fleet"), clients=blank)[1][0]
    assert rare["conversion_share"] == 0.4
    assert rare["incremental_visits_per_month"] == pytest.approx(0.4 * INTEREST * 0.1 * 1)
    first = {"modifier_code": "few", "metric_code": "visits_per_month", "high": 2, "factors": {}}
    blank = CLIENTS.set_column(7, "margin_rub_per_month", pa.array([300.0, None, 7000.0, 7000.0]))
    apart, together = (play(modified("rare", *m), rule("taxi_fleet"), clients=blank)[1][0] for m in ([first], []))
    for name, value in together.items():
        assert apart[name] == (pytest.approx(value) if isinstance(value, float) else value), name


def test_interval_reflects_the_uncertainty_of_the_factor_shared_by_portraits():
    rules = [modified(code, often(sd=0.1, response_prob=1.5)) for code in ("rare", "taxi_fleet")]
    total, (rare, taxi) = play(*rules, draws_count=20_000)
    half = 1.96 * 0.1 * 0.4 * INTEREST * 0.1 * np.array([3, 30])
    found = [row["incremental_visits_per_month_high"] - row["incremental_visits_per_month"] for row in (rare, taxi)]
    assert found == pytest.approx(half, rel=0.05)
    # The factor is one unknown number: its contributions add up instead of averaging out.
    name = "incremental_visits_per_month"
    assert total[0][f"{name}_high"] - total[0][name] == pytest.approx(half.sum(), rel=0.05)
    alone = play(modified("rare", often(sd=0.1, response_prob=1.5)), rule("taxi_fleet"), draws_count=20_000)[1][0]
    assert alone == rare


def test_response_share_is_the_mean_over_the_clients():
    item = modified("rare", often(response_prob=1.5), often(visits_change=9.0) | {"modifier_code": "other"})
    everyone, nobody = np.arange(4), np.arange(0)
    assert response_share(item, CLIENTS, everyone) == pytest.approx((0.4 + 3 * 0.6) / 4)
    assert response_share(item, CLIENTS, np.array([0, 3])) == pytest.approx((0.4 + 0.6) / 2)
    assert response_share(item, CLIENTS, nobody) == response_share(rule("rare"), CLIENTS, everyone) == 0.4
    certain = modified("rare", often(response_prob=9.0))
    assert response_share(certain, CLIENTS, everyone) == pytest.approx((0.4 + 3 * 1) / 4)


def test_a_horizon_of_one_week():
    feature = COFFEE | {"adoption": {"ramp_weeks": 0, "half_life_weeks": 5}}
    tables = by_rules(CLIENTS, pa.Table.from_pylist([rule("rare")]), [feature], horizon_weeks=1)
    rare = tables[1].to_pylist()[0]
    assert rare["incremental_visits_per_month"] == pytest.approx(0.4 * 0.5 ** (1 / 5) * 0.1 * 4)


def test_unknown_margin_gives_null_money_and_known_visits():
    blank = CLIENTS.set_column(7, "margin_rub_per_month", pa.nulls(4, pa.float64()))
    total, _ = play(rule("rare"), rule("taxi_fleet"), clients=blank)
    assert total[0]["incremental_margin_rub_per_month"] is total[0]["profit_rub_per_month"] is None
    assert total[0]["roi_ratio"] is None
    assert total[0]["incremental_visits_per_month"] > 0
    assert total[0]["cost_rub_per_month"] > 0


def test_free_feature_and_nobody_eligible():
    free = COFFEE | {"cost": {name: 0 for name in COST}}
    row = play(rule("rare"), rule("taxi_fleet"), feature=free)[0][0]
    assert row["cost_rub_per_month"] == 0
    assert row["roi_ratio"] is None
    closed = CLIENTS.set_column(2, "home_station_has_cafe", pa.nulls(4, pa.bool_()))
    total, portraits = play(rule("rare"), clients=closed)
    assert portraits == []
    assert total[0]["eligible_count"] == 0
    assert total[0]["incremental_visits_per_month"] is total[0]["reach_share"] is None


def test_invalid_rules_are_rejected_with_their_location():
    with pytest.raises(InvalidValueError, match="response_prob mean = 1.5.*portrait 'rare', feature 'free_coffee'"):
        play(rule("rare", response_prob=1.5))
    with pytest.raises(InvalidValueError, match="sd = -1"):
        play(rule("rare", sd=-1.0))
    with pytest.raises(DuplicateKeyError, match="rare"):
        play(rule("rare"), rule("rare"))
    with pytest.raises(UnknownCodeError, match="free_tea"):
        play(rule("rare") | {"feature_code": "free_tea"})
    with pytest.raises(InvalidValueError, match="draws_count"):
        play(rule("rare"), draws_count=10)
