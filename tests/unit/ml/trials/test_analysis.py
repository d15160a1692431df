"""Analysis of trials: known answers, interval coverage, and nulls where there is too little data."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from ml.tables.errors import InvalidValueError, MissingColumnError, UnknownCodeError
from ml.tables.results import WITH_INTERVAL
from ml.trials.analysis import analyse
from tests import toy
from vocabulary.units import MONTH_DAYS

MONTHS = 12 * 7 / MONTH_DAYS
VISITS = 2.76 / MONTHS * 5
"""Expected visits per client and month of `toy.trial` in control."""

COST = {"rub_per_visit": 20, "rub_per_l": 0, "rub_per_client_per_month": 0, "rub_per_month": 0}


def feature(code: str = "free_coffee", metric: str = "visits_per_month", **cost: float) -> dict:
    return {"feature_code": code, "primary_metric_code": metric, "cost": COST | cost}


def rows(outcomes: pa.Table, features: list[dict] | None = None) -> tuple[list[dict], list[dict]]:
    tables = analyse(outcomes, features or [feature()], horizon_weeks=12)
    return tables[0].to_pylist(), tables[1].to_pylist()


def replicate(count: int, effect: float, sizes: dict[str, int], metric: str = "visits_per_month") -> list[list[dict]]:
    settings = [feature(metric=metric)]
    draws = (toy.trial(np.random.default_rng([7, i]), sizes, effect=effect) for i in range(count))
    return [[row for table in rows(draw, settings) for row in table] for draw in draws]


def coverage(results: list[list[dict]], index: int, name: str, truth: float) -> float:
    return np.mean([r[index][f"{name}_low"] <= truth <= r[index][f"{name}_high"] for r in results])


@pytest.fixture(scope="module")
def planted():
    """400 trials with a true effect of +10 % of visits; rows: feature, large portrait, small portrait."""
    return replicate(400, 0.10, {"a_large": 150, "b_small": 30})


@pytest.mark.statistical
# The cost refers to the eligible clients, which are redrawn here each time: see test_costs.py.
@pytest.mark.parametrize(("index", "clients", "least"), [(0, 180, 0.92), (1, 150, 0.92), (2, 30, 0.90)])
def test_intervals_cover_the_planted_effect(planted, index, clients, least):
    truths = {
        "reaction_ratio": 0.10,
        "incremental_visits_per_month": clients * VISITS * 0.10,
        "incremental_margin_rub_per_month": clients * VISITS * 0.10 * 300,
        "profit_rub_per_month": clients * VISITS * (30 - 22),
        "roi_ratio": 8 / 22,
    }
    for name, truth in truths.items():
        assert least <= coverage(planted, index, name, truth) <= 0.985, name


def test_estimates_are_unbiased(planted):
    for index, clients in ((0, 180), (1, 150), (2, 30)):
        found = np.array([r[index]["incremental_visits_per_month"] for r in planted])
        standard_error = found.std() / np.sqrt(len(found))
        assert abs(found.mean() - clients * VISITS * 0.10) < 3.5 * standard_error


def test_pre_period_narrows_the_interval():
    outcomes = toy.trial(np.random.default_rng(1), {"rare": 2000}, effect=0.1, new_share=0)
    blind = outcomes
    for name in [n for n in outcomes.column_names if n.startswith("pre_")]:
        blind = blind.set_column(blind.column_names.index(name), name, pa.nulls(2000, pa.float64()))
    width = [
        row["reaction_ratio_high"] - row["reaction_ratio_low"] for row in (rows(outcomes)[0][0], rows(blind)[0][0])
    ]
    assert width[0] < 0.8 * width[1]


def test_a_trait_narrows_the_interval_where_there_is_no_pre_period():
    rng = np.random.default_rng(1)
    outcomes = toy.trial(rng, {"new": 300}, effect=0.1, new_share=1.0)
    fleet = pa.array(np.rint(outcomes["visits_count"].to_numpy() / 5 + rng.normal(0, 0.3, 300)))
    blind, informed = rows(outcomes)[0][0], rows(outcomes.append_column("vehicles_count", fleet))[0][0]
    assert informed["reaction_ratio_high"] - informed["reaction_ratio_low"] < 0.6 * (
        blind["reaction_ratio_high"] - blind["reaction_ratio_low"]
    )


def test_a_new_fleet_in_a_small_portrait_does_not_dominate_the_feature():
    """Thirteen clients in each arm, one of them a fleet of 83 without a pre-period, but of known size."""
    rng = np.random.default_rng(14)
    outcomes = toy.trial(rng, {"large": 400, "small": 26}, effect=0.1)
    vehicles, visits = np.ones(426), outcomes["visits_count"].to_numpy().copy()
    vehicles[400:] = np.r_[83, rng.integers(1, 10, 25)]
    visits[400:] = rng.poisson(12 * vehicles[400:])
    outcomes = change(outcomes, visits_count=visits).append_column("vehicles_count", pa.array(vehicles))
    name = "incremental_visits_per_month"
    known, blind = (rows(table)[0][0] for table in (outcomes, outcomes.drop_columns(["vehicles_count"])))
    width = [row[f"{name}_high"] - row[f"{name}_low"] for row in (known, blind)]
    assert width[0] < 0.5 * width[1]


@pytest.mark.statistical
def test_no_effect_gives_uniform_p_values_and_few_verdicts():
    results = replicate(400, 0.0, {"a": 80, "b": 40})
    p_values = [r[0]["p_value"] for r in results]
    assert stats.kstest(p_values, "uniform").pvalue > 0.001
    assert np.mean([any(row["verdict_code"] in ("works", "harms") for row in r[1:]) for r in results]) <= 0.08


@pytest.mark.statistical
def test_interval_of_the_shop_bill_per_visit_covers_the_truth():
    """More visits with the same bill: no effect on the bill per visit, whatever happens to visits."""
    results = replicate(300, 0.30, {"a": 120, "b": 60}, "shop_rub_per_visit")
    for index in range(3):
        assert 0.92 <= coverage(results, index, "reaction_ratio", 0.0) <= 0.985


def test_shop_ratio_without_pre_period_is_the_ratio_of_sums():
    outcomes = toy.trial(np.random.default_rng(2), {"rare": 60}, new_share=1.0)
    frame = outcomes.to_pandas().groupby("is_treated")[["shop_amount_rub", "visits_count"]].sum()
    bill = frame["shop_amount_rub"] / frame["visits_count"]
    _, found = rows(outcomes, [feature(metric="shop_rub_per_visit")])
    assert found[0]["reaction_ratio"] == pytest.approx(bill[True] / bill[False] - 1)


def test_without_pre_period_it_equals_welchs_test():
    outcomes = toy.trial(np.random.default_rng(3), {"rare": 50}, effect=0.1, new_share=1.0)
    frame = outcomes.to_pandas()
    arms = [frame.loc[frame["is_treated"] == arm, "visits_count"] for arm in (True, False)]
    welch = stats.ttest_ind(*arms, equal_var=False)
    interval = welch.confidence_interval()
    row = rows(outcomes)[1][0]
    assert row["p_value"] == pytest.approx(welch.pvalue)
    assert row["incremental_visits_per_month_low"] == pytest.approx(interval.low * 50 / MONTHS)
    assert row["incremental_visits_per_month_high"] == pytest.approx(interval.high * 50 / MONTHS)
    assert row["visits_per_client_per_month_without"] == pytest.approx(arms[1].mean() / MONTHS)
    assert row["visits_per_client_per_month_with"] == pytest.approx(arms[0].mean() / MONTHS)


def test_feature_totals_are_sums_of_its_portraits_and_money_adds_up():
    outcomes = toy.trial(np.random.default_rng(4), {"a": 60, "b": 200, "c": 40}, effect=0.1)
    total, portraits = rows(outcomes, [feature(rub_per_month=5000)])
    for name in WITH_INTERVAL:
        if name.endswith("_per_month") and "client" not in name:
            assert sum(row[name] for row in portraits) == pytest.approx(total[0][name]), name
    for row in (*total, *portraits):
        margin, cost = row["incremental_margin_rub_per_month"], row["cost_rub_per_month"]
        assert row["profit_rub_per_month"] == pytest.approx(margin - cost)
        assert row["roi_ratio"] == pytest.approx(row["profit_rub_per_month"] / cost)
    assert total[0]["eligible_count"] == total[0]["treated_count"] + total[0]["control_count"] == 300


def test_fixed_cost_is_whole_for_the_feature_and_shared_by_portraits():
    outcomes = toy.trial(np.random.default_rng(4), {"a": 60, "b": 240})
    free, paid = rows(outcomes), rows(outcomes, [feature(rub_per_month=3000)])
    added = [
        after["cost_rub_per_month"] - before["cost_rub_per_month"]
        for before, after in zip(free[1], paid[1], strict=True)
    ]
    assert added == pytest.approx([600, 2400])
    assert paid[0][0]["cost_rub_per_month"] - free[0][0]["cost_rub_per_month"] == pytest.approx(3000)


@pytest.mark.parametrize(("effect", "verdict"), [(0.3, "works"), (-0.3, "harms"), (0.0, "no_effect")])
def test_verdict_of_a_large_trial(effect, verdict):
    outcomes = toy.trial(np.random.default_rng(10), {"rare": 6000}, effect=effect)
    total, portraits = rows(outcomes)
    assert total[0]["verdict_code"] == portraits[0]["verdict_code"] == verdict


def test_verdict_of_a_small_trial_is_too_little_data():
    total, _ = rows(toy.trial(np.random.default_rng(6), {"rare": 20}))
    assert total[0]["verdict_code"] == "too_little_data"


def test_false_discoveries_are_controlled_over_all_features_and_all_their_cells():
    codes = [f"feature_{i}" for i in range(6)]
    outcomes = pa.concat_tables(
        toy.trial(np.random.default_rng([8, i]), {"a": 60, "b": 60}, feature_code=code) for i, code in enumerate(codes)
    )
    judged = [row for table in rows(outcomes, [feature(code) for code in codes]) for row in table]
    assert len(judged) == 18
    p_values = np.array([row["p_value"] for row in judged])
    expected = stats.false_discovery_control(p_values, method="bh")
    np.testing.assert_allclose([row["q_value"] for row in judged], expected)


def test_conversion_is_the_share_of_treated_clients_that_responded():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 100})
    frame = outcomes.to_pandas()
    row = rows(outcomes)[0][0]
    responded = int(frame["has_responded"].sum())
    interval = stats.binomtest(responded, 50).proportion_ci(method="wilson")
    assert row["conversion_share"] == responded / 50
    assert row["conversion_share_low"] == pytest.approx(interval.low)
    assert row["conversion_share_high"] == pytest.approx(interval.high)
    assert row["reach_share"] == 0.5


def change(outcomes: pa.Table, **columns: np.ndarray) -> pa.Table:
    for name, values in columns.items():
        outcomes = outcomes.set_column(outcomes.column_names.index(name), name, pa.array(values))
    return outcomes


@pytest.mark.parametrize("treated_count", [0, 1, 19, 20])
def test_an_arm_of_fewer_than_two_gives_nulls(treated_count):
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 20})
    outcomes = change(outcomes, is_treated=np.arange(20) < treated_count)
    for row in (*rows(outcomes)[0], *rows(outcomes)[1]):
        unknown = [name for name in WITH_INTERVAL if name != "conversion_share"]
        assert [row[name] for name in unknown] == [None] * len(unknown)
        assert row["p_value"] is row["q_value"] is None
        assert row["verdict_code"] == "too_little_data"
        assert (row["conversion_share"] is None) == (treated_count == 0)


def test_portrait_without_an_estimate_is_excluded_from_the_totals():
    outcomes = toy.trial(np.random.default_rng(9), {"a": 100, "b": 2})
    total, portraits = rows(outcomes)
    assert portraits[1]["incremental_visits_per_month"] is None
    assert total[0]["incremental_visits_per_month"] == pytest.approx(portraits[0]["incremental_visits_per_month"])
    assert total[0]["eligible_count"] == 102


@pytest.mark.parametrize("responded", [True, False])
def test_all_or_none_respond(responded):
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 40})
    treated = outcomes["is_treated"].to_numpy(False)
    row = rows(change(outcomes, has_responded=treated & responded))[0][0]
    assert row["conversion_share"] == float(responded)
    assert 0 < row["conversion_share_high"] - row["conversion_share_low"] < 0.2


def test_zero_variance_gives_no_interval_and_no_verdict():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 40})
    names = ("visits_count", "volume_l", "revenue_rub", "shop_amount_rub", "margin_rub", "cost_rub")
    row = rows(change(outcomes, **{name: np.full(40, 3.0) for name in names}))[0][0]
    assert row["incremental_visits_per_month"] == pytest.approx(0)
    assert row["incremental_visits_per_month_low"] is None
    assert row["p_value"] is None
    assert row["verdict_code"] == "too_little_data"


def test_nobody_ever_comes():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 40})
    names = ("visits_count", "volume_l", "revenue_rub", "shop_amount_rub", "margin_rub", "cost_rub")
    zero = change(outcomes, **{name: np.zeros(40) for name in names})
    for metric in ("visits_per_month", "shop_rub_per_visit"):
        row = rows(zero, [feature(metric=metric)])[0][0]
        assert row["reaction_ratio"] is row["roi_ratio"] is None
        assert row["verdict_code"] == "too_little_data"


def test_conversion_interval_of_a_feature_uses_the_shares_of_its_portraits():
    """Nearly everyone in one portrait responds and nobody in the other: the stratified share has less variance."""
    outcomes = toy.trial(np.random.default_rng(12), {"a": 100, "b": 100})
    portrait, treated = (outcomes[name].to_numpy() for name in ("portrait_code", "is_treated"))
    width = []
    for others in (0.0, 0.5):
        responds = np.random.default_rng(13).random(200) < np.where(portrait == "a", 0.9, others)
        total, _ = rows(change(outcomes, has_responded=responds & treated))
        width.append(total[0]["conversion_share_high"] - total[0]["conversion_share_low"])
    shares = np.array([0.9, 0.0])
    alone = np.sqrt((shares * (1 - shares)).mean() / 100) * 2 * 1.96
    assert width[0] == pytest.approx(alone, rel=0.25)
    assert width[0] < 0.75 * width[1]


def test_a_fee_per_client_is_a_cost_without_uncertainty():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 40})
    fee = 35 * MONTHS
    outcomes = change(outcomes, cost_rub=np.where(outcomes["is_treated"].to_numpy(False), fee, 0.0))
    row = rows(outcomes, [feature(rub_per_visit=0, rub_per_client_per_month=35)])[0][0]
    assert row["cost_rub_per_month"] == pytest.approx(40 * 35)
    assert row["cost_rub_per_month_low"] == pytest.approx(row["cost_rub_per_month_high"])


def test_roi_is_null_when_nothing_is_spent():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 100}, effect=0.2, cost_rub=0)
    row = rows(outcomes, [feature(rub_per_visit=0)])[0][0]
    assert row["roi_ratio"] is None
    assert row["profit_rub_per_month"] == pytest.approx(row["incremental_margin_rub_per_month"])


def test_constant_pre_period_and_one_giant_client_are_handled():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 60}, new_share=0)
    visits = outcomes["visits_count"].to_numpy().copy()
    visits[0] = 1e6
    before = outcomes["pre_visits_per_month"].to_numpy().copy()
    before[0] = 1e6
    for pre in (np.full(60, 2.0), before):
        row = rows(change(outcomes, visits_count=visits, pre_visits_per_month=pre))[0][0]
        assert np.isfinite(row["incremental_visits_per_month"])


def test_no_outcomes_are_too_little_data_in_tables_with_all_columns():
    empty = toy.trial(np.random.default_rng(9), {"rare": 4}).slice(0, 0)
    full = analyse(toy.trial(np.random.default_rng(9), {"rare": 4}), [feature()], horizon_weeks=12)
    found = analyse(empty, [feature()], horizon_weeks=12)
    assert [table.schema for table in found] == [table.schema for table in full]
    assert found[1].num_rows == 0
    filled = {name: value for name, value in found[0].to_pylist()[0].items() if value is not None}
    assert filled == {
        **{"feature_code": "free_coffee", "verdict_code": "too_little_data", "basis_code": "experiment"},
        **{"eligible_count": 0, "treated_count": 0, "control_count": 0, "horizon_weeks": 12},
    }


def test_invalid_outcomes_are_rejected_with_their_location():
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 40})
    with pytest.raises(MissingColumnError, match="cost_rub"):
        rows(outcomes.drop_columns(["cost_rub"]))
    with pytest.raises(UnknownCodeError, match="free_coffee"):
        rows(outcomes, [feature("fuel_discount")])
    with pytest.raises(UnknownCodeError, match="primary_metric_code 'happiness' in feature 'free_coffee'"):
        rows(outcomes, [feature(metric="happiness")])
    with pytest.raises(InvalidValueError, match="is_treated"):
        rows(change(outcomes, is_treated=[None] * 40))
    with pytest.raises(InvalidValueError, match="margin_rub"):
        rows(change(outcomes, margin_rub=np.r_[np.nan, np.ones(39)]))
    with pytest.raises(InvalidValueError, match="visits_count"):
        rows(change(outcomes, visits_count=np.full(40, np.nan)))


def test_unknown_margin_changes_only_margin_profit_and_roi():
    outcomes = toy.trial(np.random.default_rng(3), {"rare": 200, "eco": 80}, effect=0.2)
    unknown = np.full(280, np.nan)
    for known, blind in zip(
        rows(outcomes), rows(change(outcomes, margin_rub=unknown, pre_margin_rub_per_month=unknown)), strict=True
    ):
        for full, row in zip(known, blind, strict=True):
            missing = {name for name, value in row.items() if value is None and full[name] is not None}
            assert all("margin" in name or "profit" in name or "roi" in name for name in missing)
            assert {"incremental_margin_rub_per_month", "profit_rub_per_month", "roi_ratio"} <= missing
            assert row["cost_rub_per_month"] == pytest.approx(full["cost_rub_per_month"], rel=0.05)
            same = (
                "reaction_ratio",
                "incremental_revenue_rub_per_month",
                "p_value",
                "verdict_code",
                "conversion_share",
            )
            assert [row[name] for name in same] == [full[name] for name in same]


@pytest.mark.parametrize("stations", [0, 30])
def test_the_cost_does_not_depend_on_known_margins(stations):
    rng = np.random.default_rng(3)
    outcomes = toy.trial(rng, {"rare": 200, "eco": 80}, effect=0.2)
    if stations:
        outcomes = in_stations(outcomes, rng, stations, 0.1)
    blind = change(outcomes, margin_rub=np.full(280, np.nan))
    ends = ("cost_rub_per_month", "cost_rub_per_month_low", "cost_rub_per_month_high")
    for known, unknown in zip(rows(outcomes), rows(blind), strict=True):
        for full, row in zip(known, unknown, strict=True):
            value, low, high = (row[name] for name in ends)
            assert 0 < low < value < high
            assert value == pytest.approx(full["cost_rub_per_month"])
            # Another covariate may change the degrees of freedom by one or two.
            assert high - low == pytest.approx(full[ends[2]] - full[ends[1]], rel=0.02)


def test_a_fee_is_known_only_if_everyone_paid_it():
    """Costs in a pilot's file need not include the fee; then they are used as they are."""
    outcomes = toy.trial(np.random.default_rng(9), {"rare": 100}, cost_rub=0)
    treated = outcomes["is_treated"].to_numpy(False)
    costs = np.where(treated, np.arange(100) * 2.0, 0.0)
    with_fee = [feature(rub_per_client_per_month=35)]
    found = {
        fee: rows(change(outcomes, cost_rub=costs), settings)[0][0] for fee, settings in ((0, None), (35, with_fee))
    }
    assert found[0]["cost_rub_per_month_low"] > 0
    for name in ("cost_rub_per_month", "cost_rub_per_month_low", "cost_rub_per_month_high"):
        assert found[35][name] == found[0][name]
    fees = np.where(treated, 35 * 12 * 7 / 30.4375, 0.0)
    paid = rows(change(outcomes, cost_rub=costs + fees), with_fee)[0][0]
    assert paid["cost_rub_per_month"] == pytest.approx(found[0]["cost_rub_per_month"] + 35 * 100)


