"""Effects per client, and policies evaluated by scores, on trials with a known truth."""

import numpy as np
import pyarrow as pa
import pytest

from lab.targeting.grades import grade_targeting
from ml.tables.errors import InvalidValueError, MissingColumnError, UnknownCodeError
from ml.targeting.policies import SHARES, find_targets, targeting_curves
from ml.targeting.trial import MIN_PER_ARM
from ml.trials.pooling import pool_to_zero
from tests import toy

FEATURE = {
    "feature_code": "free_coffee",
    "primary_metric_code": "visits_per_month",
    "cost": {"rub_per_visit": 20},
    "aimed_portraits": ["new"],
}
MONTHS = 84 / 30.4375


def targets(outcomes, **options):
    return find_targets(outcomes, None, [FEATURE], horizon_weeks=12, seed=1, **options)


def column(table, name):
    return table[name].to_numpy(zero_copy_only=False)


@pytest.fixture(scope="module")
def planted():
    """Return a trial in which `eco` comes 40 % more often when treated and `rare` does not change."""
    return toy.trial(np.random.default_rng(3), {"eco": 3000, "rare": 3000}, effect={"eco": 0.4}, new_share=0.05)


@pytest.fixture(scope="module")
def found(planted):
    return targets(planted)


@pytest.mark.statistical
def test_a_planted_effect_is_recovered_in_its_portrait_in_proportion_to_the_client(planted, found):
    is_eco = column(found, "portrait_code") == "eco"
    effect = column(found, "uplift_margin_rub_per_month")
    # 5 visits a month of 300 ₽, 40 % more of them.
    assert effect[is_eco].mean() == pytest.approx(600, rel=0.15)
    assert abs(effect[~is_eco].mean()) < 60
    before = planted.sort_by("client_id")["pre_margin_rub_per_month"].to_numpy(zero_copy_only=False)
    known = is_eco & np.isfinite(before)
    assert np.corrcoef(effect[known], before[known])[0, 1] > 0.8


def test_scores_are_unbiased_and_costs_are_those_of_treated_clients(planted, found):
    is_eco = column(found, "portrait_code") == "eco"
    cost, score = column(found, "cost_rub_per_month"), column(found, "profit_score_rub_per_month")
    # 7 visits of 20 ₽ where the offer works, 5 where it does not.
    assert cost[is_eco].mean() == pytest.approx(140, rel=0.05)
    assert cost[~is_eco].mean() == pytest.approx(100, rel=0.05)
    for chosen, profit in ((is_eco, 600 - 140), (~is_eco, -100)):
        error = score[chosen].std() / np.sqrt(chosen.sum())
        assert abs(score[chosen].mean() - profit) < 4 * error
        assert error < 30
    assert column(found, "is_recommended")[is_eco].mean() > 0.95
    assert column(found, "is_recommended")[~is_eco].mean() < 0.05


def test_a_fee_is_recovered_exactly_and_other_costs_are_positive(planted, found):
    assert column(found, "cost_rub_per_month").min() > 0
    place = planted.column_names.index("cost_rub")
    fee = np.where(planted["is_treated"].to_numpy(zero_copy_only=False), 10 * MONTHS, 0.0)
    estimated = column(targets(planted.set_column(place, "cost_rub", pa.array(fee))), "cost_rub_per_month")
    np.testing.assert_allclose(estimated, 10)


@pytest.mark.statistical
def test_no_effect_gives_estimates_near_zero():
    outcomes = toy.trial(np.random.default_rng(5), {"eco": 1500, "rare": 1500}, effect=0.0)
    effect = column(targets(outcomes), "uplift_margin_rub_per_month")
    assert np.sqrt((effect**2).mean()) < 60  # 4 % of a client's margin of 1,500 ₽


def test_order_of_rows_and_jobs_change_nothing(planted, found):
    shuffled = planted.take(pa.array(np.random.default_rng(0).permutation(planted.num_rows)))
    assert targets(shuffled, jobs=1).equals(found)


