"""Random assignment of eligible clients, contracts or stations to treatment and control."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import booleans, codes, integers, numbers, require, require_unique, strings
from ml.tables.conditions import is_eligible
from ml.tables.errors import InvalidValueError
from ml.tables.features import check_share
from ml.tables.random import stream
from ml.trials.outcomes import FLEET_SIZES

STATIONS_PER_CLASS = 8
UNITS = ("client", "contract", "home_station")

_Block = tuple[Mapping[str, Any], np.ndarray, np.ndarray | None]
"""A feature, who is eligible for it, and the stations to randomise, None if clients are."""


def assign_arms(clients: pa.Table, features: Iterable[Mapping[str, Any]], *, seed: int) -> pa.Table:
    """Randomise the units of each feature, one independent trial per feature.

    By client (or contract: a client that has one, with all its vehicles): within each portrait, ``round(treated_share ×
    eligible)`` clients are treated, with at least one client in each arm if two or more are eligible, balanced over
    fleet sizes. By home station: the same share of the stations, balanced over station sizes, so that all clients of a
    station are in one arm.

    Each feature has its own random stream, and units draw in the order of their ids: other features, and the order of
    features or rows, do not change the arms.

    Parameters
    ----------
    clients : pyarrow.Table
        One row per client: `client_id`, `portrait_code` and the metrics used in conditions; `vehicles_count` to balance
        fleets, `has_contract` and `home_station_id` for features randomised by them.
    features : iterable of mappings
        `feature_code`, `treated_share` (0–1, both excluded), `eligibility` (conditions), `randomization_unit` (one of
        `UNITS`; default `client`). A client without the unit is not eligible.
    seed : int

    Returns
    -------
    pyarrow.Table
        One row per client × feature: client_id, feature_code, portrait_code, is_eligible, is_treated (null if not
        eligible), group_id (home station if stations were randomised, else null).

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError
    """
    clients = _sorted_by_id(clients)
    client_id, portrait, portraits, blocks = _eligible_blocks(clients, features)
    fleet = _fleet_size(clients)
    treated = []
    for feature, eligible, station in blocks:
        rng = stream(seed, "assignment", feature["feature_code"])
        share = check_share(feature)
        if station is None:
            treated.append(_select_units(portrait, fleet, eligible, rng, share))
        else:
            treated.append(_select_stations(station, eligible, rng, share))
    return _arms(client_id, portrait, portraits, blocks, treated)


def without_arms(clients: pa.Table, features: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return the table of `assign_arms` for a network without a trial: nobody is assigned.

    Parameters and columns as in `assign_arms`; `is_treated` is null everywhere.
    """
    client_id, portrait, portraits, blocks = _eligible_blocks(_sorted_by_id(clients), features)
    return _arms(client_id, portrait, portraits, blocks, None)


def _sorted_by_id(clients: pa.Table) -> pa.Table:
    """Sort clients by client_id; reject duplicates."""
    require(clients, ["client_id", "portrait_code"], "clients")
    client_id = integers(clients, "client_id")
    require_unique(client_id, "clients", "client_id")
    return clients.take(pa.array(np.argsort(client_id, kind="stable")))


def _eligible_blocks(
    clients: pa.Table, features: Iterable[Mapping[str, Any]]
) -> tuple[np.ndarray, np.ndarray, list[str], list[_Block]]:
    """Ids and portraits of sorted clients, and the block of each feature."""
    client_id = integers(clients, "client_id")
    portrait, portraits = codes(clients, "portrait_code")
    if (portrait < 0).any():
        example = client_id[portrait < 0][0]
        raise InvalidValueError("portrait_code", None, f"clients, client_id {example}", "a portrait or 'undefined'")
    ordered = sorted(features, key=lambda feature: feature["feature_code"])
    require_unique(np.array([f["feature_code"] for f in ordered], dtype=object), "features", "feature_code")
    return client_id, portrait, portraits, [_block(clients, feature) for feature in ordered]


