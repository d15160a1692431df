"""What portraits are compared with: plain k-means, and the scoring of the public prototype.

Yardsticks, never estimators of the product. The third one, business criteria without clusters, is
`ml.portraits.model.criteria_only`.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from lab.portraits.ceiling import NOT_METRICS
from ml.tables.columns import is_text, numbers, require
from ml.tables.conditions import in_range, in_values, range_values
from ml.tables.errors import InvalidValueError, UnknownCodeError
from ml.tables.random import stream
from ml.tables.threads import one_thread
from vocabulary.codes import UNDEFINED

FIT_CLIENTS = 20_000
"""Largest sample that k-means is fitted on; all clients get a cluster."""

STARTS = 10
"""Random starts of k-means; the best is kept."""

RANGE_POINTS, CATEGORY_POINTS = 0.5, 1.0
"""Points of the prototype for a range that is met and for a category that is equal."""


def kmeans_portraits(metrics: pa.Table, true: Iterable[str], portraits: Sequence[str], *, seed: int) -> np.ndarray:
    """Cluster by plain k-means and name the clusters by the truth.

    As many clusters as portraits, on all numeric and boolean metrics scaled to mean 0 and variance 1, missing values at
    the mean. The names come from the true portraits (`match_clusters`), which no network has: this favours k-means.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client; text columns and those that name things are left out.
    true : iterable of str, shape (clients,)
        True portraits, used for the names of the clusters only.
    portraits : sequence of str
        The portraits there are.
    seed : int
        Of the starts, and of the sample when there are more than `FIT_CLIENTS` clients.

    Returns
    -------
    ndarray of str, shape (clients,)
        A portrait for every client; k-means knows no `undefined`.

    Raises
    ------
    InvalidValueError
        When there is no client, or no metric that is known of any.
    """
    points = _scaled(metrics)
    if not points.size:
        raise InvalidValueError("clients × metrics", points.shape, "metrics", "at least one of each")
    rows = np.arange(len(points))
    if len(rows) > FIT_CLIENTS:
        rows = np.sort(stream(seed, "kmeans", "sample").permutation(rows)[:FIT_CLIENTS])
    count = min(len(portraits), len(np.unique(points[rows], axis=0)))
    # One thread: sums over threads differ in the last digits, and the same seed must give the same clusters.
    with one_thread():
        model = KMeans(count, n_init=STARTS, random_state=seed).fit(points[rows])
        cluster = model.predict(points)
    return match_clusters(cluster, true, portraits)


def match_clusters(cluster: np.ndarray, true: Iterable[str], portraits: Sequence[str]) -> np.ndarray:
    """Name clusters one to one so that as many clients as possible get their true portrait (Kuhn 1955, "Hungarian").

    Parameters
    ----------
    cluster : ndarray of int, shape (clients,)
        Numbers from 0; not more clusters than portraits.
    true : iterable of str, shape (clients,)
        True portraits.
    portraits : sequence of str
        The names to give.

    Returns
    -------
    ndarray of str, shape (clients,)

    Raises
    ------
    InvalidValueError
        When there are more clusters than names.
    """
    codes = sorted(portraits)
    counts = np.zeros((int(cluster.max()) + 1, len(codes)), dtype=np.int64)
    place = {code: number for number, code in enumerate(codes)}
    known = np.array([place.get(code, -1) for code in true])
    np.add.at(counts, (cluster[known >= 0], known[known >= 0]), 1)
    of_cluster, of_portrait = linear_sum_assignment(counts, maximize=True)
    if len(of_cluster) < len(counts):
        raise InvalidValueError("clusters", len(counts), "match_clusters", f"at most {len(codes)}, as many as names")
    names = np.empty(len(counts), dtype=np.int64)
    names[of_cluster] = of_portrait
    return np.array(codes)[names[cluster]]


def prototype_portraits(metrics: pa.Table, criteria: pa.Table, order: Sequence[str]) -> np.ndarray:
    """Score as the public prototype meant to: points for each criterion that is met, the highest sum wins.

    Half a point for each range that the value lies in, one for each category that it is equal to; a criterion that is
    hard, has a weight or looks at the tenure counts as any other. Of equal sums the first in the order of the file
    wins. The prototype compared texts with booleans and a grade with a list, so that no category was ever equal; here
    the comparisons are those of `ml.tables.conditions`.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client.
    criteria : pyarrow.Table
        portrait_code, metric_code, kind (`range` or `category`), low, high, values.
    order : sequence of str
        Portraits in the order of the file.

    Returns
    -------
    ndarray of str, shape (clients,)
        `undefined` where no criterion of any portrait is met.

    Raises
    ------
    MissingColumnError, ColumnTypeError
    UnknownCodeError
        When a criterion names a portrait that the order lacks.
    """
    names = ["portrait_code", "metric_code", "kind", "low", "high", "values"]
    require(criteria, names, "criteria")
    rows = criteria.select(names).to_pylist()
    require(metrics, {row["metric_code"] for row in rows}, "client metrics")
    place = {code: number for number, code in enumerate(order)}
    points = np.zeros((metrics.num_rows, len(order)))
    for row in rows:
        if row["portrait_code"] not in place:
            raise UnknownCodeError("portrait", row["portrait_code"], "criteria", order)
        points[:, place[row["portrait_code"]]] += _points(metrics, row)
    return np.where(points.any(axis=1), np.array(order)[points.argmax(axis=1)], UNDEFINED)


def _points(metrics: pa.Table, row: dict) -> np.ndarray:
    if row["kind"] == "category":
        return CATEGORY_POINTS * in_values(metrics, row["metric_code"], row["values"])[0]
    return RANGE_POINTS * in_range(range_values(metrics, row["metric_code"]), row["low"], row["high"])


def _scaled(metrics: pa.Table) -> np.ndarray:
    """Numbers and booleans at mean 0 and variance 1, 0 where missing, shape (clients, columns)."""
    names = [name for name in metrics.column_names if name not in NOT_METRICS and not is_text(metrics, name)]
    columns = [values for values in (numbers(metrics, name) for name in names) if not np.isnan(values).all()]
    if not columns:
        return np.zeros((metrics.num_rows, 0))
    return np.nan_to_num(StandardScaler().fit_transform(np.column_stack(columns)))
