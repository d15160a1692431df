"""The network's own pilots: portraits of participants on the day before the start, and which features were measured."""

from collections.abc import Iterable, Mapping, Sequence
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
    """Determine the portrait of each client on the day before each start.

    The portrait model is fitted on the first day and kept for the others, so that nothing after a client's start enters
    its stratum.

    Parameters
    ----------
    days : iterable of (date, pyarrow.Table)
        Days in ascending order, with the client metrics as of each day (see `ml.portraits.model.fit`).
    criteria : pyarrow.Table
        See `ml.portraits.model.fit`.
    seed : int
    min_confidence : float
        See `ml.portraits.decision.decide`.

    Returns
    -------
    pyarrow.Table
        One row per day × client: as_of_on (date32), client_id (int64), portrait_code.

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    schema = pa.schema({"as_of_on": pa.date32(), "client_id": pa.int64(), "portrait_code": pa.string()})
    model, tables = None, [schema.empty_table()]
    for day, metrics in days:
        model = model or fit(metrics, criteria, seed=seed)
        assigned = decide(score(model, metrics), min_confidence)
        columns = [pa.repeat(pa.scalar(day, pa.date32()), assigned.num_rows)]
        columns += [assigned["client_id"], assigned["portrait_code"]]
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables)


def with_pilots(arms: pa.Table, participants: pa.Table) -> pa.Table:
    """Add the participants of pilots to the arms; they alone are eligible for their feature.

    Parameters
    ----------
    arms : pyarrow.Table
        From `ml.trials.assignment.without_arms`.
    participants : pyarrow.Table
        One row per client × feature of a pilot: client_id, feature_code, portrait_code (before the pilot), is_treated,
        group_id (null if clients were randomised).

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
    row = _participant_rows(arms, participants)
    took_part = row >= 0
    measured = pc.is_in(arms["feature_code"], value_set=pc.unique(participants["feature_code"]))
    pilot = {name: pc.take(participants[name], pa.array(row, mask=~took_part)) for name in names}
    columns = {name: arms[name] for name in arms.column_names}
    columns["is_eligible"] = pc.if_else(measured, pa.array(took_part), arms["is_eligible"])
    columns["portrait_code"] = pc.coalesce(pilot["portrait_code"], arms["portrait_code"])
    columns["is_treated"] = pilot["is_treated"]
    columns["group_id"] = pc.if_else(measured, pilot["group_id"].cast(pa.int64()), arms["group_id"])
    return pa.table(columns)


def estimate(
    outcomes: pa.Table,
    clients: pa.Table,
    rules: pa.Table,
    features: Sequence[Mapping[str, Any]],
    *,
    pilot_weeks: Mapping[str, int],
    horizon_weeks: int,
    seed: int,
    shop_margin_share: float | None,
) -> tuple[pa.Table, pa.Table]:
    """Estimate each feature from its pilot, or by the rules if there was none.

    Parameters
    ----------
    outcomes : pyarrow.Table
        See `ml.trials.analysis.analyse`; empty if nothing was tried.
    clients, rules : pyarrow.Table
        See `ml.rules.scenario.by_rules`.
    features : list of mappings
        As in `feature_hypotheses.json`. Their `treated_share` plans our own trials and does not apply to the arms of a
        pilot: it is not tested against them.
    pilot_weeks : mapping of str to int
        Length of the outcomes of each feature with a pilot, weeks.
    horizon_weeks : int
        Of the scenario.
    seed : int
    shop_margin_share : float or None

    Returns
    -------
    by_feature, by_portrait : pyarrow.Table
        Columns of `ml.trials.analysis.analyse`; `basis_code` distinguishes pilots from rules.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
    """
    scenario_tables = scenario.by_rules(
        clients, rules, features, horizon_weeks=horizon_weeks, seed=seed, shop_margin_share=shop_margin_share
    )
    if outcomes.num_rows == 0:
        return scenario_tables
    known = [each for each in features if each["feature_code"] in set(outcomes["feature_code"].to_pylist())]
    tried = [{name: value for name, value in each.items() if name != "treated_share"} for each in known]
    measured = analysis.analyse(outcomes, tried, horizon_weeks=pilot_weeks)
    return tuple(_replace_measured(old, new) for old, new in zip(scenario_tables, measured, strict=True))


def _replace_measured(from_rules: pa.Table, measured: pa.Table) -> pa.Table:
    """Rows of both tables, by feature; measured features replace those of the scenario."""
    is_measured = pc.is_in(from_rules["feature_code"], value_set=pc.unique(measured["feature_code"]))
    both = pa.concat_tables([from_rules.filter(pc.invert(is_measured)), measured])
    keys = [(name, "ascending") for name in ("feature_code", "portrait_code") if name in both.column_names]
    return both.sort_by(keys)


def _participant_rows(arms: pa.Table, participants: pa.Table) -> np.ndarray:
    """Row of `participants` for each row of `arms`, shape (arms,); -1 if the client did not participate."""
    ids = np.unique(np.concatenate([integers(table, "client_id") for table in (arms, participants)]))
    levels = sorted({*codes(arms, "feature_code")[1], *codes(participants, "feature_code")[1]})
    arm_keys, pilot_keys = (_keys(table, levels, ids) for table in (arms, participants))
    order = np.argsort(pilot_keys, kind="stable")
    if not len(order):
        return np.full(len(arm_keys), -1)
    row = order[np.minimum(np.searchsorted(pilot_keys[order], arm_keys), len(order) - 1)]
    return np.where(pilot_keys[row] == arm_keys, row, -1)


def _keys(table: pa.Table, levels: list[str], ids: np.ndarray) -> np.ndarray:
    """Integer key of feature and client, shape (rows,)."""
    feature, found = codes(table, "feature_code")
    number = np.array([levels.index(code) for code in found], dtype=np.int64)
    return number[feature] * len(ids) + np.searchsorted(ids, integers(table, "client_id"))
