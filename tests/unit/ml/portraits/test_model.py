"""Portrait model: portraits are recovered, the data add to the criteria, unusual input is handled."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sklearn.metrics import f1_score

from ml.portraits.decision import decide
from ml.portraits.model import Settings, criteria_only, fit, score, score_clients
from ml.tables.errors import ColumnTypeError, DuplicateKeyError, InvalidValueError, MissingColumnError
from tests import toy
from vocabulary.codes import UNDEFINED

CRITERIA = toy.read_criteria(Path(__file__).parents[4] / "data" / "reference" / "portraits.json")
PORTRAITS = sorted(set(CRITERIA["portrait_code"].to_pylist()))


def top(scores: pa.Table) -> np.ndarray:
    """Best portrait of every client, in the order of client_id."""
    codes = np.array([*PORTRAITS, UNDEFINED], dtype=object)
    return codes[scores["score_prob"].to_numpy().reshape(-1, len(codes)).argmax(axis=1)]


@pytest.fixture(scope="module")
def mixture():
    return toy.clients(CRITERIA, np.random.default_rng(5), 6000, spread=0.3)


def macro_f1(truth: np.ndarray, guess: np.ndarray) -> float:
    return f1_score(truth.astype(str), guess.astype(str), average="macro", labels=PORTRAITS)


def test_all_eleven_portraits_are_recovered(mixture):
    metrics, truth = mixture
    guess = top(score_clients(metrics, CRITERIA, seed=1))
    assert set(guess) >= set(PORTRAITS)
    for portrait in PORTRAITS:
        assert (guess[truth == portrait] == portrait).mean() > 0.8, portrait
    assert macro_f1(truth, guess) > 0.93


@pytest.mark.parametrize(("spread", "gain"), [(0.35, 0.01), (0.5, 0.01), (0.8, -0.02)])
def test_the_data_decide_where_the_criteria_overlap(spread, gain):
    """At the last spread the toy clients are centred exactly on the criteria; little may be lost there."""
    metrics, truth = toy.clients(CRITERIA, np.random.default_rng(11), 6000, spread=spread)
    with_data = top(score_clients(metrics, CRITERIA, seed=1))
    alone = top(criteria_only(metrics, CRITERIA))
    assert (with_data != alone).mean() > 0.02
    assert macro_f1(truth, with_data) > macro_f1(truth, alone) + gain


def test_scores_are_probabilities_of_a_complete_grid(mixture):
    metrics, _ = mixture
    scores = score_clients(metrics, CRITERIA, seed=1)
    assert scores.schema.names == ["client_id", "portrait_code", "score_prob", "cluster_id"]
    assert scores.schema.types == [pa.int64(), pa.string(), pa.float64(), pa.int32()]
    grid = scores["score_prob"].to_numpy().reshape(-1, len(PORTRAITS) + 1)
    assert len(grid) == metrics.num_rows
    np.testing.assert_allclose(grid.sum(axis=1), 1, atol=1e-12)
    assert scores["portrait_code"].to_pylist()[:12] == [*PORTRAITS, UNDEFINED]
    assert set(scores["cluster_id"].to_pylist()) == set(range(len(PORTRAITS)))


def test_confident_scores_are_right_more_often(mixture):
    metrics, truth = mixture
    scores = score_clients(metrics, CRITERIA, seed=1)
    confidence = scores["score_prob"].to_numpy().reshape(-1, 12).max(axis=1)
    is_right = top(scores) == truth
    assert abs(confidence.mean() - is_right.mean()) < 0.05
    assert is_right[confidence > 0.95].mean() > is_right[confidence < 0.7].mean() + 0.2


def test_hard_criterion_excludes_and_its_bound_belongs_to_one_portrait(mixture):
    metrics, _ = mixture
    tenure = pa.array(np.where(np.arange(metrics.num_rows) % 2, 60.0, 59.0))
    metrics = metrics.set_column(metrics.column_names.index("tenure_days"), "tenure_days", tenure)
    grid = score_clients(metrics, CRITERIA, seed=1)["score_prob"].to_numpy().reshape(-1, 12)
    new = PORTRAITS.index("new")
    assert (grid[1::2, new] == 0).all()
    assert (np.delete(grid[::2], [new, 11], axis=1) == 0).all()


def test_same_seed_gives_the_same_bytes_for_any_row_order(mixture):
    metrics, _ = mixture
    scores = score_clients(metrics, CRITERIA, seed=3)
    shuffled = metrics.take(np.random.default_rng(0).permutation(metrics.num_rows))
    assert score_clients(shuffled, CRITERIA, seed=3).equals(scores)


def test_order_of_criteria_does_not_matter(mixture):
    metrics, _ = mixture
    reversed_rows = CRITERIA.take(list(range(CRITERIA.num_rows))[::-1])
    assert score_clients(metrics, reversed_rows, seed=3).equals(score_clients(metrics, CRITERIA, seed=3))


def test_fit_on_a_sample_agrees_with_the_fit_on_all(mixture):
    metrics, _ = mixture
    full = top(score_clients(metrics, CRITERIA, seed=3))
    half = Settings(fit_clients=3000)
    sampled = [score(fit(metrics, CRITERIA, seed=seed, settings=half), metrics) for seed in (3, 3, 4)]
    assert (top(sampled[0]) == full).mean() > 0.97
    assert sampled[0].equals(sampled[1])
    assert not sampled[0].equals(sampled[2])


def test_one_huge_fleet_does_not_distort_the_space(mixture):
    metrics, truth = mixture
    before = top(score_clients(metrics, CRITERIA, seed=3))
    row = metrics.slice(int(np.flatnonzero(truth == "corporate_fleet")[0]), 1).to_pylist()[0]
    row |= {"client_id": 10**6, "visits_per_month": 9000.0, "shop_rub_per_visit": 1e7}
    row |= {"tank_volume_l": 90_000.0, "tank_volume_mean_l": 90_000.0}
    fleet = pa.Table.from_pylist([row], schema=metrics.schema)
    after = top(score_clients(pa.concat_tables([metrics, fleet]), CRITERIA, seed=3))
    assert (after[:-1] == before).mean() > 0.995


def test_client_far_from_every_portrait_is_undefined(mixture):
    metrics, truth = mixture
    row = metrics.slice(int(np.flatnonzero(truth == "rare")[0]), 1).to_pylist()[0]
    odd = {name: None for name in row} | {
        "client_id": 10**6,
        "visits_per_month": 400.0,
        "volume_l_per_visit": 3.0,
        "tank_volume_l": 8000.0,
        "tank_volume_mean_l": 8000.0,
        "main_fuel_grade": "kerosene",
        "tenure_days": 900.0,
    }
    scores = score_clients(
        pa.concat_tables([metrics, pa.Table.from_pylist([odd], schema=metrics.schema)]), CRITERIA, seed=3
    )
    assert top(scores)[-1] == UNDEFINED


def test_client_without_known_metrics_is_undefined(mixture):
    metrics, _ = mixture
    blank = pa.Table.from_pylist([{"client_id": 10**6}], schema=metrics.schema)
    scores = score_clients(pa.concat_tables([metrics, blank]), CRITERIA, seed=3)
    last = scores.slice(scores.num_rows - 12)
    assert last["score_prob"].to_pylist() == [0.0] * 11 + [1.0]
    assert last["cluster_id"].to_pylist() == [None] * 12


@pytest.mark.parametrize("clients_count", [0, 1, 10, 15])
def test_few_clients_are_scored_by_the_criteria_alone(mixture, clients_count):
    metrics = mixture[0].slice(0, clients_count)
    scores = score_clients(metrics, CRITERIA, seed=3)
    assert scores.equals(criteria_only(metrics, CRITERIA))
    assert scores["cluster_id"].null_count == 12 * clients_count


def test_identical_clients_do_not_crash(mixture):
    metrics = mixture[0].take([0] * 200).set_column(0, "client_id", pa.array(range(200)))
    grid = score_clients(metrics, CRITERIA, seed=3)["score_prob"].to_numpy().reshape(-1, 12)
    np.testing.assert_allclose(grid, np.tile(grid[0], (200, 1)))


def test_no_known_metrics_at_all_is_undefined_for_all(mixture):
    metrics = mixture[0].slice(0, 300)
    blank = pa.table({n: metrics[n] if n == "client_id" else pa.nulls(300) for n in metrics.column_names})
    assert set(top(score_clients(blank, CRITERIA, seed=3))) == {UNDEFINED}


def test_constant_nan_and_infinite_columns_do_not_crash(mixture):
    metrics = mixture[0]
    size = metrics.num_rows
    metrics = metrics.append_column("weekend_share", pa.array(np.full(size, 0.3)))
    metrics = metrics.append_column("day_share", pa.array(np.full(size, np.nan)))
    bad = metrics["shop_rub_per_visit"].to_numpy().copy()
    bad[:50], bad[50:60] = np.inf, np.nan
    metrics = metrics.set_column(metrics.column_names.index("shop_rub_per_visit"), "shop_rub_per_visit", pa.array(bad))
    grid = score_clients(metrics, CRITERIA, seed=3)["score_prob"].to_numpy()
    assert np.isfinite(grid).all()


def test_fewer_known_metrics_lower_the_confidence(mixture):
    metrics, _ = mixture
    known = {"client_id", "visits_per_month", "volume_l_per_visit", "main_fuel_grade"}
    poor = pa.table({n: metrics[n] if n in known else pa.nulls(metrics.num_rows) for n in metrics.column_names})
    confidence = [
        score_clients(table, CRITERIA, seed=3)["score_prob"].to_numpy().reshape(-1, 12).max(axis=1).mean()
        for table in (metrics, poor)
    ]
    assert confidence[1] < confidence[0] - 0.15


def test_spend_is_not_needed_to_reach_any_portrait():
    """The ₽ ranges of the prototype contradict litres × price; no criterion may need them."""
    assert not {code for code in CRITERIA["metric_code"].to_pylist() if "rub" in code}


def test_invalid_tables_are_rejected(mixture):
    metrics, _ = mixture
    with pytest.raises(MissingColumnError, match="client_id"):
        score_clients(metrics.drop_columns(["client_id"]), CRITERIA, seed=1)
    with pytest.raises(MissingColumnError, match="tenure_days"):
        score_clients(metrics.drop_columns(["tenure_days"]), CRITERIA, seed=1)
    with pytest.raises(DuplicateKeyError, match="client_id"):
        score_clients(pa.concat_tables([metrics, metrics.slice(0, 1)]), CRITERIA, seed=1)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"kind": "fuzzy"}, InvalidValueError, "portrait 'eco', criterion 'x'.*'range' or 'category'"),
        ({"weight": 0.0}, InvalidValueError, "above 0"),
        ({"low": None, "high": None}, InvalidValueError, "at least one bound"),
        ({"low": 5.0, "high": 5.0}, InvalidValueError, "low below high"),
        ({"kind": "category", "values": []}, InvalidValueError, "one or more"),
        ({"portrait_code": "undefined"}, InvalidValueError, "any other code"),
        ({"metric_code": "main_fuel_grade"}, ColumnTypeError, "main_fuel_grade"),
    ],
)
def test_invalid_criteria_are_rejected_by_name(mixture, change, error, message):
    row = {
        "portrait_code": "eco",
        "criterion_code": "x",
        "metric_code": "visits_per_month",
        "kind": "range",
        "low": 1.0,
        "high": 2.0,
        "values": None,
        "weight": 1.0,
        "is_hard": False,
    }
    bad = pa.Table.from_pylist([row | change], schema=CRITERIA.schema)
    with pytest.raises(error, match=message):
        score_clients(mixture[0], pa.concat_tables([CRITERIA, bad]), seed=1)


def test_a_twelfth_portrait_needs_no_code(mixture):
    metrics, _ = mixture
    owl = {"portrait_code": "night_owl", "criterion_code": "night", "metric_code": "night_share", "kind": "range"}
    owl |= {"low": 0.5, "high": None, "values": None, "weight": 3.0, "is_hard": True}
    criteria = pa.concat_tables([CRITERIA, pa.Table.from_pylist([owl], schema=CRITERIA.schema)])
    scores = score_clients(metrics, criteria, seed=1)
    owls = scores.filter(pc.equal(scores["portrait_code"], "night_owl"))["score_prob"].to_numpy()
    is_night = metrics["night_share"].to_numpy() >= 0.5
    assert (owls[~is_night] == 0).all()
    assert owls[is_night].mean() > 0.3


def test_a_client_without_visits_does_not_get_the_most_frequent_portrait_of_its_flags(mixture):
    metrics, truth = mixture
    fleets = np.isin(truth, ["service_vehicles", "corporate_fleet", "regular_corporate"])
    # Most fleets with visits are service vehicles, so the flags alone would make any fleet one of them.
    kept = metrics.filter(pa.array(~fleets | (truth == "service_vehicles") | (np.arange(len(truth)) % 10 == 0)))
    model = fit(kept, CRITERIA, seed=1)
    unknown = pa.array([None] * metrics.num_rows, pa.float64())
    quiet = metrics
    of_visits = ("visits_per_month", "volume_l_per_visit", "shop_rub_per_visit", "night_share", "gap_days_cv")
    for name in (*of_visits, "tank_volume_mean_l"):
        quiet = quiet.set_column(quiet.column_names.index(name), name, unknown)
    quiet = quiet.set_column(quiet.column_names.index("main_fuel_grade"), "main_fuel_grade", unknown.cast(pa.string()))
    found = np.array(decide(score(model, quiet), 0.3)["portrait_code"].to_pylist())
    assert (found[truth == "service_vehicles"] == UNDEFINED).mean() > 0.9
    # A hard criterion on tenure needs no visit.
    assert (found[truth == "new"] == "new").mean() > 0.9


@pytest.mark.parametrize("bound", [{"high": 1.5}, {"low": 15.0}], ids=["met by all", "met by nobody"])
def test_a_criterion_that_distinguishes_nobody_moves_few_clients(mixture, bound):
    """Its metric does not enter the space, where night shares of few visits would split the components."""
    metrics, _ = mixture
    more = {"portrait_code": "economy", "criterion_code": "night_share", "metric_code": "night_share", "kind": "range"}
    more |= {"values": None, "low": None, "high": None, "weight": 1.0, "is_hard": False} | bound
    criteria = pa.concat_tables([CRITERIA, pa.Table.from_pylist([more], CRITERIA.schema)])
    before, after = (top(score_clients(metrics, each, seed=1)) for each in (CRITERIA, criteria))
    assert (before == "economy").any()
    assert (before != after).mean() < 0.02
