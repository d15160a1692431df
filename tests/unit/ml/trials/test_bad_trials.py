"""Invalid or degenerate trials: an error that names the location, or null estimates, never a made-up number."""

import numpy as np
import pyarrow as pa
import pytest

from ml.briefs.render import write_briefs
from ml.planning.planner import plan
from ml.rules.scenario import by_rules
from ml.tables.errors import DuplicateKeyError, InvalidValueError, MissingColumnError, MLError, UnknownCodeError
from ml.tables.results import WITH_INTERVAL, WITHOUT_INTERVAL
from ml.trials.analysis import analyse
from ml.trials.assignment import assign_arms
from ml.trials.interest import fit_interest
from ml.trials.reactions import client_estimates
from ml.uplift import DRLearner, TLearner, XLearner, qini_auc, qini_interval
from tests import toy

FEATURE = {
    "feature_code": "free_coffee",
    "primary_metric_code": "visits_per_month",
    "randomization_unit": "client",
    "treated_share": 0.5,
    "eligibility": [],
    "cost": {"rub_per_visit": 20},
    "adoption": {"ramp_weeks": 2, "half_life_weeks": 20},
}
AMOUNTS = ("visits_count", "volume_l", "revenue_rub", "shop_amount_rub", "margin_rub", "cost_rub")


def changed(table: pa.Table, **columns) -> pa.Table:
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    return table


# ---- analysis --------------------------------------------------------------------------------------------------------

OUTCOMES = toy.trial(np.random.default_rng(9), {"rare": 40}, new_share=0)
TREATED = OUTCOMES["is_treated"].to_numpy(zero_copy_only=False)


def analysed(outcomes: pa.Table = OUTCOMES, weeks: int = 12, **feature) -> list[dict]:
    tables = analyse(outcomes, [FEATURE | feature], horizon_weeks=weeks)
    return [row for table in tables for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("outcomes", "weeks", "known"),
    [
        pytest.param(changed(OUTCOMES, is_treated=np.ones(40, dtype=bool)), 12, {"conversion_share"}, id="no control"),
        pytest.param(changed(OUTCOMES, is_treated=np.zeros(40, dtype=bool)), 12, set(), id="nobody offered"),
        pytest.param(changed(OUTCOMES, is_treated=np.arange(40) == 0), 12, {"conversion_share"}, id="one offered"),
        pytest.param(changed(OUTCOMES, is_treated=np.arange(40) > 0), 12, {"conversion_share"}, id="one in control"),
        pytest.param(OUTCOMES.slice(0, 1), 12, {"conversion_share"} if TREATED[0] else set(), id="one client"),
        pytest.param(OUTCOMES, 0, {"conversion_share"}, id="not started"),
        pytest.param(OUTCOMES.slice(0, 0), 12, set(), id="nobody eligible"),
    ],
)
def test_analysis_reports_too_little_data(outcomes, weeks, known):
    rows = analysed(outcomes, weeks)
    assert len(rows) == (2 if outcomes.num_rows else 1)
    numbers = [name for name in (*WITH_INTERVAL, *WITHOUT_INTERVAL) if name not in known | {"sample_ratio_p_value"}]
    for row in rows:
        assert row["verdict_code"] == "too_little_data"
        assert row["eligible_count"] == outcomes.num_rows
        assert {name: row[name] for name in (*numbers, "p_value", "q_value") if row[name] is not None} == {}


@pytest.mark.parametrize(("responds", "share"), [(True, 1.0), (False, 0.0)], ids=["all respond", "none respond"])
def test_analysis_accepts_any_share_of_responders(responds, share):
    row = analysed(changed(OUTCOMES, has_responded=TREATED & responds))[0]
    assert row["conversion_share"] == share
    assert row["conversion_share_low"] < row["conversion_share_high"]
    assert 0 <= row["conversion_share_low"] <= row["conversion_share_high"] <= 1


@pytest.mark.parametrize("silent", [TREATED, np.cumsum(TREATED) == 1], ids=["all unknown", "one unknown"])
def test_analysis_does_not_count_unknown_responses_as_no_response(silent):
    answers = pa.array(OUTCOMES["has_responded"].to_numpy(zero_copy_only=False), mask=silent & TREATED)
    names = ("conversion_share", "conversion_share_low", "conversion_share_high")
    for row, known in zip(analysed(changed(OUTCOMES, has_responded=answers)), analysed(), strict=True):
        assert {row[name] for name in names} == {None}
        assert {name for name in row if row[name] != known[name]} == set(names)