def test_unknown_responses_do_not_count_as_no_response():
    outcomes = toy.trial(np.random.default_rng(3), {"rare": 60, "eco": 40})
    treated = outcomes["is_treated"].to_pylist()
    portrait = outcomes["portrait_code"].to_pylist()
    responded = outcomes["has_responded"].to_pylist()
    # The response of one treated eco client, and of all control clients, is unknown.
    silent = next(i for i in range(100) if portrait[i] == "eco" and treated[i])
    answers = [responded[i] if treated[i] and i != silent else None for i in range(100)]
    (whole,), (eco, rare) = rows(change(outcomes, has_responded=answers))
    (_,), (_, known) = rows(outcomes)
    assert (whole["conversion_share"], eco["conversion_share"]) == (None, None)
    assert rare["conversion_share"] == known["conversion_share"]


def test_each_feature_has_its_own_weeks_and_zero_weeks_give_no_result():
    trials = [toy.trial(np.random.default_rng(3), {"rare": 60}, feature_code=code) for code in ("a", "b", "c")]
    outcomes = pa.concat_tables(trials)
    settings = [feature(code) for code in ("a", "b", "c")]
    found = analyse(outcomes, settings, horizon_weeks={"a": 12, "b": 6, "c": 0})[0].to_pylist()
    # The same outcomes in half the time are twice as much per month.
    assert found[1]["incremental_visits_per_month"] == pytest.approx(2 * found[0]["incremental_visits_per_month"])
    assert found[1]["reaction_ratio"] == found[0]["reaction_ratio"]
    assert [row["horizon_weeks"] for row in found] == [12, 6, 0]
    assert (found[2]["eligible_count"], found[2]["verdict_code"]) == (60, "too_little_data")
    names = [*WITH_INTERVAL, "p_value", "visits_per_client_per_month_without"]
    assert {name for name in names if found[2][name] is not None} == set()


