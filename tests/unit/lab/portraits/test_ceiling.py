"""The supervised ceiling and the grades of labels: known answers."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as reference

from lab.portraits.ceiling import find_ceiling
from lab.portraits.grading import grade_labels
from ml.tables.errors import DuplicateKeyError, InvalidValueError, MissingColumnError

PORTRAITS = ("a", "b", "c")


def clients(sizes, separable=True, seed=0, **more):
    """Return metrics and portraits of so many clients a portrait, distinguished by a number, a flag and a text."""
    rng = np.random.default_rng(seed)
    kind = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = len(kind)
    shown = kind if separable else rng.integers(len(sizes), size=count)
    table = {
        "client_id": np.arange(1, count + 1),
        "visits_count": np.ones(count, dtype=np.int64),
        "litres": np.where(shown == 0, 10.0, 50.0) + rng.normal(size=count),
        "is_big": shown == 1,
        "grade": pa.array(np.array(["x", "y", "z"])[shown % 3]),
        "noise": np.where(rng.random(count) < 0.3, np.nan, rng.normal(size=count)),
    } | more
    portraits = pa.table({"client_id": table["client_id"], "portrait_code": pa.array(np.array(PORTRAITS)[kind])})
    return pa.table(table), portraits


def test_portraits_that_differ_are_reported_apart_wholly():
    found = find_ceiling(*clients((60, 60, 60)), seed=1)
    assert found.folds == 5
    assert found.grades.accuracy == found.grades.macro_f1 == 1.0
    assert found.predictions["predicted_code"] == found.predictions["portrait_code"]


@pytest.mark.statistical
def test_noise_is_reported_apart_no_better_than_by_chance():
    found = find_ceiling(*clients((400, 400, 400), separable=False), seed=1)
    # Three equal portraits: a third, give or take four standard deviations.
    assert abs(found.grades.accuracy - 1 / 3) < 4 * np.sqrt(2 / 9 / 1200)


def test_a_number_of_a_client_or_a_station_is_no_metric():
    """Both would give the portrait away."""
    metrics, portraits = clients((100, 100), separable=False)
    kind = np.array([PORTRAITS.index(code) for code in portraits["portrait_code"].to_pylist()])
    order = np.argsort(kind, kind="stable")
    metrics = metrics.set_column(0, "client_id", pa.array(np.argsort(order)))
    portraits = portraits.set_column(0, "client_id", metrics["client_id"])
    metrics = metrics.append_column("home_station_id", pa.array(kind))
    assert find_ceiling(metrics, portraits, seed=1).grades.accuracy < 0.65


def test_categories_are_read_as_categories_and_missing_values_are_information():
    metrics, portraits = clients((100, 100), separable=False)
    codes = portraits["portrait_code"].to_pylist()
    # Text that no order of the letters splits in one cut, and a value missing for half of a portrait.
    rng = np.random.default_rng(5)
    letters = [rng.choice(list("adg" if code == "a" else "beh")) for code in codes]
    hidden = metrics.append_column("letter", pa.array(letters))
    assert find_ceiling(hidden, portraits, seed=1).grades.accuracy == 1.0
    missing = pa.array([None if code == "a" else 1.0 for code in codes], pa.float64())
    assert find_ceiling(metrics.append_column("gap", missing), portraits, seed=1).grades.accuracy == 1.0


def test_clients_without_a_visit_are_left_out():
    metrics, portraits = clients((40, 40))
    visits = np.where(np.arange(80) % 4 == 0, 0, 3)
    metrics = metrics.set_column(1, "visits_count", pa.array(visits))
    found = find_ceiling(metrics, portraits, seed=1)
    assert found.predictions["client_id"].to_pylist() == [row + 1 for row in range(80) if visits[row]]


def test_order_of_rows_and_jobs_do_not_matter():
    metrics, portraits = clients((80, 80, 80), separable=False)
    order = np.random.default_rng(3).permutation(240)
    first = find_ceiling(metrics, portraits, seed=7)
    assert find_ceiling(metrics.take(order), portraits, seed=7, jobs=2).predictions == first.predictions
    assert find_ceiling(metrics, portraits, seed=8).predictions != first.predictions


def test_a_rare_portrait_takes_fewer_folds():
    found = find_ceiling(*clients((60, 60, 3)), seed=1)
    assert found.folds == 3
    assert found.grades.counts.sum() == 123


def test_a_portrait_of_one_client_is_reported():
    with pytest.raises(InvalidValueError, match="clients of portrait c = 1 .*at least 2.*more clients"):
        find_ceiling(*clients((20, 20, 1)), seed=1)
    with pytest.raises(InvalidValueError, match="at least two"):
        find_ceiling(*clients((20,)), seed=1)


def test_wrong_tables_are_reported():
    metrics, portraits = clients((20, 20))
    with pytest.raises(MissingColumnError, match="visits_count"):
        find_ceiling(metrics.drop_columns("visits_count"), portraits, seed=1)
    with pytest.raises(DuplicateKeyError, match="portraits"):
        find_ceiling(metrics, pa.concat_tables([portraits, portraits.slice(0, 1)]), seed=1)


def test_grades_are_those_of_the_textbook():
    rng = np.random.default_rng(11)
    true = rng.choice(["a", "b", "c"], size=300, p=[0.6, 0.3, 0.1])
    found = np.where(rng.random(300) < 0.6, true, rng.choice(["a", "b", "c"], size=300))
    grades = grade_labels(true, found)
    assert grades.codes == ["a", "b", "c"]
    assert (grades.counts == reference.confusion_matrix(true, found)).all()
    assert grades.accuracy == pytest.approx(reference.accuracy_score(true, found))
    assert grades.macro_f1 == pytest.approx(reference.f1_score(true, found, average="macro"))
    assert grades.precision == pytest.approx(reference.precision_score(true, found, average=None))
    assert grades.recall == pytest.approx(reference.recall_score(true, found, average=None))


def test_what_is_never_true_or_never_found_has_no_share():
    grades = grade_labels(["a", "a", "b"], ["a", "undefined", "a"])
    assert grades.codes == ["a", "b", "undefined"]
    assert grades.counts.tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 0]]
    assert grades.precision == pytest.approx([0.5, np.nan, 0], nan_ok=True)
    assert grades.recall == pytest.approx([0.5, 0, np.nan], nan_ok=True)
    # F1 of "a" is 2/4, of "b" 0; "undefined" is nobody's portrait.
    assert grades.macro_f1 == pytest.approx(0.25)