@pytest.mark.parametrize("value", [0.0, 3.0])
@pytest.mark.parametrize("metric", ["visits_per_month", "shop_rub_per_visit"])
def test_analysis_without_variance_has_no_interval_and_no_verdict(metric, value):
    row = analysed(changed(OUTCOMES, **{name: np.full(40, value) for name in AMOUNTS}), primary_metric_code=metric)[0]
    assert row["verdict_code"] == "too_little_data"
    assert row["p_value"] is row["reaction_ratio_low"] is row["incremental_visits_per_month_low"] is None


def test_analysis_of_one_week_is_scaled_to_a_month():
    whole, week = analysed(weeks=12)[0], analysed(weeks=1)[0]
    assert week["incremental_visits_per_month"] == pytest.approx(12 * whole["incremental_visits_per_month"])
    assert week["reaction_ratio"] == pytest.approx(whole["reaction_ratio"])
    assert week["p_value"] == pytest.approx(whole["p_value"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"is_treated": [None] * 40}, "is_treated = None in experiment outcomes; allowed: true or false"),
        ({"is_treated": 2 * TREATED.astype(int)}, r"is_treated = 2\.0 in experiment outcomes; allowed: .*1 or 0"),
        ({"is_treated": np.where(TREATED, np.nan, 0.0)}, "is_treated = None in experiment outcomes"),
        ({"has_responded": 0.5 * TREATED}, r"has_responded = 0\.5 in experiment outcomes"),
        ({"visits_count": np.where(TREATED, np.nan, 1.0)}, "visits_count = None in experiment outcomes; .* finite"),
        ({"cost_rub": np.full(40, np.inf)}, "cost_rub = None in experiment outcomes; allowed: a finite number"),
        ({"portrait_code": ["rare"] * 39 + [None]}, "portrait_code = None in experiment outcomes; .* every row"),
        ({"feature_code": ["free_coffee"] * 39 + [None]}, "feature_code = None in experiment outcomes; .* every row"),
    ],
)
def test_analysis_rejects_invalid_outcomes(columns, message):
    with pytest.raises(InvalidValueError, match=message):
        analysed(changed(OUTCOMES, **columns))


def test_analysis_rejects_duplicate_clients():
    message = r"experiment outcomes.*one row per client × feature, but \(1, 'free_coffee'\)"
    with pytest.raises(DuplicateKeyError, match=message):
        analysed(pa.concat_tables([OUTCOMES, OUTCOMES.slice(0, 1)]))


def test_analysis_rejects_an_undefined_feature():
    with pytest.raises(UnknownCodeError, match=r"'free_tea' in experiment outcomes; known: \['free_coffee'\]"):
        analysed(changed(OUTCOMES, feature_code=["free_tea"] * 40))


@pytest.mark.parametrize("weeks", [-1, 1.5, np.nan])
def test_analysis_rejects_invalid_weeks(weeks):
    with pytest.raises(InvalidValueError, match="horizon_weeks = .* in feature_hypotheses.json; allowed: a whole"):
        analysed(weeks=weeks)


@pytest.mark.parametrize("share", [-0.1, 0, 1, 50, np.nan])
def test_analysis_and_assignment_reject_a_share_outside_0_to_1(share):
    message = "treated_share = .* in feature 'free_coffee'; allowed: above 0 and below 1"
    with pytest.raises(InvalidValueError, match=message):
        analysed(treated_share=share)
    with pytest.raises(InvalidValueError, match=message):
        assign_arms(CLIENTS, [FEATURE | {"treated_share": share}], seed=1)


# ---- assignment ------------------------------------------------------------------------------------------------------

CLIENTS = pa.table(
    {
        "client_id": np.arange(1, 11),
        "portrait_code": ["rare"] * 9 + ["eco"],
        "visits_per_month": np.arange(10.0),
        "home_station_id": np.arange(10) // 2,
    }
)


def assigned(clients: pa.Table = CLIENTS, **feature) -> pa.Table:
    return assign_arms(clients, [FEATURE | feature], seed=1)


def test_assignment_without_eligible_clients_assigns_nobody():
    arms = assigned(eligibility=[{"metric_code": "visits_per_month", "low": 1000}])
    assert arms["is_eligible"].to_pylist() == [False] * 10
    assert arms["is_treated"].null_count == 10


