"""Invariants of the ML steps over many random inputs."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml.portraits.model import criteria_only, score_clients
from ml.tables.conditions import in_range
from ml.tables.intervals import q_values
from ml.tables.shares import wilson
from ml.trials.analysis import analyse
from ml.trials.assignment import assign_arms
from ml.trials.pooling import pool, shrink_shares
from tests import toy

CRITERIA = toy.read_criteria(Path(__file__).parents[2] / "data" / "reference" / "portraits.json")
BASE, _ = toy.clients(CRITERIA, np.random.default_rng(5), 400, spread=0.5)
FEATURES = [
    {"feature_code": code, "treated_share": share, "eligibility": conditions}
    for code, share, conditions in (
        ("free_coffee", 0.5, [{"metric_code": "home_station_has_cafe", "values": [True]}]),
        ("fuel_discount", 0.3, []),
        ("vip_service", 0.8, [{"metric_code": "is_corporate", "values": [False]}]),
    )
]
odd_numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@given(st.data())
@settings(max_examples=40)
def test_scores_sum_to_one_for_any_metrics(data):
    """Any metric may be null, NaN, infinite, huge, constant or missing for all clients."""
    size = data.draw(st.sampled_from([1, 7, 60, 400]))
    table = BASE.slice(0, size)
    for name in data.draw(st.lists(st.sampled_from(BASE.column_names[1:7]), max_size=4, unique=True)):
        values = data.draw(arrays(np.float64, size, elements=odd_numbers, fill=odd_numbers))
        mask = data.draw(arrays(bool, size))
        column = pa.nulls(size) if data.draw(st.booleans()) else pa.array(values, mask=mask)
        table = table.set_column(table.column_names.index(name), name, column)
    for scores in (score_clients(table, CRITERIA, seed=1), criteria_only(table, CRITERIA)):
        grid = scores["score_prob"].to_numpy().reshape(size, 12)
        assert (grid >= 0).all()
        np.testing.assert_allclose(grid.sum(axis=1), 1, atol=1e-9)


@given(st.permutations(range(CRITERIA.num_rows)), st.permutations(range(BASE.num_rows)))
@settings(max_examples=15)
def test_scores_do_not_depend_on_order(criteria_order, client_order):
    expected = score_clients(BASE, CRITERIA, seed=1)
    assert score_clients(BASE.take(client_order), CRITERIA.take(criteria_order), seed=1).equals(expected)


@st.composite
def populations(draw):
    size = draw(st.integers(1, 60))
    return pa.table(
        {
            "client_id": pa.array(draw(st.lists(st.integers(1, 10**9), min_size=size, max_size=size, unique=True))),
            "portrait_code": draw(
                st.lists(st.sampled_from(["eco", "rare", "undefined"]), min_size=size, max_size=size)
            ),
            "home_station_has_cafe": pa.array(
                draw(st.lists(st.sampled_from([True, False, None]), min_size=size, max_size=size)), pa.bool_()
            ),
            "is_corporate": draw(st.lists(st.booleans(), min_size=size, max_size=size)),
        }
    )


@given(populations(), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_arms_are_balanced_in_every_stratum(clients, seed):
    frame = assign_arms(clients, FEATURES, seed=seed).to_pandas()
    assert frame["is_treated"].notna().equals(frame["is_eligible"])
    eligible = frame[frame["is_eligible"]].astype({"is_treated": bool})
    share = {feature["feature_code"]: feature["treated_share"] for feature in FEATURES}
    for (code, _), arm in eligible.groupby(["feature_code", "portrait_code"])["is_treated"]:
        if len(arm) >= 2:
            assert arm.sum() == np.clip(np.rint(share[code] * len(arm)), 1, len(arm) - 1)


@given(populations(), st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_arms_do_not_depend_on_order_or_on_other_features(clients, seed, random):
    arms = assign_arms(clients, FEATURES, seed=seed)
    rows = list(range(clients.num_rows))
    random.shuffle(rows)
    assert assign_arms(clients.take(rows), FEATURES[::-1], seed=seed).equals(arms)
    alone = assign_arms(clients, FEATURES[:1], seed=seed)
    assert arms.slice(clients.num_rows, clients.num_rows).equals(alone) or alone.equals(
        arms.filter(pc.equal(arms["feature_code"], "free_coffee"))
    )


@given(st.integers(0, 10_000), st.data())
def test_wilson_interval_contains_the_share_and_stays_in_0_to_1(trials, data):
    successes = data.draw(st.integers(0, trials))
    share = wilson(successes, trials)
    if trials:
        assert -1e-12 <= share.low <= share.value + 1e-12
        assert share.value - 1e-12 <= share.high <= 1 + 1e-12


@given(arrays(np.float64, st.integers(1, 30), elements=st.one_of(st.floats(0, 1), st.just(np.nan))))
def test_q_values_are_at_least_p_values_and_keep_their_order(p_values):
    q = q_values(p_values)
    known = ~np.isnan(p_values)
    np.testing.assert_array_equal(np.isnan(q), ~known)
    assert (q[known] >= p_values[known] - 1e-12).all()
    assert (np.diff(q[known][np.argsort(p_values[known])]) >= -1e-12).all()


@given(st.integers(2, 20), st.data())
def test_shrinkage_stays_between_the_extremes(size, data):
    share = data.draw(arrays(np.float64, size, elements=st.floats(0, 1)))
    trials = data.draw(arrays(np.float64, size, elements=st.integers(1, 500).map(float)))
    shrunk = shrink_shares(share, trials)
    assert share.min() - 1e-9 <= shrunk.min() <= shrunk.max() <= share.max() + 1e-9
    effect = data.draw(arrays(np.float64, size, elements=st.floats(-1e6, 1e6)))
    error = data.draw(arrays(np.float64, size, elements=st.floats(1e-3, 1e6)))
    pooled = pool(effect, error)
    slack = 1e-6 * max(1.0, np.abs(effect).max())
    assert effect.min() - slack <= pooled.min() <= pooled.max() <= effect.max() + slack


@given(arrays(np.float64, 20, elements=odd_numbers), st.floats(-1e6, 1e6))
def test_a_bound_splits_known_values_into_two_parts(values, bound):
    values = np.where(np.isfinite(values), values, np.nan)
    below, above = in_range(values, None, bound), in_range(values, bound, None)
    np.testing.assert_array_equal(below ^ above, ~np.isnan(values))


@given(st.integers(0, 10**6), st.floats(0.5, 100))
@settings(max_examples=30)
def test_analysis_does_not_depend_on_order_and_scales_with_the_currency_unit(seed, rate):
    outcomes = toy.trial(np.random.default_rng(seed), {"a": 30, "b": 12}, effect=0.1)
    feature = {"feature_code": "free_coffee", "primary_metric_code": "visits_per_month", "cost": {"rub_per_visit": 20}}
    expected = analyse(outcomes, [feature], horizon_weeks=12)
    shuffled = outcomes.take(np.random.default_rng(seed).permutation(outcomes.num_rows))
    assert [table.to_pylist() for table in analyse(shuffled, [feature], horizon_weeks=12)] == [
        table.to_pylist() for table in expected
    ]
    scaled = outcomes
    for name in [name for name in outcomes.column_names if "_rub" in name]:
        values = pc.multiply(outcomes[name], rate)
        scaled = scaled.set_column(scaled.column_names.index(name), name, values)
    for before, after in zip(expected, analyse(scaled, [feature], horizon_weeks=12), strict=True):
        for name in ("profit_rub_per_month", "cost_rub_per_month_low"):
            np.testing.assert_allclose(after[name].to_numpy(), before[name].to_numpy() * rate, rtol=1e-6, atol=1e-6)
        for name in ("roi_ratio", "reaction_ratio_high", "p_value"):
            np.testing.assert_allclose(after[name].to_numpy(), before[name].to_numpy(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("size", [2, 3, 5, 8, 13])
def test_any_small_trial_is_analysed_without_warnings(size, recwarn):
    for seed in range(20):
        outcomes = toy.trial(np.random.default_rng(seed), {"a": size}, effect=1.0)
        feature = {"feature_code": "free_coffee", "primary_metric_code": "shop_rub_per_visit", "cost": {}}
        analyse(outcomes, [feature], horizon_weeks=12)
    assert not recwarn.list
