"""The network's own pilots: who its clients were on the day before, and which features they measure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.portraits.decision import decide
from ml.portraits.model import fit, score
from ml.rules import scenario
from ml.tables.columns import codes, integers, require
from ml.trials import analysis


def portraits_at_start(
    days: Iterable[tuple[date, pa.Table]], criteria: pa.Table, *, seed: int, min_confidence: float
) -> pa.Table:
    """Find the portrait of each client on the days before the starts.

    What a portrait means is learned on the first of the days and kept for the others, so that nothing after a client's
    start enters its stratum.

    Parameters
    ----------
    days : iterable of (date, pyarrow.Table)
        Days in ascending order with the client metrics as of each (see `ml.portraits.model.fit`).
    criteria : pyarrow.Table
        See `ml.portraits.model.fit`.
    seed : int
    min_confidence : float
        As of `ml.portraits.decision.decide`.

    Returns
    -------
    pyarrow.Table
        One row per day × client: as_of_on (date32), client_id (int64), portrait_code.

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    schema = pa.schema({"as_of_on": pa.date32(), "client_id": pa.int64(), "portrait_code": pa.string()})
    model, found = None, [schema.empty_table()]
    for day, metrics in days:
        model = model or fit(metrics, criteria, seed=seed)
        assigned = decide(score(model, metrics), min_confidence)
        columns = [pa.repeat(pa.scalar(day, pa.date32()), assigned.num_rows)]
        columns += [assigned["client_id"], assigned["portrait_code"]]
        found.append(pa.table(columns, schema=schema))
    return pa.concat_tables(found)


def with_pilots(arms: pa.Table, participants: pa.Table) -> pa.Table:
    """Write into the arms who took part in the pilots: they are the eligible of their feature, and nobody else is.

    Parameters
    ----------
    arms : pyarrow.Table
        Of `ml.trials.assignment.without_arms`.
    participants : pyarrow.Table
        One row per client × feature of a pilot: client_id, feature_code, portrait_code (before it), is_treated,
        group_id (null where clients were randomised).

    Returns
    -------
    pyarrow.Table
        Rows and columns of `arms`.

    Raises
    ------
    MissingColumnError
    """
    names = ("portrait_code", "is_treated", "group_id")
    require(participants, ["client_id", "feature_code", *names], "participants of pilots")
    place = _places(arms, participants)
    took_part = place >= 0
    measured = pc.is_in(arms["feature_code"], value_set=pc.unique(participants["feature_code"]))
    theirs = {name: pc.take(participants[name], pa.array(place, mask=~took_part)) for name in names}
    columns = {name: arms[name] for name in arms.column_names}
    columns["is_eligible"] = pc.if_else(measured, pa.array(took_part), arms["is_eligible"])
    columns["portrait_code"] = pc.coalesce(theirs["portrait_code"], arms["portrait_code"])
    columns["is_treated"] = theirs["is_treated"]
    columns["group_id"] = pc.if_else(measured, theirs["group_id"].cast(pa.int64()), arms["group_id"])
    return pa.table(columns)


def estimate(
    outcomes: pa.Table,
    clients: pa.Table,
    rules: pa.Table,
    features: list[Mapping[str, Any]],
    *,
    pilot_weeks: Mapping[str, int],
    horizon_weeks: int,
    seed: int,
    shop_margin_share: float | None,
) -> tuple[pa.Table, pa.Table]:
    """Estimate each feature from its pilot, and by the rules where there was none.

    Parameters
    ----------
    outcomes : pyarrow.Table
        See `ml.trials.analysis.analyse`; without rows nothing was tried.
    clients, rules : pyarrow.Table
        See `ml.rules.scenario.by_rules`.
    features : list of mappings
        As in `feature_hypotheses.json`. Their `treated_share` is a plan for a trial of ours and says nothing of how
        large the arms of a pilot were meant to be: it is not held against them.
    pilot_weeks : mapping of str to int
        Weeks that the outcomes of each feature with a pilot are of.
    horizon_weeks : int
        Of the scenario.
    seed : int
    shop_margin_share : float or None

    Returns
    -------
    by_feature, by_portrait : pyarrow.Table
        Columns of `ml.trials.analysis.analyse`; `basis_code` tells one from the other.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    options = {"horizon_weeks": horizon_weeks, "seed": seed, "shop_margin_share": shop_margin_share}
    played = scenario.by_rules(clients, rules, features, **options)
    if outcomes.num_rows == 0:
        return played
    known = [each for each in features if each["feature_code"] in set(outcomes["feature_code"].to_pylist())]
    tried = [{name: value for name, value in each.items() if name != "treated_share"} for each in known]
    measured = analysis.analyse(outcomes, tried, horizon_weeks=pilot_weeks)
    return tuple(_instead(old, new) for old, new in zip(played, measured, strict=True))


def _instead(played: pa.Table, measured: pa.Table) -> pa.Table:
    """Rows of both, by feature; a feature that was measured is not played."""
    is_measured = pc.is_in(played["feature_code"], value_set=pc.unique(measured["feature_code"]))
    both = pa.concat_tables([played.filter(pc.invert(is_measured)), measured])
    keys = [(name, "ascending") for name in ("feature_code", "portrait_code") if name in both.column_names]
    return both.sort_by(keys)


def _places(arms: pa.Table, participants: pa.Table) -> np.ndarray:
    """Row of `participants` for each row of `arms`, shape (arms,); -1 where the client took no part."""
    ids = np.unique(np.concatenate([integers(table, "client_id") for table in (arms, participants)]))
    levels = sorted({*codes(arms, "feature_code")[1], *codes(participants, "feature_code")[1]})
    wanted, theirs = (_keys(table, levels, ids) for table in (arms, participants))
    order = np.argsort(theirs, kind="stable")
    if not len(order):
        return np.full(len(wanted), -1)
    at = order[np.minimum(np.searchsorted(theirs[order], wanted), len(order) - 1)]
    return np.where(theirs[at] == wanted, at, -1)


def _keys(table: pa.Table, levels: list[str], ids: np.ndarray) -> np.ndarray:
    """One number for feature and client, shape (rows,)."""
    feature, found = codes(table, "feature_code")
    number = np.array([levels.index(code) for code in found], dtype=np.int64)
    return number[feature] * len(ids) + np.searchsorted(ids, integers(table, "client_id"))