def test_assignment_puts_a_portrait_of_one_client_into_one_arm():
    """The analysis then has no estimate for the portrait."""
    arms = assigned().filter(pa.array([False] * 9 + [True]))
    assert arms["is_treated"].null_count == 0
    outcomes = changed(OUTCOMES.slice(0, 1), is_treated=arms["is_treated"].to_pylist())
    assert analysed(outcomes)[1]["incremental_visits_per_month"] is None


def test_assignment_of_one_station_leaves_one_arm_empty():
    arms = assigned(changed(CLIENTS, home_station_id=np.ones(10)), randomization_unit="home_station")
    assert len(set(arms["is_treated"].to_pylist())) == 1


@pytest.mark.parametrize(
    ("clients", "feature", "error", "message"),
    [
        (CLIENTS, {"randomization_unit": "city"}, InvalidValueError, "randomization_unit = 'city'"),
        (CLIENTS, {"eligibility": [{"metric_code": "luck", "low": 1}]}, MissingColumnError, "luck"),
        (CLIENTS, {"eligibility": [{"metric_code": "visits_per_month"}]}, MLError, "limits nothing"),
        (
            changed(CLIENTS, portrait_code=["rare"] * 9 + [None]),
            {},
            InvalidValueError,
            "portrait_code = None in clients, client_id 10",
        ),
        (pa.concat_tables([CLIENTS, CLIENTS]), {}, DuplicateKeyError, "one row per client_id"),
    ],
)
def test_assignment_rejects_invalid_input(clients, feature, error, message):
    with pytest.raises(error, match=message):
        assigned(clients, **feature)


# ---- learners of effects and the Qini curve --------------------------------------------------------------------------

RNG = np.random.default_rng(1)
ROWS = {"X": RNG.normal(size=(60, 3)), "y": RNG.normal(size=60), "treatment": np.arange(60) % 2}
every_learner = pytest.mark.parametrize("learner", [TLearner, XLearner, DRLearner])


@every_learner
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treatment": np.ones(60)}, "rows = 0 in the control arm"),
        ({"treatment": np.zeros(60)}, "rows = 0 in the treated arm"),
        ({"treatment": np.arange(60) == 0}, "rows = 1 in the treated arm"),
        ({"treatment": 2 * ROWS["treatment"]}, r"treatment = 2\.0 in row 1; allowed: 0 \(control\) or 1"),
        ({"treatment": np.where(ROWS["treatment"], np.nan, 0)}, "treatment = nan in row 1"),
        ({"propensity": 0}, r"propensity = 0\.0 in row 0; allowed: above 0 and below 1"),
        ({"propensity": 1.5}, r"propensity = 1\.5 in row 0"),
        ({"propensity": np.full(60, np.nan)}, "propensity = nan in row 0; allowed: finite"),
        ({"y": np.where(np.arange(60) == 7, np.nan, 1)}, "y = nan in row 7"),
        ({"X": np.full((60, 3), np.inf)}, "X = inf in row 0, column 0; allowed: finite numbers or missing"),
        ({"X": np.zeros((0, 3)), "y": [], "treatment": []}, "X = .* not empty"),
    ],
)
def test_learner_rejects_invalid_trials(learner, change, message):
    with pytest.raises(InvalidValueError, match=message):
        learner().fit(**(ROWS | change))


@every_learner
@pytest.mark.parametrize("value", [0.0, 1.0], ids=["none respond", "all respond"])
def test_learner_finds_no_effect_where_nothing_varies(learner, value):
    fitted = learner().fit(ROWS["X"], np.full(60, value), ROWS["treatment"])
    np.testing.assert_allclose(fitted.predict(ROWS["X"]), 0, atol=1e-12)
    assert np.isnan(getattr(fitted, "average_effect_error_", np.nan))


@every_learner
def test_learner_treats_missing_values_as_missing(learner):
    """Columns with only missing values carry no information: all clients get the mean effect."""
    blind = learner().fit(np.full((60, 3), np.nan), ROWS["y"], ROWS["treatment"]).predict(np.full((60, 3), np.nan))
    treated = ROWS["treatment"] == 1
    np.testing.assert_allclose(blind, ROWS["y"][treated].mean() - ROWS["y"][~treated].mean(), atol=1e-9)


