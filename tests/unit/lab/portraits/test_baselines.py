"""The methods that portraits are compared with: known answers."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lab.portraits import baselines
from lab.portraits.baselines import kmeans_portraits, match_clusters, prototype_portraits
from lab.portraits.grading import grade_labels
from ml.tables.errors import InvalidValueError, MissingColumnError, UnknownCodeError
from tests import toy

CRITERIA = toy.read_criteria(Path(__file__).parents[4] / "data" / "reference" / "portraits.json")


def criteria(*rows):
    """Criteria of (portrait, metric, low, high) or (portrait, metric, values)."""
    table = []
    for number, (portrait, metric, *condition) in enumerate(rows):
        is_range = len(condition) == 2
        low, high = condition if is_range else (None, None)
        table.append(
            {"portrait_code": portrait, "criterion_code": str(number), "metric_code": metric}
            | {"kind": "range" if is_range else "category", "low": low, "high": high}
            | {"values": None if is_range else condition[0], "weight": 1.0, "is_hard": False}
        )
    return pa.Table.from_pylist(table, toy.CRITERIA_SCHEMA)


METRICS = pa.table(
    {
        "client_id": [1, 2, 3, 4],
        "visits": [5.0, 10.0, None, 30.0],
        "grade": ["diesel", "ai92", "ai95", None],
        "has_card": [True, False, None, False],
    }
)


def test_the_prototype_counts_half_a_range_and_a_whole_category():
    rules = criteria(
        ("heavy", "visits", 0.0, 10.0), ("light", "grade", ["ai92", "ai95"]), ("card", "has_card", ["true"])
    )
    # 1: heavy 0.5, card 1; 2: the upper bound is not in the range; 3: only the grade is known; 4: nothing is met.
    assert prototype_portraits(METRICS, rules, ["heavy", "light", "card"]).tolist() == [
        "card",
        "light",
        "light",
        "undefined",
    ]


def test_two_ranges_equal_a_category_and_the_first_of_the_file_wins():
    rules = criteria(("b", "visits", 0.0, 20.0), ("b", "visits", 4.0, None), ("a", "has_card", ["true"]))
    assert prototype_portraits(METRICS, rules, ["a", "b"])[0] == "a"
    assert prototype_portraits(METRICS, rules, ["b", "a"])[0] == "b"


def test_hard_criteria_and_weights_count_as_any_other_for_the_prototype():
    rules = criteria(("new", "visits", None, 6.0), ("old", "visits", 0.0, 100.0), ("old", "grade", ["diesel"]))
    rules = rules.set_column(rules.column_names.index("is_hard"), "is_hard", pa.array([True, False, False]))
    rules = rules.set_column(rules.column_names.index("weight"), "weight", pa.array([9.0, 1.0, 1.0]))
    assert prototype_portraits(METRICS, rules, ["new", "old"])[0] == "old"


def test_wrong_criteria_of_the_prototype_are_reported():
    with pytest.raises(UnknownCodeError, match="'eco'"):
        prototype_portraits(METRICS, criteria(("eco", "visits", 1.0, 2.0)), ["rare"])
    with pytest.raises(MissingColumnError, match="litres"):
        prototype_portraits(METRICS, criteria(("eco", "litres", 1.0, 2.0)), ["eco"])


def test_permuted_clusters_get_their_portraits_back():
    true = np.repeat(["a", "b", "c"], [50, 30, 20])
    cluster = np.repeat([2, 0, 1], [50, 30, 20])
    assert (match_clusters(cluster, true, ["c", "a", "b"]) == true).all()


def test_each_portrait_is_given_once_so_that_most_clients_are_right():
    """Cluster 0 is "a" above all (6 clients), but then nobody of cluster 1 is right; the other way round 5 + 5 are."""
    true = ["a"] * 6 + ["b"] * 5 + ["a"] * 5
    cluster = np.array([0] * 11 + [1] * 5)
    assert match_clusters(cluster, true, ["a", "b"]).tolist() == ["b"] * 11 + ["a"] * 5
    with pytest.raises(InvalidValueError, match="at most 1"):
        match_clusters(cluster, true, ["a"])


def test_kmeans_finds_groups_that_lie_apart():
    rng = np.random.default_rng(4)
    kind = rng.permutation(np.repeat([0, 1, 2], [40, 50, 60]))
    true = np.array(["a", "b", "c"])[kind]
    litres = np.array([10.0, 30.0, 30.0])[kind] + rng.normal(size=150)
    litres[:5] = np.nan
    # On scale alone the noise in roubles would drown the rest.
    metrics = pa.table(
        {
            "client_id": np.arange(150),
            "home_station_id": rng.integers(0, 10**6, 150),
            "litres": litres,
            "rub": rng.normal(0, 1e4, 150),
            "is_big": kind == 2,
            "is_small": kind == 0,
            "unknown": pa.nulls(150, pa.float64()),
            "grade": ["ai92"] * 150,
        }
    )
    found = kmeans_portraits(metrics, true, ["a", "b", "c"], seed=1)
    assert grade_labels(true, found).accuracy == 1.0
    assert (kmeans_portraits(metrics, true, ["a", "b", "c"], seed=1) == found).all()


def test_kmeans_on_a_sample_agrees_with_kmeans_on_all(monkeypatch):
    metrics, true = toy.clients(CRITERIA, np.random.default_rng(5), 4000)
    portraits = sorted(set(true))
    on_all = grade_labels(true, kmeans_portraits(metrics, true, portraits, seed=1)).accuracy
    monkeypatch.setattr(baselines, "FIT_CLIENTS", 2000)
    on_half = grade_labels(true, kmeans_portraits(metrics, true, portraits, seed=1)).accuracy
    assert 0.3 < on_all < 0.95
    assert on_half == pytest.approx(on_all, abs=0.1)


def test_fewer_clients_than_portraits_are_no_crash():
    metrics = pa.table({"client_id": [1, 2], "litres": [1.0, 2.0]})
    assert kmeans_portraits(metrics, ["a", "b"], ["a", "b", "c"], seed=1).tolist() == ["a", "b"]
    with pytest.raises(InvalidValueError, match="at least one of each"):
        kmeans_portraits(metrics.slice(0, 0), [], ["a", "b", "c"], seed=1)
