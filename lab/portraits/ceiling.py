"""The attainable ceiling of portraits: a classifier trained on the truth.

A yardstick of the synthetic data, never an estimator of the product: out-of-fold predictions of gradient boosting from
the client metrics are about the best that any method could do.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from lab.portraits.grading import Grades, grade_labels
from ml.tables.columns import codes, integers, is_text, numbers, require, require_unique
from ml.tables.errors import InvalidValueError
from ml.tables.threads import one_thread

NOT_METRICS = ("client_id", "home_station_id")
"""Identifiers: a portrait is a behaviour, not a station."""

FOLDS = 5


@dataclass(frozen=True)
class Ceiling:
    """Predictions of the classifier, and their grades.

    Attributes
    ----------
    predictions : pyarrow.Table
        client_id, portrait_code (true), predicted_code; one row per client with a visit in the window, by client_id.
    grades : lab.portraits.grading.Grades
        Agreement of the two.
    folds : int
        Of the cross-validation.
    """

    predictions: pa.Table
    grades: Grades
    folds: int


def find_ceiling(metrics: pa.Table, portraits: pa.Table, *, seed: int, folds: int = FOLDS, jobs: int = 1) -> Ceiling:
    """Predict each client's portrait by a classifier trained on other clients.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: client_id, visits_count (identified visits of the window) and further metrics: numbers,
        booleans, text; may be missing. Clients without a visit are left out: nothing is known of them.
    portraits : pyarrow.Table
        client_id and portrait_code, the truth.
    seed : int
        Of the folds.
    folds : int
        Of the cross-validation; fewer if the rarest portrait has fewer clients.
    jobs : int
        Folds fitted in parallel; -1 is one per core. The result does not depend on it.

    Returns
    -------
    Ceiling

    Raises
    ------
    MissingColumnError, DuplicateKeyError, ColumnTypeError
    InvalidValueError
        When fewer than two portraits occur, or one of them in a single client.
    """
    require(metrics, ("client_id", "visits_count"), "metrics")
    require(portraits, ("client_id", "portrait_code"), "portraits")
    require_unique(integers(metrics, "client_id"), "metrics", "client_id")
    require_unique(integers(portraits, "client_id"), "portraits", "client_id")
    seen = metrics.filter(pc.field("visits_count") > 0)
    known = seen.join(portraits.select(["client_id", "portrait_code"]), "client_id", join_type="inner")
    known = known.sort_by("client_id")
    true, levels = codes(known, "portrait_code")
    folds = min(folds, _rarest(true, levels))
    values, is_category = _inputs(known.drop_columns("portrait_code"))
    # Fixed rounds, shallow trees and a penalty: without one the leaves of rare portraits grow without bound.
    classifier = HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.1,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=is_category,
        random_state=0,
    )
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    # One thread per fold: threads that wait for each other on shared cores take many times as long.
    with one_thread():
        predicted = cross_val_predict(classifier, values, true, cv=parts, n_jobs=jobs)
    named = np.array(levels)
    predictions = pa.table(
        {
            "client_id": known["client_id"],
            "portrait_code": pa.array(named[true], pa.string()),
            "predicted_code": pa.array(named[predicted], pa.string()),
        }
    )
    return Ceiling(predictions, grade_labels(named[true], named[predicted]), folds)


def _rarest(true: np.ndarray, levels: list[str]) -> int:
    """Return the clients of the rarest portrait."""
    where = "the clients with a visit in the window"
    if len(levels) < 2:
        raise InvalidValueError("portraits", levels, where, "at least two")
    clients = np.bincount(true, minlength=len(levels))
    rarest = int(clients.argmin())
    if clients[rarest] < 2:
        allowed = "at least 2, one to train on and one to predict; draw more clients"
        raise InvalidValueError(f"clients of portrait {levels[rarest]}", int(clients[rarest]), where, allowed)
    return int(clients[rarest])


def _inputs(metrics: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the metrics, float64 of shape (clients, columns), NaN where missing, and which are categories."""
    names = [name for name in metrics.column_names if name not in NOT_METRICS]
    is_category = np.array([is_text(metrics, name) for name in names])
    columns = [
        _category(metrics, name) if text else numbers(metrics, name)
        for name, text in zip(names, is_category, strict=True)
    ]
    return np.column_stack(columns), is_category


def _category(metrics: pa.Table, name: str) -> np.ndarray:
    values, _ = codes(metrics, name)
    return np.where(values < 0, np.nan, values)