@pytest.mark.parametrize(
    ("y", "treatment", "message"),
    [
        ([0, 1], [1, 1], "rows = 0 in the control arm"),
        ([], [], "rows = 0 in the control arm"),
        ([0, 1], [0, 2], r"treatment = 2\.0 in row 1"),
        ([0, np.nan], [0, 1], "y = nan in row 1"),
    ],
)
def test_qini_rejects_invalid_trials(y, treatment, message):
    with pytest.raises(InvalidValueError, match=message):
        qini_auc(y, np.arange(len(y)), treatment)


def test_qini_is_unknown_where_nobody_responds():
    assert np.isnan(qini_auc(np.zeros(60), ROWS["y"], ROWS["treatment"]))


@pytest.mark.parametrize(
    ("y", "uplift", "treatment"),
    [([0, 1], [1, 2], [0, 1]), (ROWS["y"], np.zeros(60), ROWS["treatment"])],
    ids=["one client in an arm", "nothing ranked"],
)
def test_qini_without_variance_has_no_interval(y, uplift, treatment):
    found = qini_interval(y, uplift, treatment, rng=np.random.default_rng(1), resamples=20)
    assert np.isfinite(found.value)
    assert np.isnan(found.low)
    assert np.isnan(found.high)


# ---- planner ---------------------------------------------------------------------------------------------------------

WINDOW = toy.window(np.random.default_rng(0), {"a": 40})
RULES = pa.table({"feature_code": ["free_coffee"], "portrait_code": ["a"], "response_prob_mean": [0.3]})


def planned(blocks=None, arms=None, rules=RULES, weeks=12, **settings) -> list[dict]:
    tables = (blocks or WINDOW[0], WINDOW[1], arms or WINDOW[2], rules)
    settings = {"effects": (0.08,), "powers": (0.8,), "control_shares": (0.5,)} | settings
    return plan(*tables, [FEATURE], horizon_weeks=weeks, **settings).to_pylist()


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ({"arms": changed(WINDOW[2], is_eligible=np.zeros(40, dtype=bool))}, "nobody_eligible"),
        ({"arms": changed(WINDOW[2], is_eligible=np.arange(40) == 0)}, "no_variance"),
        ({"blocks": changed(WINDOW[0], visits_count=np.zeros(240))}, "no_variance"),
        ({"blocks": changed(WINDOW[0], visits_count=np.ones(240))}, "no_variance"),
    ],
    ids=["nobody eligible", "one client", "nobody comes", "nothing varies"],
)
def test_planner_gives_the_reason_for_null_plans(tables, reason):
    for row in planned(**tables):
        assert row["reason_code"] == reason
        assert row["clients_needed_count"] is row["min_effect_ratio"] is row["weeks_needed"] is None


def test_planner_needs_more_clients_for_one_week_than_for_twelve():
    one, twelve = (planned(weeks=weeks)[0]["clients_needed_count"] for weeks in (1, 12))
    assert one > twelve > 0


def test_planner_assumes_that_all_respond_without_a_rule():
    shares = [planned(rules=rules)[0]["response_share"] for rules in (RULES, RULES.slice(0, 0))]
    assert shares == [0.3, 1.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weeks": 0}, "horizon_weeks = 0 in feature_hypotheses.json; allowed: a whole number, 1 or more"),
        ({"weeks": np.nan}, "horizon_weeks = nan"),
        ({"effects": (0,)}, "effects = 0 in the planner; allowed: above 0 and below 1"),
        ({"powers": (1.2,)}, r"powers = 1\.2 in the planner"),
        ({"control_shares": (np.nan,)}, "control_shares = nan in the planner"),
        ({"arms": changed(WINDOW[2], portrait_code=[None] * 40)}, "portrait_code = None in arms"),
        ({"arms": changed(WINDOW[2], feature_code=[None] * 40)}, "feature_code = None in arms"),
        ({"rules": changed(RULES, response_prob_mean=[1.2])}, r"response_prob_mean = 1\.2 .*'a'.*; allowed: 0 to 1"),
        ({"rules": changed(RULES, response_prob_mean=[np.nan])}, "response_prob_mean = nan .*'free_coffee'"),
    ],
)
def test_planner_rejects_invalid_input(given, message):
    with pytest.raises(InvalidValueError, match=message):
        planned(**given)


# ---- interest --------------------------------------------------------------------------------------------------------


def counts(weeks: int = 6, groups: int = 10, responded: int = 5) -> pa.Table:
    week, group = (axis.ravel() for axis in np.meshgrid(np.arange(1, weeks + 1), np.arange(groups)))
    columns = {"feature_code": ["free_coffee"] * len(week), "group_number": group, "week_number": week}
    return pa.table(
        columns | {"treated_count": np.full(len(week), 8), "responded_count": np.full(len(week), responded)}
    )


