"""Replicates of trials, and the true values of what they estimate.

For evaluation only: both potential outcomes of every client are known here. The estimand of a cell is the mean expected
effect on its eligible clients. Clients and portraits stay, assignment and outcomes are redrawn in each replicate, so
the expected effect is the mean over the replicates of the whole cell with the feature less the whole cell without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from generator.worlds.replay import TOTALS
from ml.tables.arrays import divide
from ml.tables.columns import codes, integers, numbers
from ml.tables.features import PRIMARY_OUTCOMES
from ml.tables.periods import months
from ml.tables.results import WITH_INTERVAL

SUMS = (*TOTALS, "cost_rub", "responders", "clients")
GRADED = tuple(name for name in WITH_INTERVAL if not name.endswith("_with"))
"""Estimates whose intervals are graded."""

Cell = tuple[str, str | None]


@dataclass(frozen=True)
class Replicate:
    """Results of one trial of all features, and the totals of both worlds.

    Attributes
    ----------
    cells : list of (feature_code, portrait_code or None)
        Rows: each feature's portraits; `None` is the feature as a whole.
    found : ndarray of shape (rows, estimates, 3)
        Value, low and high of each of `GRADED`; NaN where there is none.
    is_called : ndarray of int, shape (rows,)
        1 where the verdict is `works`, −1 where it is `harms`, else 0.
    worlds : ndarray of shape (rows, sums, 2)
        Sums over the eligible clients (`SUMS`), without and with the feature.
    """

    cells: list[Cell]
    found: np.ndarray
    is_called: np.ndarray
    worlds: np.ndarray


def reveal(arms: pa.Table, worlds: pa.Table, before: pa.Table) -> pa.Table:
    """Observe the world of the assigned arm, as a trial does.

    Parameters
    ----------
    arms : pyarrow.Table
        Of `ml.trials.assignment.assign_arms`.
    worlds : pyarrow.Table
        client_id, feature_code, has_responded_with, cost_rub_with, ``…_without`` and ``…_with`` of `TOTALS`.
    before : pyarrow.Table
        client_id and the pre-trial columns.

    Returns
    -------
    pyarrow.Table
        As `ml.trials.analysis.analyse` takes it: eligible clients only.
    """
    arms, worlds = _aligned(arms, worlds)
    treated = arms["is_treated"].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False)
    columns = {name: arms[name] for name in ("client_id", "feature_code", "portrait_code", "is_treated", "group_id")}
    columns["has_responded"] = pa.array(worlds["has_responded_with"].to_numpy() & treated)
    columns["cost_rub"] = pa.array(np.where(treated, worlds["cost_rub_with"].to_numpy(), 0.0))
    for name in TOTALS:
        with_it, without = (worlds[f"{name}_{world}"].to_numpy() for world in ("with", "without"))
        columns[name] = pa.array(np.where(treated, with_it, without))
    place = np.searchsorted(integers(before, "client_id"), integers(arms, "client_id"))
    for name in before.column_names:
        if name != "client_id":
            columns[name] = before[name].combine_chunks().take(pa.array(np.minimum(place, before.num_rows - 1)))
    return pa.table(columns).filter(arms["is_eligible"])


def replicate(arms: pa.Table, worlds: pa.Table, by_feature: pa.Table, by_portrait: pa.Table) -> Replicate:
    """Combine the results of a trial with the totals of its two worlds.

    Parameters
    ----------
    arms, worlds : pyarrow.Table
        See `reveal`.
    by_feature, by_portrait : pyarrow.Table
        Of `ml.trials.analysis.analyse`.
    """
    arms, worlds = _aligned(arms, worlds)
    eligible = arms["is_eligible"].to_numpy()
    feature, features = codes(arms, "feature_code")
    portrait, portraits = codes(arms, "portrait_code")
    place = (feature * len(portraits) + portrait)[eligible]
    shape = (len(features), len(portraits))

    def add_up(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values[eligible].astype(np.float64), shape[0] * shape[1]).reshape(shape)

    nothing, ones = np.zeros(shape), add_up(np.ones(len(feature)))
    without = [add_up(worlds[f"{name}_without"].to_numpy()) for name in TOTALS] + [nothing, nothing, ones]
    with_it = [add_up(worlds[f"{name}_with"].to_numpy()) for name in TOTALS]
    with_it += [add_up(worlds[name].to_numpy()) for name in ("cost_rub_with", "has_responded_with")] + [ones]
    sums = np.stack([np.stack(without, axis=-1), np.stack(with_it, axis=-1)], axis=-1)
    rows = by_feature.to_pylist() + by_portrait.to_pylist()
    cells = [(row["feature_code"], row.get("portrait_code")) for row in rows]
    ends = ("", "_low", "_high")
    of_rows = {
        name + end: np.concatenate([numbers(table, name + end) for table in (by_feature, by_portrait)])
        for name in GRADED
        for end in ends
    }
    found = np.stack([np.stack([of_rows[name + end] for end in ends], axis=-1) for name in GRADED], axis=1)
    margin = "incremental_margin_rub_per_month"
    estimated = [
        (row["feature_code"], row["portrait_code"]) for row in by_portrait.to_pylist() if row[margin] is not None
    ]
    whole = np.zeros((len(cells), len(SUMS), 2))
    for number, (code, group) in enumerate(cells):
        of_feature = sums[features.index(code)]
        if group is not None:
            whole[number] = of_feature[portraits.index(group)]
        else:
            # A feature is the sum of the portraits that have an estimate (see `ml.trials.analysis`).
            whole[number] = sum(of_feature[portraits.index(each)] for name, each in estimated if name == code)
    called = np.array([{"works": 1, "harms": -1}.get(row["verdict_code"], 0) for row in rows])
    return Replicate(cells, found, called, whole)


def _aligned(arms: pa.Table, worlds: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Both tables in the order of feature and client."""
    keys = [("feature_code", "ascending"), ("client_id", "ascending")]
    return arms.sort_by(keys), worlds.sort_by(keys)


