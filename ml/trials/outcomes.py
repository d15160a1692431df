"""Trial outcomes as arrays, one block of clients per feature × portrait."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import booleans, check_zeros_and_ones, codes, integers, numbers, require, require_known
from ml.tables.errors import DuplicateKeyError, InvalidValueError, UnknownCodeError

OUTCOMES = (
    "visits_count",
    "volume_l",
    "revenue_rub",
    "shop_amount_rub",
    "margin_rub",
    "cost_rub",
)
PRE_PERIOD = {
    "visits_count": "pre_visits_per_month",
    "volume_l": "pre_volume_l_per_month",
    "revenue_rub": "pre_revenue_rub_per_month",
    "shop_amount_rub": "pre_shop_rub_per_month",
    "margin_rub": "pre_margin_rub_per_month",
}

TRAITS = ("vehicles_count",)
"""Optional columns known before the trial even for clients without a pre-period: covariates of every outcome."""

IDS = ("client_id", "feature_code", "portrait_code", "is_treated", "has_responded")

COLUMNS = (*IDS, "group_id", *OUTCOMES, *PRE_PERIOD.values(), *TRAITS)
"""Columns of ``experiment_outcomes`` that an analysis reads; specific analyses read more."""

FLEET_SIZES = (2, 10, 50)
"""Vehicles from which a client is a small, medium or large fleet; arms are balanced over these classes."""


@dataclass(frozen=True)
class Cell:
    """Eligible clients of one feature in one portrait.

    Attributes
    ----------
    treated : ndarray of bool, shape (clients,)
    responded : ndarray of bool, shape (clients,), or None
        False in control; None if unknown for any treated client.
    values : dict of str to ndarray of shape (clients,)
        Outcomes and pre-period covariates by column name.
    group_id : ndarray of shape (clients,) or None
        Randomised unit, if not the client.
    """

    feature_code: str
    portrait_code: str
    treated: np.ndarray
    responded: np.ndarray | None
    values: dict[str, np.ndarray]
    group_id: np.ndarray | None = None

    def covariates(self, pre_period: np.ndarray) -> np.ndarray:
        """Combine a pre-period column with the client traits, shape (clients, covariates).

        These include the fleet classes that the design balances: variation removed by the design must not count as
        noise.
        """
        columns = [pre_period]
        if "vehicles_count" in self.values:
            vehicles = self.values["vehicles_count"]
            columns += [vehicles, *(np.nan_to_num(vehicles) >= size for size in FLEET_SIZES)]
        return np.column_stack(columns)


def cells(outcomes: pa.Table, known_features: Mapping[str, Any], extra: Iterable[str] = ()) -> Iterator[Cell]:
    """Yield the cells in the order of feature and portrait.

    Column `group_id` holds the randomised unit: null in every row of a feature randomised by client. margin_rub may be
    null in every row of a feature, as networks do not always provide it. `extra` names outcomes needed in addition to
    `OUTCOMES`.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError, DuplicateKeyError
    """
    outcome_names = [*OUTCOMES, *extra]
    require(outcomes, [*IDS, *outcome_names, *PRE_PERIOD.values()], "experiment outcomes")
    if outcomes.num_rows == 0:
        return
    feature, features = codes(outcomes, "feature_code")
    for code in features:
        if code not in known_features:
            raise UnknownCodeError("feature_code", code, "experiment outcomes", known_features)
    portrait, portraits = codes(outcomes, "portrait_code")
    require_known(feature, "feature_code", "experiment outcomes")
    require_known(portrait, "portrait_code", "experiment outcomes")
    for name in ("is_treated", "has_responded"):
        check_zeros_and_ones(outcomes, name, "experiment outcomes")
    treated, is_assigned = booleans(outcomes, "is_treated")
    if not is_assigned.all():
        raise InvalidValueError("is_treated", None, "experiment outcomes", "true or false (eligible clients only)")
    client_id = integers(outcomes, "client_id")
    order = np.lexsort((client_id, portrait, feature))
    _check_unique(client_id[order], feature[order], features)
    responded, is_known = (column[order] for column in booleans(outcomes, "has_responded"))
    feature, portrait, treated = feature[order], portrait[order], treated[order]
    values = {name: numbers(outcomes, name)[order] for name in outcome_names}
    for name, array in values.items():
        unknown = np.isnan(array)
        if unknown.any() and not (name == "margin_rub" and _all_or_none(unknown, feature)):
            raise InvalidValueError(name, None, "experiment outcomes", "a finite number in every row")
    known_before = [*PRE_PERIOD.values(), *(name for name in TRAITS if name in outcomes.column_names)]
    values |= {name: numbers(outcomes, name)[order] for name in known_before}
    group = numbers(outcomes, "group_id")[order] if "group_id" in outcomes.column_names else np.full(len(order), np.nan)
    _check_groups(group, feature, features, treated)
    cell = feature * max(len(portraits), 1) + portrait
    starts = np.flatnonzero(np.r_[True, np.diff(cell) != 0])
    for start, stop in zip(starts, [*starts[1:], len(cell)], strict=True):
        part = slice(start, stop)
        yield Cell(
            features[feature[start]],
            portraits[portrait[start]],
            treated[part],
            responded[part] & treated[part] if is_known[part][treated[part]].all() else None,
            {name: array[part] for name, array in values.items()},
            None if np.isnan(group[start]) else group[part],
        )


def _all_or_none(chosen: np.ndarray, feature: np.ndarray) -> bool:
    """Whether every feature has all of its rows chosen or none."""
    share = np.bincount(feature, chosen) / np.maximum(np.bincount(feature), 1)
    return bool(np.isin(share, (0, 1)).all())


def _check_unique(client_id: np.ndarray, feature: np.ndarray, features: list[str]) -> None:
    """Reject duplicate clients within a portrait of a feature; rows are in the order of the cells."""
    twice = np.flatnonzero((client_id[1:] == client_id[:-1]) & (feature[1:] == feature[:-1]))
    if len(twice):
        example = int(client_id[twice[0]]), features[feature[twice[0]]]
        raise DuplicateKeyError("experiment outcomes", "client × feature", example)


def _check_groups(group: np.ndarray, feature: np.ndarray, features: list[str], treated: np.ndarray) -> None:
    """Reject a feature with a group for only some clients, and a group in both arms."""
    for index, code in enumerate(features):
        rows = feature == index
        known = ~np.isnan(group[rows])
        where = f"experiment outcomes, feature '{code}'"
        if known.any() and not known.all():
            raise InvalidValueError("group_id", None, where, "known for all clients of a feature, or for none")
        if known.any():
            arms = np.unique(np.column_stack([group[rows], treated[rows]]), axis=0)
            twice = arms[1:, 0][arms[1:, 0] == arms[:-1, 0]]
            if len(twice):
                raise InvalidValueError("group_id", twice[0], where, "all its clients in one arm")