@pytest.mark.parametrize(
    ("table", "share"),
    [
        (counts(weeks=1), 0.625),
        (counts(responded=0), 0.0),
        (counts(groups=1), 0.625),
        (changed(counts(responded=0), treated_count=np.zeros(60, dtype=int)), None),
    ],
    ids=["one week", "none respond", "one group", "nobody offered"],
)
def test_interest_without_a_curve(table, share):
    for row in fit_interest(table).to_pylist():
        assert row["interest_share"] == share
        assert row["half_life_weeks"] is row["fitted_share"] is row["half_life_weeks_high"] is None


def test_constant_interest_has_no_upper_bound():
    row = fit_interest(counts(responded=8)).to_pylist()[0]
    assert row["interest_share"] == 1
    assert row["half_life_weeks_high"] is None


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("week_number", 0, r"week_number = 0\.0 in weekly responses; allowed: 1 or more"),
        ("responded_count", 9, r"responded_count = 9\.0 in weekly responses; allowed: from 0 to treated_count"),
        ("responded_count", -1, r"responded_count = -1\.0"),
        ("treated_count", None, "treated_count = None in weekly responses"),
        ("feature_code", None, "feature_code = None in weekly responses"),
    ],
)
def test_interest_rejects_invalid_counts(column, value, message):
    table = counts()
    values = [value, *table[column].to_pylist()[1:]]
    with pytest.raises(InvalidValueError, match=message):
        fit_interest(changed(table, **{column: values}))


# ---- rules and briefs ------------------------------------------------------------------------------------------------


def rule(**values) -> pa.Table:
    names = ("response_prob", "visits_change", "volume_per_visit_change", "shop_change")
    numbers = {f"{name}_{part}": 0.1 for name in names for part in ("mean", "sd")}
    return pa.Table.from_pylist([{"feature_code": "free_coffee", "portrait_code": "rare"} | numbers | values])


def scenario(rules: pa.Table, features=(FEATURE,)) -> list[dict]:
    amounts = ("visits_per_month", "volume_l_per_month", "spend_rub_per_month", "shop_rub_per_month")
    clients = pa.table({"portrait_code": ["rare", "eco"]} | {name: [5.0, 5.0] for name in amounts})
    clients = clients.append_column("margin_rub_per_month", pa.array([50.0, 50.0]))
    tables = by_rules(clients, rules, features, horizon_weeks=12)
    return [row for table in tables for row in table.to_pylist()]


def test_a_portrait_without_a_rule_has_no_scenario():
    _, eco, rare = scenario(rule())
    assert (rare["portrait_code"], eco["portrait_code"]) == ("rare", "eco")
    assert rare["incremental_volume_l_per_month"] > 0
    assert eco["incremental_volume_l_per_month"] is eco["conversion_share"] is eco["profit_rub_per_month"] is None


def test_a_feature_that_nobody_is_eligible_for_has_no_scenario():
    nobody = [{"metric_code": "visits_per_month", "low": 1000}]
    (row,) = scenario(rule(), [FEATURE | {"eligibility": nobody}])
    assert row["eligible_count"] == 0
    assert row["incremental_visits_per_month"] is row["verdict_code"] is None


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (
            {"feature_code": "free_tea"},
            UnknownCodeError,
            "feature_code 'free_tea' in behaviour rule of portrait 'rare'",
        ),
        (
            {"response_prob_mean": 1.2},
            InvalidValueError,
            r"response_prob mean = 1\.2 .*'rare'.*; allowed: 0\.0 to 1\.0",
        ),
        ({"response_prob_mean": np.nan}, InvalidValueError, "response_prob mean = nan"),
        ({"visits_change_sd": -1.0}, InvalidValueError, r"visits_change sd = -1\.0"),
    ],
)
def test_invalid_rules_are_rejected(values, error, message):
    with pytest.raises(error, match=message):
        scenario(rule(**values))


