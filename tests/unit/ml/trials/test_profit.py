"""Profit coefficients of trials: equal to an analysis at other costs, and null where an arm is too small."""

import numpy as np
import pyarrow as pa
import pytest

from ml.tables.coefficients import COVARIANCES, EFFECTS, FACTORS
from ml.tables.errors import MissingColumnError
from ml.tables.periods import months
from ml.trials.analysis import analyse
from ml.trials.profit import measured
from tests import toy
from tests.whatif import AMOUNTS, BOUNDS, MONEY, SHARE, compute, feature, mart, settings


def served(outcomes: pa.Table, tried: dict, responding: float = 0.4, seed: int = 3) -> pa.Table:
    """Let some treated clients use the offer on every visit, and charge its costs."""
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


def results(outcomes: pa.Table, tried: dict) -> tuple[pa.Table, pa.Table]:
    return analyse(outcomes, [tried], horizon_weeks=12)


def trial(tried: dict, strata: dict[str, int], seed: int = 1, **options) -> tuple[pa.Table, pa.Table]:
    """Draw a trial; return its outcomes and the mart of its coefficients."""
    outcomes = served(toy.trial(np.random.default_rng(seed), strata, effect=0.2, **options), tried, seed=seed)
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    return outcomes, mart(found, results(outcomes, tried), tried)


@pytest.mark.parametrize("group", [False, True])
def test_other_costs_give_the_results_of_their_own_analysis(group):
    """A trial at one cost, compared with the same trial analysed as if it had cost something else."""
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
    at_other_costs = served(outcomes.drop_columns(["served_visits_count", "served_volume_l"]), other, seed=1)
    assert at_other_costs["served_visits_count"].equals(outcomes["served_visits_count"])
    expected = [row for part in results(at_other_costs, other) for row in part.to_pylist()]
    found = compute(table, settings(other["cost"]))
    assert len(found) == len(expected) == 4
    df = {name: [] for name in MONEY}
    for row in expected:
        for name in MONEY:
            computed = found[row.get("portrait_code")]
            assert computed[name] == pytest.approx(row[name], rel=1e-9)
            # Only the degrees of freedom are those at the tried cost.
            df[name].append((computed[f"{name}_high"] - computed[name]) / (row[f"{name}_high"] - row[name]))
    assert np.allclose(df["incremental_margin_rub_per_month"], 1)
    assert np.allclose([*df["cost_rub_per_month"], *df["profit_rub_per_month"]], 1, atol=0.03)


def test_tried_costs_give_the_results_of_the_analysis():
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
                for end in BOUNDS:
                    computed, expected = found[row.get("portrait_code")][name + end], row[name + end]
                    assert (computed is None) == (expected is None), (cost, name + end)
                    assert expected is None or computed == pytest.approx(expected, rel=1e-9, abs=1e-9), (
                        cost,
                        name + end,
                    )


def test_selected_portraits_add_up():
    tried = feature(rub_per_visit=20.0, rub_per_month=500.0)
    _, table = trial(tried, {"a": 300, "b": 120, "c": 40})
    whole = compute(table, settings(tried["cost"]))[None]
    total = compute(table, settings(tried["cost"]), total=True)[None]
    for name in ("offered_count", "responded_count", "incremental_visits_per_month", *MONEY):
        assert total[name] == pytest.approx(whole[name]), name
    # Clients were randomised individually: portraits are independent, and only the degrees of freedom differ.
    for name in MONEY:
        ratio = (total[f"{name}_high"] - total[name]) / (whole[f"{name}_high"] - whole[name])
        assert 1 <= ratio < 1.05, name
    chosen = table.filter(pa.compute.equal(table["portrait_code"], "b"))
    alone = compute(chosen, settings(tried["cost"]))["b"]
    # A portrait selected alone bears the whole fixed cost.
    share = 500 * (1 - 120 / 460)
    assert alone["cost_rub_per_month"] - compute(table, settings(tried["cost"]))["b"][
        "cost_rub_per_month"
    ] == pytest.approx(share)


