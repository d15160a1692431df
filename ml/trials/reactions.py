"""Estimates per client: a cell's result, shrunk towards the feature's mean according to its uncertainty."""

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.columns import (
    booleans,
    check_zeros_and_ones,
    codes,
    integers,
    numbers,
    require,
    require_known,
    strings,
    with_nulls,
)
from ml.trials.pooling import pool, shrink_shares


def client_estimates(arms: pa.Table, outcomes: pa.Table | None, by_portrait: pa.Table) -> pa.Table:
    """Estimate the response and uplift of every client to every feature.

    Clients of one cell (feature × portrait) share their estimates. The conversion is shrunk by beta-binomial empirical
    Bayes, the uplift of margin per eligible client by partial pooling (random effects, DerSimonian and Laird 1986): a
    precise cell keeps its own value, an imprecise one moves to the feature's mean. Response probabilities from rules
    (no outcomes) are used as they are.

    Parameters
    ----------
    arms : pyarrow.Table
        From `ml.trials.assignment.assign_arms` (or `without_arms`).
    outcomes : pyarrow.Table or None
        client_id, feature_code, has_responded (null if unknown); None for a scenario by rules.
    by_portrait : pyarrow.Table
        From `ml.trials.analysis.analyse` or `ml.rules.scenario.by_rules`.

    Returns
    -------
    pyarrow.Table
        One row per client × feature in the order of `arms`: client_id, feature_code, portrait_code, is_eligible,
        is_treated, has_responded (null if not treated or unknown), response_prob, uplift_margin_rub_per_month (null if
        not eligible or if nothing is known about the feature).

    Raises
    ------
    MissingColumnError, InvalidValueError
    """
    require(arms, ["client_id", "feature_code", "portrait_code", "is_eligible", "is_treated"], "arms")
    feature, features = codes(arms, "feature_code")
    portrait, portraits = codes(arms, "portrait_code")
    require_known(feature, "feature_code", "arms")
    require_known(portrait, "portrait_code", "arms")
    eligible, _ = booleans(arms, "is_eligible")
    check_zeros_and_ones(arms, "is_treated", "arms")
    treated, _ = booleans(arms, "is_treated")
    client_id = integers(arms, "client_id")
    responded, is_known = _responses(client_id, feature, features, outcomes)
    response, uplift = _cell_estimates(by_portrait, features, portraits)
    return pa.table(
        {
            "client_id": pa.array(client_id),
            "feature_code": strings(feature, features),
            "portrait_code": strings(portrait, portraits),
            "is_eligible": pa.array(eligible),
            "is_treated": arms.column("is_treated"),
            "has_responded": pa.array(responded, mask=~(treated & is_known)),
            "response_prob": with_nulls(np.where(eligible, response[feature, portrait], np.nan)),
            "uplift_margin_rub_per_month": with_nulls(np.where(eligible, uplift[feature, portrait], np.nan)),
        }
    )


def _responses(
    client_id: np.ndarray, feature: np.ndarray, features: list[str], outcomes: pa.Table | None
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each row of arms responded, and whether its outcome is known."""
    none = np.zeros(len(client_id), dtype=bool)
    if outcomes is None or outcomes.num_rows == 0 or len(client_id) == 0:
        return none, none
    require(outcomes, ["client_id", "feature_code", "has_responded"], "experiment outcomes")
    outcome_feature, levels = codes(outcomes, "feature_code")
    position = np.array([features.index(level) if level in features else -1 for level in levels])
    ids, clients = np.unique(client_id, return_inverse=True)
    outcome_client = integers(outcomes, "client_id")
    column = np.minimum(np.searchsorted(ids, outcome_client), len(ids) - 1)
    require_known(outcome_feature, "feature_code", "experiment outcomes")
    check_zeros_and_ones(outcomes, "has_responded", "experiment outcomes")
    values, is_reported = booleans(outcomes, "has_responded")
    usable = (ids[column] == outcome_client) & (position[outcome_feature] >= 0) & is_reported
    grid = np.full((len(features), len(ids)), -1, dtype=np.int8)
    grid[position[outcome_feature][usable], column[usable]] = values[usable]
    answer = grid[feature, clients]
    return answer == 1, answer >= 0


def _cell_estimates(by_portrait: pa.Table, features: list[str], portraits: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Shrunk response and uplift, shapes (features, portraits); NaN if unknown."""
    shape = (len(features), len(portraits))
    grids = {name: np.full(shape, np.nan) for name in _CELL_COLUMNS}
    feature, feature_levels = codes(by_portrait, "feature_code")
    portrait, portrait_levels = codes(by_portrait, "portrait_code")
    require_known(portrait, "portrait_code", "results by portrait")
    columns = {name: numbers(by_portrait, name) for name in _CELL_COLUMNS}
    for i in range(by_portrait.num_rows):
        code, group = feature_levels[feature[i]], portrait_levels[portrait[i]]
        if code in features and group in portraits:
            for name, grid in grids.items():
                grid[features.index(code), portraits.index(group)] = columns[name][i]
    response, uplift = np.full(shape, np.nan), np.full(shape, np.nan)
    eligible = grids["eligible_count"]
    margin = "incremental_margin_rub_per_month"
    half = (grids[f"{margin}_high"] - grids[f"{margin}_low"]) / 2
    error = half / stats.norm.ppf(0.975)
    for i in range(shape[0]):
        response[i] = shrink_shares(grids["conversion_share"][i], grids["treated_count"][i])
        uplift[i] = pool(grids[margin][i] / eligible[i], error[i] / eligible[i])
    return response, uplift


_CELL_COLUMNS = (
    "eligible_count",
    "treated_count",
    "conversion_share",
    "incremental_margin_rub_per_month",
    "incremental_margin_rub_per_month_low",
    "incremental_margin_rub_per_month_high",
)