LABELS = {"label_ru": "Кофе", "description_ru": "Кофе.", "hypothesis_ru": "Визитов больше."}
FEATURES = pa.Table.from_pylist(
    [{"feature_code": "free_coffee", "primary_metric_code": "visits_per_month", "horizon_weeks": 1} | LABELS]
).append_column("aimed_portraits", pa.array([["rare"]]))
PORTRAITS = pa.table({"portrait_code": ["rare"], "label_ru": ["Редкие"]})
NO_CURVES, NO_PLANS = fit_interest(counts().slice(0, 0)), plan(*WINDOW, RULES, [FEATURE], horizon_weeks=12).slice(0, 0)


def brief(outcomes: pa.Table, features: pa.Table = FEATURES, portraits: pa.Table = PORTRAITS) -> str:
    results = pa.concat_tables(analyse(outcomes, [FEATURE], horizon_weeks=1), promote_options="default")
    return write_briefs(features, results, NO_CURVES, NO_PLANS, portraits)["brief_ru"][0].as_py()


@pytest.mark.parametrize(
    "outcomes", [OUTCOMES.slice(0, 0), OUTCOMES.slice(0, 1), changed(OUTCOMES, is_treated=np.ones(40, dtype=bool))]
)
def test_brief_without_a_trial_says_only_that_there_is_too_little_data(outcomes):
    text = brief(outcomes)
    assert "данных мало" in text
    assert "визиты неизвестно; в месяц выручка неизвестно, маржа неизвестно, затраты неизвестно" in text
    assert "Прибыль на клиента в месяц выше всего" not in text
    assert "None" not in text
    assert "nan" not in text


def test_brief_of_one_week_is_in_the_singular():
    assert "без него, 1\u00a0неделю." in brief(OUTCOMES)


def test_brief_names_no_best_portrait_if_all_are_equal():
    """If portraits do not differ, each gets the feature's mean, and a ranking would be made up."""
    portraits = pa.table({"portrait_code": ["a", "b"], "label_ru": ["Первый", "Второй"]})
    outcomes = toy.trial(np.random.default_rng(2), {"a": 60, "b": 60}, effect=1.0)
    results = analyse(outcomes, [FEATURE], horizon_weeks=1)[1]["profit_rub_per_client_per_month_shrunk"].to_pylist()
    assert results[0] == pytest.approx(results[1])
    assert results[0] > 0
    assert "Прибыль на клиента в месяц выше всего" not in brief(outcomes, portraits=portraits)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"features": FEATURES.slice(0, 0)}, r"unknown feature_code 'free_coffee' in results of features"),
        ({"portraits": PORTRAITS.slice(0, 0)}, r"unknown portrait_code 'rare' in results of features, feature"),
    ],
)
def test_brief_rejects_unknown_codes(given, message):
    with pytest.raises(UnknownCodeError, match=message):
        brief(OUTCOMES, **given)


# ---- estimates per client --------------------------------------------------------------------------------------------

ARMS = pa.table({name: OUTCOMES[name] for name in ("client_id", "feature_code", "portrait_code", "is_treated")})
ARMS = ARMS.append_column("is_eligible", pa.array([True] * 40))


def estimated(arms: pa.Table = ARMS, outcomes: pa.Table = OUTCOMES, results: pa.Table | None = None) -> pa.Table:
    return client_estimates(arms, outcomes, results or analyse(OUTCOMES, [FEATURE], horizon_weeks=12)[1])


def test_a_trial_without_control_gives_no_uplift():
    outcomes = changed(OUTCOMES, is_treated=np.ones(40, dtype=bool))
    results = analyse(outcomes, [FEATURE], horizon_weeks=12)[1]
    assert estimated(results=results)["uplift_margin_rub_per_month"].null_count == 40


def test_an_unknown_response_is_null():
    answers = [None if treated else False for treated in TREATED]
    assert estimated(outcomes=changed(OUTCOMES, has_responded=answers))["has_responded"].null_count == 40


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"arms": changed(ARMS, is_treated=2 * TREATED.astype(int))}, r"is_treated = 2\.0 in arms"),
        ({"arms": changed(ARMS, portrait_code=[None] * 40)}, "portrait_code = None in arms"),
        ({"arms": changed(ARMS, feature_code=[None] * 40)}, "feature_code = None in arms"),
        ({"outcomes": changed(OUTCOMES, feature_code=[None] * 40)}, "feature_code = None in experiment outcomes"),
        ({"outcomes": changed(OUTCOMES, has_responded=0.5 * TREATED)}, r"has_responded = 0\.5 in experiment outcomes"),
    ],
)
def test_client_estimates_reject_invalid_input(given, message):
    with pytest.raises(InvalidValueError, match=message):
        estimated(**given)