def test_small_trials_and_trials_without_margins_are_skipped():
    small = toy.trial(np.random.default_rng(0), {"eco": 2 * MIN_PER_ARM - 2})
    assert targets(small).num_rows == 0
    assert targeting_curves(targets(small), [FEATURE], seed=1).num_rows == 0
    large = toy.trial(np.random.default_rng(0), {"eco": 400})
    place = large.column_names.index("margin_rub")
    assert targets(large.set_column(place, "margin_rub", pa.nulls(400, pa.float64()))).num_rows == 0


def test_unknown_responses_stay_unknown(planted):
    place = planted.column_names.index("has_responded")
    silent = planted.set_column(place, "has_responded", pa.nulls(planted.num_rows, pa.bool_()))
    found = targets(silent)
    assert found["response_prob"].null_count == found.num_rows
    is_eco = column(found, "portrait_code") == "eco"
    assert column(found, "uplift_margin_rub_per_month")[is_eco].mean() == pytest.approx(600, rel=0.15)


def test_trials_may_have_different_lengths(planted):
    found = find_targets(planted, None, [FEATURE], horizon_weeks={"free_coffee": 24}, seed=1)
    usual = targets(planted)
    assert column(found, "cost_rub_per_month").mean() == pytest.approx(column(usual, "cost_rub_per_month").mean() / 2)


def test_invalid_tables_are_named(planted):
    with pytest.raises(MissingColumnError, match="margin_rub"):
        targets(planted.drop_columns("margin_rub"))
    with pytest.raises(UnknownCodeError, match="free_coffee"):
        find_targets(planted, None, [FEATURE | {"feature_code": "other"}], horizon_weeks=12, seed=1)


@pytest.mark.parametrize("lost", [0, 1, -1], ids=["first", "second", "last"])
def test_a_client_without_a_profile_is_refused(planted, lost):
    """Otherwise it would be given the covariates of the next client."""
    ids = np.unique(planted["client_id"].to_numpy())
    profiles = pa.table({"client_id": np.delete(ids, lost), "visits_count": np.ones(len(ids) - 1)})
    with pytest.raises(InvalidValueError, match=rf"client_id = {ids[lost]} .*clients with a row in profiles"):
        find_targets(planted, profiles, [FEATURE], horizon_weeks=12, seed=1)


def test_curves_start_at_zero_end_together_and_cover_the_truth_between(found):
    curves = targeting_curves(found, [FEATURE | {"cost": {"rub_per_visit": 20, "rub_per_month": 5000}}], seed=1)
    rows = curves.to_pylist()
    at = {(row["policy_code"], row["targeted_share"]): row for row in rows}
    assert [row["targeted_share"] for row in rows[: len(SHARES)]] == SHARES.tolist()
    policies = ("uplift", "response", "aimed", "everyone")
    assert {at[policy, 0.0]["profit_rub_per_month"] for policy in policies} == {0.0}
    ends = [at[policy, 1.0]["profit_rub_per_month"] for policy in policies]
    assert np.ptp(ends) < 1e-6 * abs(ends[0])
    # Half of the clients gain 460 ₽, the other half lose 100; 5,000 ₽ are fixed.
    half = at["uplift", 0.5]
    assert half["profit_rub_per_month_low"] < 3000 * 460 - 5000 < half["profit_rub_per_month_high"]
    assert half["profit_rub_per_month"] > at["everyone", 0.5]["profit_rub_per_month"] + 500_000
    assert [row["targeted_share"] for row in rows if row["is_recommended"]] == [0.5]
    assert curves.equals(targeting_curves(found, [FEATURE | {"cost": {"rub_per_month": 5000}}], seed=1))


def test_stations_are_targeted_as_a_whole():
    rng = np.random.default_rng(8)
    outcomes = toy.trial(rng, {"eco": 2000}, effect=0.3)
    station = np.where(outcomes["is_treated"].to_numpy(zero_copy_only=False), 0, 20) + rng.integers(0, 20, 2000)
    found = targets(outcomes.append_column("group_id", pa.array(station)))
    of_station = {}
    for row in found.to_pylist():
        of_station.setdefault(row["group_id"], set()).add(row["is_recommended"])
    assert len(of_station) == 40
    assert all(len(answers) == 1 for answers in of_station.values())
    curves = targeting_curves(found, [FEATURE], seed=1)
    alone = targeting_curves(found.set_column(3, "group_id", pa.nulls(2000, pa.int64())), [FEATURE], seed=1)
    width = [
        np.subtract(*(table[f"profit_rub_per_month_{end}"].to_numpy()[-1] for end in ("high", "low")))
        for table in (curves, alone)
    ]
    assert width[0] != pytest.approx(width[1], rel=1e-3)


