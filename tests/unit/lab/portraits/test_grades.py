"""Portraits against the truth: who is graded, the figures, the rule of assignment, the refits."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lab.portraits import stability
from lab.portraits.grades import PORTRAIT_SCHEMA, grade_portraits
from lab.portraits.grading import adjusted_rand, grade_labels
from lab.portraits.stability import find_stability
from ml.portraits.decision import decide
from ml.portraits.model import score_clients
from ml.tables.errors import DuplicateKeyError, InvalidValueError
from tests import toy

ROOT = Path(__file__).parents[4]
CRITERIA = toy.read_criteria(ROOT / "data" / "reference" / "portraits.json")
ORDER = list(dict.fromkeys(CRITERIA["portrait_code"].to_pylist()))
COUNT = 1500


@pytest.fixture(scope="module")
def run():
    """Metrics, portraits found and truth of toy clients, of whom every tenth has no visit in the window."""
    metrics, true = toy.clients(CRITERIA, np.random.default_rng(5), COUNT, spread=0.4)
    metrics = metrics.append_column("visits_count", pa.array(np.arange(COUNT) % 10))
    found = decide(score_clients(metrics, CRITERIA, seed=1), 0.3)
    return metrics, found, pa.table({"client_id": metrics["client_id"], "portrait_code": pa.array(true, pa.string())})


def graded(run, **changes):
    metrics, found, truth = run
    tables = {"metrics": metrics, "criteria": CRITERIA, "portraits": found, "truth": truth, "order": ORDER} | changes
    return grade_portraits(**tables, seed=1, min_confidence=0.3)


@pytest.fixture(scope="module")
def grades(run):
    return graded(run).to_pylist()


def one(grades, method, grade, **where):
    (row,) = [
        row
        for row in grades
        if (row["method_code"], row["grade_code"]) == (method, grade)
        and all(row[name] == value for name, value in where.items())
    ]
    return row


def test_graded_are_clients_with_a_visit_whatever_the_order_of_rows(run, grades):
    metrics, found, truth = run
    is_seen = np.arange(COUNT) % 10 > 0
    true = np.array(truth["portrait_code"].to_pylist())[is_seen]
    textbook = grade_labels(true, np.array(found["portrait_code"].to_pylist())[is_seen])
    assert one(grades, "twinlab", "accuracy")["value"] == textbook.accuracy
    assert one(grades, "twinlab", "macro_f1")["value"] == textbook.macro_f1
    for method in ("twinlab", "criteria_only", "kmeans", "prototype"):
        pairs = [row for row in grades if (row["method_code"], row["grade_code"]) == (method, "clients_count")]
        assert sum(row["value"] for row in pairs) == is_seen.sum()
        hits = sum(row["value"] for row in pairs if row["portrait_code"] == row["predicted_code"])
        assert hits / is_seen.sum() == pytest.approx(one(grades, method, "accuracy")["value"])
    order = np.random.default_rng(0).permutation(COUNT)
    shuffled = graded(run, metrics=metrics.take(order), portraits=found.take(order[::-1]), truth=truth.take(order))
    assert shuffled.to_pylist() == grades


def test_differences_are_those_of_the_grades(grades):
    ours = one(grades, "twinlab", "macro_f1")
    assert ours["low"] < ours["value"] < ours["high"]
    for method in ("criteria_only", "kmeans", "prototype"):
        ahead = one(grades, method, "macro_f1_difference")
        assert ahead["value"] == pytest.approx(ours["value"] - one(grades, method, "macro_f1")["value"])
        assert ahead["low"] <= ahead["value"] <= ahead["high"]
    assert one(grades, "kmeans", "macro_f1_difference")["low"] > 0
    assert not [row for row in grades if (row["method_code"], row["grade_code"]) == ("twinlab", "macro_f1_difference")]


def test_calibration_is_of_clients_with_a_portrait_and_of_methods_with_probabilities(run, grades):
    metrics, found, truth = run
    is_seen = np.arange(COUNT) % 10 > 0
    defined = sum(np.array(found["portrait_code"].to_pylist())[is_seen] != "undefined")
    bins = [row for row in grades if row["bin_number"] is not None]
    assert {row["method_code"] for row in bins} == {"twinlab", "criteria_only"}
    ours = [row for row in bins if row["method_code"] == "twinlab"]
    clients = {row["bin_number"]: row["value"] for row in ours if row["grade_code"] == "bin_clients_count"}
    probs = {row["bin_number"]: row["value"] for row in ours if row["grade_code"] == "bin_mean_prob"}
    right = {row["bin_number"]: row["value"] for row in ours if row["grade_code"] == "bin_right_share"}
    assert sum(clients.values()) == defined
    assert all((number - 1) / 15 < prob <= number / 15 for number, prob in probs.items())
    error = sum(clients[number] * abs(probs[number] - right[number]) for number in clients) / defined
    assert one(grades, "twinlab", "ece")["value"] == pytest.approx(error)


def test_undefined_is_an_error_and_never_a_portrait_of_its_own(run):
    metrics, found, truth = run
    nobody = found.set_column(1, "portrait_code", pa.array(["undefined"] * COUNT))
    rows = graded(run, portraits=nobody).to_pylist()
    assert one(rows, "twinlab", "macro_f1")["value"] == one(rows, "twinlab", "accuracy")["value"] == 0.0
    assert one(rows, "twinlab", "undefined_share")["value"] == 1.0
    assert not [row for row in rows if row["portrait_code"] == "undefined"]
    assert not [row for row in rows if (row["method_code"], row["grade_code"]) == ("twinlab", "ece")]


def test_without_truth_nothing_is_graded(run):
    empty = graded(run, truth=run[2].slice(0, 0))
    assert empty.num_rows == 0
    assert empty.schema == PORTRAIT_SCHEMA
    assert graded(run, metrics=run[0].set_column(run[0].num_columns - 1, "visits_count", [[0] * COUNT])).num_rows == 0


def test_a_client_that_stands_twice_is_reported(run):
    with pytest.raises(DuplicateKeyError, match="truth"):
        graded(run, truth=pa.concat_tables([run[2], run[2].slice(0, 1)]))


@pytest.mark.statistical
def test_refits_of_portraits_that_lie_apart_agree_and_of_noise_do_not(run):
    metrics, _, _ = run
    found = find_stability(metrics, CRITERIA, seed=1, min_confidence=0.3, refits=2)
    assert found.adjusted_rand.shape == found.same_share.shape == (2,)
    assert (found.same_share > 0.9).all()
    again = find_stability(metrics.take(np.arange(COUNT)[::-1]), CRITERIA, seed=1, min_confidence=0.3, refits=2)
    assert (again.adjusted_rand == found.adjusted_rand).all()


def test_stability_is_agreement_with_the_first_fit(run, monkeypatch):
    """A stand-in whose first fit says "a", then what the client's metric says: agreement can be counted."""
    calls = []

    def score(clients, _criteria, *, seed):
        client_id = clients["client_id"].to_numpy()
        assert (client_id == np.arange(1, len(client_id) + 1)).all()
        is_b = np.zeros(len(client_id)) if not calls else clients["kind"].to_numpy()
        calls.append(clients)
        return pa.table(
            {
                "client_id": np.repeat(client_id, 3),
                "portrait_code": ["a", "b", "undefined"] * len(client_id),
                "score_prob": np.column_stack([0.9 - 0.8 * is_b, 0.1 + 0.8 * is_b, 0 * is_b]).ravel(),
            }
        )

    monkeypatch.setattr(stability, "score_clients", score)
    kind = np.arange(400) % 4 == 0
    metrics = pa.table({"client_id": np.arange(400), "visits_count": np.arange(400) % 2, "kind": kind.astype(float)})
    found = find_stability(metrics, CRITERIA, seed=1, min_confidence=0.3, refits=3, clients_at_most=200)
    assert [table.num_rows for table in calls] == [200] * 4
    # Only odd clients came, and of these none is of the kind whose portrait changes.
    assert found.same_share.tolist() == [1.0] * 3
    all_seen = metrics.set_column(1, "visits_count", pa.array(np.ones(400)))
    calls.clear()
    found = find_stability(all_seen, CRITERIA, seed=1, min_confidence=0.3, refits=3)
    for share, drawn in zip(found.same_share, calls[1:], strict=True):
        rows = set(zip(drawn["kind"].to_pylist(), strict=True))
        assert len(rows) == 2
        assert share == pytest.approx(0.75, abs=0.1)
    assert found.adjusted_rand == pytest.approx([adjusted_rand(["a"] * 4, ["a", "a", "a", "b"])] * 3)


def test_stability_of_nobody_is_reported(run):
    metrics = run[0].set_column(run[0].num_columns - 1, "visits_count", pa.array([0] * COUNT))
    with pytest.raises(InvalidValueError, match="at least one"):
        find_stability(metrics, CRITERIA, seed=1, min_confidence=0.3)