def _block(clients: pa.Table, feature: Mapping[str, Any]) -> _Block:
    eligible = is_eligible(clients, feature.get("eligibility") or ())
    unit = feature.get("randomization_unit") or "client"
    if unit not in UNITS:
        where = f"feature '{feature['feature_code']}'"
        raise InvalidValueError("randomization_unit", unit, where, f"one of {', '.join(UNITS)}")
    if unit == "contract":
        require(clients, ["has_contract"], "clients")
        return feature, eligible & booleans(clients, "has_contract")[0], None
    if unit == "home_station":
        require(clients, ["home_station_id"], "clients")
        station = numbers(clients, "home_station_id")
        return feature, eligible & ~np.isnan(station), station
    return feature, eligible, None


def _fleet_size(clients: pa.Table) -> np.ndarray:
    """Fleet size class, shape (clients,); a single class if unknown."""
    if "vehicles_count" not in clients.column_names:
        return np.zeros(clients.num_rows, dtype=np.int64)
    return np.searchsorted(FLEET_SIZES, np.nan_to_num(numbers(clients, "vehicles_count")), side="right")


def _select_units(
    stratum: np.ndarray, size_class: np.ndarray, eligible: np.ndarray, rng: np.random.Generator, share: float
) -> np.ndarray:
    """Select the treated units: a quota of each stratum, balanced over its size classes.

    Systematic sampling of a random order: every unit of a stratum has the same probability, quota / units.

    Parameters
    ----------
    stratum, size_class : ndarray of int, shape (units,)
    eligible : ndarray of bool, shape (units,)
    rng : numpy.random.Generator
    share : float

    Returns
    -------
    ndarray of bool, shape (units,)
    """
    key, start = rng.random(len(stratum)), rng.random(len(stratum))
    rows = np.flatnonzero(eligible)
    rows = rows[np.lexsort((key[rows], size_class[rows], stratum[rows]))]
    _, first, index, counts = np.unique(stratum[rows], return_index=True, return_inverse=True, return_counts=True)
    quota = np.rint(share * counts)
    quota = np.where(counts >= 2, np.clip(quota, 1, counts - 1), quota)
    # One random start per stratum index, so that it does not depend on which clients are eligible.
    offset = start[stratum[rows[first]] % max(len(start), 1)] if len(rows) else start[:0]
    step = np.arange(len(rows)) - first[index]
    before, after = (np.floor(each * quota[index] / counts[index] + offset[index]) for each in (step, step + 1))
    treated = np.zeros(len(stratum), dtype=bool)
    treated[rows] = after > before
    return treated


def _select_stations(station: np.ndarray, eligible: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Select the treated clients, shape (clients,): those of the treated stations."""
    stations, index, counts = np.unique(station[eligible], return_inverse=True, return_counts=True)
    # Stations sorted by size in classes of about eight: both arms get small and large ones.
    size_class = np.empty(len(stations), dtype=np.int64)
    size_class[np.lexsort((stations, counts))] = np.arange(len(stations)) // STATIONS_PER_CLASS
    one = np.zeros(len(stations), dtype=np.int64)
    selected = _select_units(one, size_class, np.ones(len(stations), dtype=bool), rng, share)
    treated = np.zeros(len(station), dtype=bool)
    treated[eligible] = selected[index]
    return treated


def _arms(
    client_id: np.ndarray,
    portrait: np.ndarray,
    portraits: list[str],
    blocks: list[_Block],
    treated: list[np.ndarray] | None,
) -> pa.Table:
    size, count = len(client_id), len(blocks)
    feature_codes = [feature["feature_code"] for feature, *_ in blocks]
    eligible = np.concatenate([e for _, e, _ in blocks] or [np.zeros(0, dtype=bool)])
    if treated is None:
        is_treated = pa.nulls(size * count, pa.bool_())
    else:
        values = np.concatenate(treated or [np.zeros(0, dtype=bool)])
        is_treated = pa.array(values, mask=~eligible)
    stations = [np.full(size, np.nan) if station is None else station for _, _, station in blocks]
    group = np.concatenate(stations or [np.zeros(0)])
    return pa.table(
        {
            "client_id": pa.array(np.tile(client_id, count)),
            "feature_code": strings(np.repeat(np.arange(count), size), feature_codes),
            "portrait_code": strings(np.tile(portrait, count), portraits),
            "is_eligible": pa.array(eligible),
            "is_treated": is_treated,
            "group_id": pa.array(np.nan_to_num(group).astype(np.int64), mask=np.isnan(group) | ~eligible),
        }
    )