@pytest.mark.statistical
def test_intervals_at_other_costs_cover_the_truth():
    """300 trials: +20 % visits of 425 ₽ (250 of fuel × 1.5, half of 100 in the shop); 40 % use the offer."""
    tried = [feature(rub_per_visit=20.0) | {"feature_code": f"trial_{seed}"} for seed in range(300)]
    rng = np.random.default_rng(9)
    trials = [
        served(toy.trial(rng, {"a": 150, "b": 50}, effect=0.2, feature_code=each["feature_code"]), each, seed=seed)
        for seed, each in enumerate(tried)
    ]
    outcomes = pa.concat_tables(trials)
    found = measured(outcomes, tried, horizon_weeks=12, shop_margin_share=SHARE)
    table = mart(found, analyse(outcomes, tried, horizon_weeks=12), tried[0])
    other = settings(tried[0]["cost"] | {"rub_per_visit": 5.0, "rub_per_l": 0.5}, fuel_margin_scale=1.5).to_pylist()[0]
    rows = compute(table, pa.Table.from_pylist([other | {"feature_code": each["feature_code"]} for each in tried]))
    truth = 200 * 2.76 * 5 / months(12) * (0.2 * 425 - 1.2 * 0.4 * (5 + 0.5 * 40))
    covered = [
        row["profit_rub_per_month_low"] <= truth <= row["profit_rub_per_month_high"]
        for (_, portrait), row in rows.items()
        if portrait is None
    ]
    assert len(covered) == 300
    assert 0.92 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(("short_arm", "remaining"), [("control", 1), ("offered", 1), ("offered", 0)])
def test_an_arm_of_one_client_or_none_has_no_coefficients(short_arm, remaining):
    tried = feature(rub_per_visit=20.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"few": 6, "many": 60}), tried)
    few = pa.compute.equal(outcomes["portrait_code"], "few")
    arm = outcomes["is_treated"] if short_arm == "offered" else pa.compute.invert(outcomes["is_treated"])
    first = outcomes.filter(pa.compute.and_(few, arm)).slice(0, remaining)
    rest = outcomes.filter(pa.compute.invert(pa.compute.and_(few, arm)))
    outcomes = pa.concat_tables([first, rest])
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    rows = {row["portrait_code"]: row for row in found.to_pylist()}
    assert rows["few"]["estimated_count"] == 0
    assert {rows["few"][name] for name in (*EFFECTS, *COVARIANCES, *FACTORS)} == {None}
    assert rows[None] == rows["many"] | {"portrait_code": None}
    few = compute(mart(found, results(outcomes, tried), tried), settings(tried["cost"]))["few"]
    assert {few[f"{name}{end}"] for name in MONEY for end in BOUNDS} == {None}


def test_nobody_responds():
    tried = feature(rub_per_visit=20.0, rub_per_client_per_month=2.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"a": 80}), tried, responding=0.0)
    found = measured(outcomes, [tried], horizon_weeks=12, shop_margin_share=SHARE)
    row = found.to_pylist()[1]
    assert row["served_visits_per_client_per_month"] == row["covariance_visits_visits"] == 0
    assert row["cost_low_factor"] is row["cost_high_factor"] is None
    assert row["profit_t_factor"] == pytest.approx(row["margin_t_factor"])
    result = compute(mart(found, results(outcomes, tried), tried), settings(tried["cost"]))["a"]
    assert result["cost_rub_per_month"] == pytest.approx(160)
    assert result["cost_rub_per_month_low"] is None
    assert result["profit_rub_per_month_low"] < result["profit_rub_per_month"] < result["profit_rub_per_month_high"]


def test_without_variance_there_is_no_interval():
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


def test_no_trial_gives_an_empty_table_and_missing_columns_are_named():
    tried = feature(rub_per_visit=20.0)
    outcomes = served(toy.trial(np.random.default_rng(1), {"a": 8}), tried)
    found = measured(outcomes.slice(0, 0), [tried], horizon_weeks=12, shop_margin_share=SHARE)
    assert found.num_rows == 0
    with pytest.raises(MissingColumnError, match="served_volume_l"):
        measured(outcomes.drop_columns(["served_volume_l"]), [tried], horizon_weeks=12, shop_margin_share=SHARE)