def expected(
    replicates: Sequence[Replicate], features: Mapping[str, Mapping[str, Any]], *, horizon_weeks: int
) -> np.ndarray:
    """True values of the estimates, shape (rows, estimates); see the head of this module.

    Parameters
    ----------
    replicates : sequence of Replicate
        Of the same clients and features.
    features : mapping of str to mapping
        Settings by feature_code: primary_metric_code, cost.
    horizon_weeks : int
    """
    worlds = np.mean([each.worlds for each in replicates], axis=0)
    without, with_it = ({name: worlds[:, place, side] for place, name in enumerate(SUMS)} for side in (0, 1))
    length, cells = months(horizon_weeks), replicates[0].cells
    clients = with_it["clients"]
    eligible_count = {code: clients[place] for place, (code, portrait) in enumerate(cells) if portrait is None}
    fixed = [
        float(features[code]["cost"].get("rub_per_month") or 0) / max(eligible_count[code], 1) for code, _ in cells
    ]
    gain = {name: (with_it[name] - without[name]) / length for name in SUMS}
    cost = gain["cost_rub"] + np.array(fixed) * clients
    profit = gain["margin_rub"] - cost
    of_visit = "shop_rub_per_visit"
    without[of_visit], with_it[of_visit] = (
        divide(world["shop_amount_rub"], world["visits_count"]) for world in (without, with_it)
    )
    primary = [PRIMARY_OUTCOMES[features[code]["primary_metric_code"]] for code, _ in cells]
    before, after = (np.array([world[name][row] for row, name in enumerate(primary)]) for world in (without, with_it))
    truth = {
        "conversion_share": divide(with_it["responders"], clients),
        "reaction_ratio": divide(after, before) - 1,
        "incremental_visits_per_month": gain["visits_count"],
        "incremental_volume_l_per_month": gain["volume_l"],
        "incremental_revenue_rub_per_month": gain["revenue_rub"],
        "incremental_margin_rub_per_month": gain["margin_rub"],
        "cost_rub_per_month": cost,
        "profit_rub_per_month": profit,
        "roi_ratio": divide(profit, cost),
    }
    return np.column_stack([truth[name] for name in GRADED])
