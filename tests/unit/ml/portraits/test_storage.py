"""A stored model scores like the fitted one, and the reasons agree with the criteria and the score."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ml.portraits import model as portraits
from ml.portraits import reasons, storage
from ml.portraits.calibration import calibrated, power_for
from ml.tables.errors import InvalidValueError
from tests import toy

CRITERIA = toy.read_criteria(Path(__file__).parents[4] / "data" / "reference" / "portraits.json")


@pytest.fixture(scope="module")
def metrics():
    return toy.clients(CRITERIA, np.random.default_rng(5), 3000, spread=0.4)[0]


@pytest.fixture(scope="module")
def model(metrics):
    return portraits.fit(metrics, CRITERIA, seed=1)


def test_the_table_holds_the_whole_model(metrics, model):
    table = storage.to_table(model)
    assert table["method_code"].to_pylist() == ["criteria_and_data"]
    again = storage.from_table(table)
    assert portraits.score(again, metrics).equals(portraits.score(model, metrics))


def test_a_model_of_few_clients_is_marked_and_restored(metrics):
    few = metrics.slice(0, 15)
    table = storage.to_table(portraits.fit(few, CRITERIA, seed=1))
    assert table["method_code"].to_pylist() == ["criteria_only"]
    assert table["rounds_count"].to_pylist() == [None]
    again = portraits.score(storage.from_table(table), few)
    assert again.equals(portraits.criteria_only(few, CRITERIA))


def test_an_empty_table_is_rejected(model):
    with pytest.raises(InvalidValueError, match="one row"):
        storage.from_table(storage.to_table(model).slice(0, 0))


def test_scores_do_not_depend_on_the_other_clients(metrics, model):
    """A client gets the same scores alone as among others."""
    whole = portraits.score(model, metrics)
    assert portraits.score(model, metrics.slice(7, 1)).equals(whole.slice(7 * 12, 12))


def test_chunks_do_not_matter(metrics, model, monkeypatch):
    whole = portraits.score(model, metrics)
    monkeypatch.setattr("ml.portraits.model.CHUNK", 700)
    assert portraits.score(model, metrics).equals(whole)


def test_an_unseen_category_is_treated_as_missing(metrics, model):
    """In the mixture only: the criteria may still require another grade."""
    grade = metrics.column_names.index("main_fuel_grade")
    one = metrics.slice(3, 1)
    unseen, unknown = (
        one.set_column(grade, "main_fuel_grade", pa.array([value], pa.string())) for value in ("kerosene", None)
    )
    clusters = [portraits.score(model, table)["cluster_id"][0].as_py() for table in (unseen, unknown)]
    assert clusters[0] == clusters[1]


def test_reasons_list_each_criterion_of_the_portrait_with_its_contribution(metrics, model):
    scores = portraits.score(model, metrics)
    best = scores["score_prob"].to_numpy().reshape(-1, 12)[:, :11].argmax(axis=1)
    codes = np.array(model.portraits)[best]
    given = pa.table({"client_id": metrics["client_id"], "portrait_code": codes.tolist()})
    found = reasons.explain(model, metrics, given)
    of_portrait = {code: CRITERIA.filter(pc.equal(CRITERIA["portrait_code"], code)).num_rows for code in set(codes)}
    assert found.num_rows == sum(of_portrait[code] for code in codes)
    freight = found.filter(pc.equal(found["portrait_code"], "freight")).to_pandas()
    fuel = freight[freight.criterion_code == "main_fuel_grade"]
    assert (fuel[fuel.value == "diesel"].is_matched.astype(bool)).all()
    assert fuel[fuel.value == "diesel"].contribution.min() > 0
    assert len(fuel[fuel.value != "diesel"]) == 0 or fuel[fuel.value != "diesel"].contribution.max() < 0
    litres = freight[freight.criterion_code == "volume_l_per_visit"].astype({"value": float})
    assert (litres.is_matched.astype(bool) == litres.value.between(80, 200, inclusive="left")).all()


def test_an_unknown_value_contributes_nothing(metrics, model):
    row = metrics.slice(0, 1).to_pylist()[0] | {"main_fuel_grade": None}
    one = pa.Table.from_pylist([row], schema=metrics.schema)
    given = pa.table({"client_id": [row["client_id"]], "portrait_code": ["economy"]})
    rows = {line["criterion_code"]: line for line in reasons.explain(model, one, given).to_pylist()}
    assert rows["main_fuel_grade"]["value"] is None
    assert rows["main_fuel_grade"]["is_matched"] is None
    assert rows["main_fuel_grade"]["contribution"] == 0


def test_undefined_clients_have_no_reasons(metrics, model):
    given = pa.table({"client_id": metrics["client_id"], "portrait_code": ["undefined"] * metrics.num_rows})
    found = reasons.explain(model, metrics, given)
    assert found.num_rows == 0
    assert "contribution" in found.column_names


def test_calibration_keeps_the_order_and_corrects_more_at_lower_confidence():
    score = np.array([[0.7, 0.2, 0.1], [0.98, 0.01, 0.01]])
    softer = calibrated(score, 0.5)
    assert (softer.argsort(axis=1) == score.argsort(axis=1)).all()
    assert (softer.max(axis=1) < score.max(axis=1)).all()
    np.testing.assert_allclose(softer.sum(axis=1), 1)
    np.testing.assert_allclose(calibrated(score, 1.0), score)
    sure, doubtful = np.array([[0.99, 0.01]]), np.array([[0.8, 0.2]])
    assert power_for(doubtful) < power_for(sure) < 1