def in_stations(outcomes: pa.Table, rng: np.random.Generator, stations: int, spread: float) -> pa.Table:
    """Assign clients to stations with different visit rates, and treat +10 % of visits by station."""
    station = rng.choice(stations, outcomes.num_rows, p=rng.dirichlet(np.full(stations, 3.0)))
    treated = (rng.permutation(stations) < stations // 2)[station]
    visit_rate = np.exp(rng.normal(-(spread**2) / 2, spread, stations))[station]
    columns = {"is_treated": treated, "visits_count": rng.poisson(12 * visit_rate * np.where(treated, 1.1, 1.0)) * 1.0}
    for name, values in columns.items():
        outcomes = outcomes.set_column(outcomes.column_names.index(name), name, pa.array(values))
    return outcomes.append_column("group_id", pa.array(station))


@pytest.mark.statistical
def test_interval_by_station_covers_where_that_by_client_does_not():
    hits = {"stations": [], "clients": []}
    for i in range(300):
        rng = np.random.default_rng([8, i])
        table = in_stations(toy.trial(rng, {"a": 300, "b": 300}), rng, 60, 0.2)
        for name, each in (("stations", table), ("clients", table.drop_columns("group_id"))):
            row = rows(each)[0][0]
            hits[name].append(row["reaction_ratio_low"] <= 0.1 <= row["reaction_ratio_high"])
    assert 0.92 <= np.mean(hits["stations"]) <= 0.985
    assert np.mean(hits["clients"]) < 0.85


def test_one_client_per_station_equals_a_trial_by_client():
    outcomes = toy.trial(np.random.default_rng(3), {"a": 80, "b": 40}, effect=0.1)
    alone, grouped = (
        rows(each)[0][0] for each in (outcomes, outcomes.append_column("group_id", outcomes["client_id"]))
    )
    for name in ("reaction_ratio", "profit_rub_per_month", "reaction_ratio_low", "reaction_ratio_high"):
        assert grouped[name] == pytest.approx(alone[name], rel=0.02), name


def test_invalid_groups_are_rejected():
    outcomes = toy.trial(np.random.default_rng(3), {"a": 40})
    with pytest.raises(InvalidValueError, match="group_id.*one arm"):
        rows(outcomes.append_column("group_id", pa.array([1] * 40)))
    with pytest.raises(InvalidValueError, match="group_id.*or for none"):
        rows(outcomes.append_column("group_id", pa.array([None] + [1] * 39)))


def test_one_station_in_an_arm_is_too_little():
    rng = np.random.default_rng(3)
    outcomes = in_stations(toy.trial(rng, {"a": 90}), rng, 3, 0.1)
    row = rows(outcomes)[0][0]
    assert row["verdict_code"] == "too_little_data"
    assert row["reaction_ratio"] is None


def test_arms_of_the_wrong_size_are_detected():
    outcomes = toy.trial(np.random.default_rng(3), {"a": 400}, treated_share=0.4)
    planned = feature() | {"treated_share": 0.4}
    assert rows(outcomes, [planned])[0][0]["sample_ratio_p_value"] > 0.9
    assert rows(outcomes, [planned | {"treated_share": 0.5}])[0][0]["sample_ratio_p_value"] < 1e-3
    assert rows(outcomes)[0][0]["sample_ratio_p_value"] is None
    stations = outcomes.append_column("group_id", pa.array(np.where(outcomes["is_treated"].to_numpy(False), 1, 2)))
    # Two stations, one in each arm: the ratio cannot be tested, however many clients they have.
    assert rows(stations, [planned | {"treated_share": 0.5}])[0][0]["sample_ratio_p_value"] == 1.0


def test_small_portraits_are_shrunk_towards_the_feature():
    effects = {"large": 0.3, "small": 0.3, "tiny": 0.3}
    outcomes = toy.trial(np.random.default_rng(5), {"large": 3000, "small": 300, "tiny": 12}, effect=effects)
    total, portraits = rows(outcomes)
    raw, shrunk = ({row["portrait_code"]: row[name] for row in portraits} for name in (
        "profit_rub_per_client_per_month", "profit_rub_per_client_per_month_shrunk",
    ))  # fmt: skip
    for row in (*total, *portraits):
        assert row["profit_rub_per_client_per_month"] * row["eligible_count"] == pytest.approx(
            row["profit_rub_per_month"]
        )
    assert abs(shrunk["tiny"] - raw["large"]) < 0.5 * abs(raw["tiny"] - raw["large"])
    assert shrunk["large"] == pytest.approx(raw["large"], rel=0.1)
