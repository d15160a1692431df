"""Estimates per client: shrinkage works as stated, and unknown estimates are null."""

import numpy as np
import pyarrow as pa
import pytest

from ml.trials.analysis import analyse
from ml.trials.assignment import assign_arms, without_arms
from ml.trials.pooling import pool, shrink_shares
from ml.trials.reactions import client_estimates
from tests import toy

COFFEE = {
    "feature_code": "free_coffee",
    "primary_metric_code": "visits_per_month",
    "treated_share": 0.5,
    "eligibility": [],
    "cost": {},
}


def test_shares_of_small_cells_are_shrunk_most():
    share, trials = np.array([0.1, 0.5, 0.9, 0.9]), np.array([1000.0, 1000.0, 1000.0, 5.0])
    shrunk = shrink_shares(share, trials)
    np.testing.assert_allclose(shrunk[:3], share[:3], atol=0.01)
    assert 0.5 < shrunk[3] < 0.88


def test_shares_that_differ_by_chance_are_shrunk_together():
    rng = np.random.default_rng(1)
    trials = np.full(11, 40.0)
    share = rng.binomial(40, 0.3, 11) / 40
    assert shrink_shares(share, trials).std() < 0.5 * share.std()


def test_unknown_cells_get_the_mean_and_rules_do_not_change():
    np.testing.assert_allclose(shrink_shares(np.array([0.2, 0.4, np.nan]), np.zeros(3)), [0.2, 0.4, 0.3])
    assert np.isnan(shrink_shares(np.array([np.nan]), np.array([0.0]))).all()
    np.testing.assert_allclose(shrink_shares(np.array([0.0, np.nan]), np.array([50.0, 0.0])), [0.0, 0.0])
    np.testing.assert_allclose(shrink_shares(np.array([1.0, 1.0]), np.array([5.0, 9.0])), [1.0, 1.0])


def test_pooling_keeps_precise_cells():
    effect, error = np.array([100.0, -100.0, 400.0, np.nan]), np.array([1.0, 1.0, 1000.0, np.nan])
    pooled = pool(effect, error)
    np.testing.assert_allclose(pooled[:2], effect[:2], atol=1)
    assert abs(pooled[2]) < 50
    assert pooled[3] == pytest.approx(pooled[2], abs=20)


def test_pooling_has_less_error_than_raw_cells():
    rng = np.random.default_rng(2)
    raw, shrunk = [], []
    for _ in range(200):
        truth = rng.normal(50, 20, 11)
        error = rng.uniform(10, 80, 11)
        found = truth + error * rng.standard_normal(11)
        raw.append(((found - truth) ** 2).mean())
        shrunk.append(((pool(found, error) - truth) ** 2).mean())
    assert np.mean(shrunk) < 0.6 * np.mean(raw)


def test_pooling_without_estimates_is_nan():
    assert np.isnan(pool(np.full(3, np.nan), np.full(3, np.nan))).all()
    np.testing.assert_allclose(pool(np.array([5.0, np.nan]), np.array([np.nan, np.nan])), [5.0, 5.0])


@pytest.fixture
def trial():
    """Arms of 60 clients of three portraits, their outcomes and the analysis."""
    outcomes = toy.trial(np.random.default_rng(3), {"a": 30, "b": 28, "c": 2}, effect=0.2)
    clients = outcomes.select(["client_id", "portrait_code"])
    arms = assign_arms(clients, [COFFEE], seed=1)
    by_arm = outcomes.set_column(3, "is_treated", arms["is_treated"])
    responded = np.where(arms["is_treated"].to_numpy(False).astype(bool), np.arange(60) % 3 == 0, False)
    by_arm = by_arm.set_column(4, "has_responded", pa.array(responded))
    return arms, by_arm, analyse(by_arm, [COFFEE], horizon_weeks=12)[1]


def test_one_row_per_client_and_feature(trial):
    arms, outcomes, by_portrait = trial
    found = client_estimates(arms, outcomes.take(np.arange(60)[::-1]), by_portrait)
    known = [name for name in arms.column_names if name != "group_id"]
    assert found.select(known).equals(arms.select(known))
    frame = found.to_pandas()
    assert frame.loc[frame["is_treated"] == False, "has_responded"].isna().all()  # noqa: E712
    treated = frame.loc[frame["is_treated"] == True]  # noqa: E712
    assert (treated["has_responded"].astype(bool).to_numpy() == ((treated["client_id"] - 1) % 3 == 0)).all()
    assert frame.groupby("portrait_code")[["response_prob", "uplift_margin_rub_per_month"]].nunique().eq(1).all().all()
    assert frame["response_prob"].between(0, 1).all()


def test_a_tiny_cell_gets_the_mean_of_the_feature(trial):
    arms, outcomes, by_portrait = trial
    frame = client_estimates(arms, outcomes, by_portrait).to_pandas().groupby("portrait_code").first()
    uplift = frame["uplift_margin_rub_per_month"]
    assert by_portrait["incremental_margin_rub_per_month"].to_pylist()[2] is None
    assert min(uplift["a"], uplift["b"]) - 1e-9 <= uplift["c"] <= max(uplift["a"], uplift["b"]) + 1e-9


def test_not_eligible_and_unknown_feature_are_null(trial):
    arms, outcomes, by_portrait = trial
    closed = arms.set_column(3, "is_eligible", pa.array([False] * 60)).set_column(
        4, "is_treated", pa.nulls(60, pa.bool_())
    )
    found = client_estimates(closed, outcomes, by_portrait)
    for name in ("has_responded", "response_prob", "uplift_margin_rub_per_month"):
        assert found[name].null_count == 60
    nothing = client_estimates(arms, outcomes, by_portrait.slice(0, 0))
    assert nothing["response_prob"].null_count == 60


def test_scenario_has_estimates_and_no_responses(trial):
    arms, _, by_portrait = trial
    count = by_portrait.num_rows
    zeros, shares = pa.array([0] * count), pa.array([0.1, 0.3, 0.5])
    for name, values in (("treated_count", zeros), ("control_count", zeros), ("conversion_share", shares)):
        by_portrait = by_portrait.set_column(by_portrait.column_names.index(name), name, values)
    arms = without_arms(arms.select(["client_id", "portrait_code"]), [COFFEE])
    found = client_estimates(arms, None, by_portrait).to_pandas()
    assert found["has_responded"].isna().all()
    assert found.groupby("portrait_code")["response_prob"].first().tolist() == [0.1, 0.3, 0.5]


def test_no_rows_give_an_empty_table(trial):
    arms, outcomes, by_portrait = trial
    assert client_estimates(arms.slice(0, 0), outcomes, by_portrait).num_rows == 0


def test_an_unknown_response_is_null():
    outcomes = toy.trial(np.random.default_rng(3), {"rare": 20})
    treated, responded = outcomes["is_treated"].to_pylist(), outcomes["has_responded"].to_pylist()
    first = treated.index(True)
    responded[first] = None
    outcomes = outcomes.set_column(outcomes.column_names.index("has_responded"), "has_responded", pa.array(responded))
    arms = outcomes.select(["client_id", "feature_code", "portrait_code", "is_treated"])
    arms = arms.append_column("is_eligible", pa.array([True] * 20))
    found = client_estimates(arms, outcomes, analyse(outcomes, [COFFEE], horizon_weeks=12)[1])
    assert found["has_responded"].to_pylist() == [
        value if arm else None for value, arm in zip(responded, treated, strict=True)
    ]