def test_pooling_to_zero_keeps_precise_effects_and_shrinks_imprecise_ones():
    effect = np.array([0.2, 0.0, 0.3, np.nan])
    sure = pool_to_zero(effect, np.array([0.002, 0.002, 0.002, np.nan]), 0.05)
    np.testing.assert_allclose(sure[:3], effect[:3], atol=0.005)
    assert 0 < sure[3] < 0.3
    unsure = pool_to_zero(effect, np.array([1.0, 1.0, 1.0, np.nan]), 0.05)
    assert np.abs(unsure).max() < 0.03
    assert (pool_to_zero(np.full(2, np.nan), np.full(2, np.nan), 0.05) == 0).all()


def test_pooling_to_zero_has_less_error_than_raw_estimates_and_than_zero():
    rng = np.random.default_rng(4)
    raw, none, pooled = [], [], []
    for _ in range(200):
        true = rng.normal(0.03, 0.02, 11)
        error = rng.uniform(0.005, 0.06, 11)
        effect = rng.normal(true, error)
        raw.append(((effect - true) ** 2).mean())
        none.append((true**2).mean())
        pooled.append(((pool_to_zero(effect, error, 0.05) - true) ** 2).mean())
    assert np.mean(pooled) < 0.6 * min(np.mean(raw), np.mean(none))


def grades(found, pooled, truth):
    rows = grade_targeting(found, pooled, truth, [FEATURE]).to_pylist()
    return {(row["feature_code"], row["method_code"], row["grade_code"]): row["value"] for row in rows}


def test_grades_of_known_effects(found):
    is_eco = column(found, "portrait_code") == "eco"
    keys = {name: found[name] for name in ("client_id", "feature_code")}
    rng = np.random.default_rng(1)
    true = np.where(is_eco, rng.normal(600, 100, found.num_rows), 0.0)
    truth = pa.table(keys | {"uplift_margin_rub_per_month": true, "cost_rub_per_month": np.where(is_eco, 140.0, 100.0)})
    estimated = np.where(is_eco, 500.0, 0.0)
    pooled = pa.table(
        keys | {"portrait_code": found["portrait_code"], "uplift_margin_rub_per_month": pa.array(estimated)}
    )
    graded = grades(found, pooled, truth)
    assert graded[None, "oracle", "pehe_rub"] == 0
    assert graded[None, "oracle", "slope"] == pytest.approx(1)
    assert graded[None, "oracle", "qini_share"] == pytest.approx(1)
    # The portrait mean is off by 100 ₽ for half of the clients, who also vary with an sd of 100 ₽.
    assert graded["free_coffee", "portrait_mean", "pehe_rub"] == pytest.approx(np.sqrt((100**2 + 100**2) / 2), rel=0.05)
    assert graded[None, "portrait_mean", "slope"] == pytest.approx(1.2, rel=0.02)
    assert graded[None, "portrait_mean", "policy_rub"] == pytest.approx(3000 * 460, rel=0.02)
    assert graded[None, "everyone", "policy_rub"] == pytest.approx(3000 * 460 - 3000 * 100, rel=0.02)
    # The target portrait `new` has no clients here.
    assert graded[None, "aimed", "policy_rub"] == 0
    assert (None, "everyone", "pehe_rub") not in graded


def test_a_wrong_order_has_a_negative_qini_and_noise_has_none(found):
    keys = {name: found[name] for name in ("client_id", "feature_code")}
    rng = np.random.default_rng(2)
    true = rng.normal(50, 10, found.num_rows)
    truth = pa.table(keys | {"uplift_margin_rub_per_month": true, "cost_rub_per_month": np.zeros(found.num_rows)})
    pooled = pa.table(keys | {"portrait_code": found["portrait_code"], "uplift_margin_rub_per_month": -true})
    graded = grades(found, pooled, truth)
    assert graded[None, "portrait_mean", "qini_share"] == pytest.approx(-1)
    assert abs(graded[None, "client_effects", "qini_share"]) < 0.1
