"""Random assignment of eligible clients to the offered arm and to control."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.columns import codes, integers, require, require_unique, strings
from ml.eligibility import is_eligible
from ml.errors import InvalidValueError
from ml.streams import stream


def assign_arms(clients: pa.Table, features: Iterable[Mapping[str, Any]], *, seed: int) -> pa.Table:
    """Complete randomisation within portrait, one independent trial per feature.

    Within each portrait (stratum) the offered arm gets ``round(treated_share × eligible)`` clients,
    at least one in each arm where two or more are eligible. Every feature has its own random
    stream, and clients draw in the order of `client_id`: another feature, another order of features
    or of rows leaves the arms as they were.

    Parameters
    ----------
    clients : pyarrow.Table
        One row per client: `client_id`, `portrait_code` and the metrics that conditions name.
    features : iterable of mappings
        `feature_code`, `treated_share` (0–1, both ends excluded), `eligibility` (conditions).
    seed : int

    Returns
    -------
    pyarrow.Table
        One row per client × feature: client_id, feature_code, portrait_code, is_eligible,
        is_treated (null where not eligible).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError
    """
    blocks = _eligible_blocks(clients, features)
    client_id, portrait, portraits, per_feature = blocks
    treated = []
    for feature, eligible in per_feature:
        rng = stream(seed, "assignment", feature["feature_code"])
        key = rng.random(len(client_id))
        treated.append(_offered(portrait, eligible, key, _share(feature)))
    return _arms(client_id, portrait, portraits, per_feature, treated)


def without_arms(clients: pa.Table, features: Iterable[Mapping[str, Any]]) -> pa.Table:
    """List clients and features as `assign_arms` does for a network without a trial: nobody is assigned.

    Parameters and columns as in `assign_arms`; `is_treated` is null everywhere.
    """
    client_id, portrait, portraits, per_feature = _eligible_blocks(clients, features)
    return _arms(client_id, portrait, portraits, per_feature, None)


def _eligible_blocks(clients: pa.Table, features: Iterable[Mapping[str, Any]]):
    require(clients, ["client_id", "portrait_code"], "clients")
    order = np.argsort(integers(clients, "client_id"), kind="stable")
    clients = clients.take(pa.array(order))
    client_id = integers(clients, "client_id")
    require_unique(client_id, "clients", "client_id")
    portrait, portraits = codes(clients, "portrait_code")
    if (portrait < 0).any():
        example = client_id[portrait < 0][0]
        raise InvalidValueError("portrait_code", None, f"clients, client_id {example}", "a portrait or 'undefined'")
    ordered = sorted(features, key=lambda feature: feature["feature_code"])
    require_unique(np.array([f["feature_code"] for f in ordered], dtype=object), "features", "feature_code")
    blocks = [(f, is_eligible(clients, f.get("eligibility") or ())) for f in ordered]
    return client_id, portrait, portraits, blocks


def _share(feature: Mapping[str, Any]) -> float:
    share = float(feature["treated_share"])
    if not 0 < share < 1:
        where = f"feature '{feature['feature_code']}'"
        raise InvalidValueError("treated_share", share, where, "above 0 and below 1")
    return share


def _offered(stratum: np.ndarray, eligible: np.ndarray, key: np.ndarray, share: float) -> np.ndarray:
    """Choose the offered clients: the smallest keys of each stratum, shape (clients,)."""
    rows = np.flatnonzero(eligible)
    rows = rows[np.lexsort((key[rows], stratum[rows]))]
    _, start, counts = np.unique(stratum[rows], return_index=True, return_counts=True)
    quota = np.rint(share * counts)
    quota = np.where(counts >= 2, np.clip(quota, 1, counts - 1), quota)
    rank = np.arange(len(rows)) - np.repeat(start, counts)
    treated = np.zeros(len(stratum), dtype=bool)
    treated[rows] = rank < np.repeat(quota, counts)
    return treated


def _arms(client_id, portrait, portraits, per_feature, treated) -> pa.Table:
    size, count = len(client_id), len(per_feature)
    feature_codes = [feature["feature_code"] for feature, _ in per_feature]
    eligible = np.concatenate([e for _, e in per_feature] or [np.zeros(0, dtype=bool)])
    if treated is None:
        is_treated = pa.nulls(size * count, pa.bool_())
    else:
        values = np.concatenate(treated or [np.zeros(0, dtype=bool)])
        is_treated = pa.array(values, mask=~eligible)
    return pa.table(
        {
            "client_id": pa.array(np.tile(client_id, count)),
            "feature_code": strings(np.repeat(np.arange(count), size), feature_codes),
            "portrait_code": strings(np.tile(portrait, count), portraits),
            "is_eligible": pa.array(eligible),
            "is_treated": is_treated,
        }
    )
