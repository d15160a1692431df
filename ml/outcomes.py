"""The outcomes of trials as arrays, one block of clients per feature × portrait."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml.columns import codes, integers, numbers, require, zeros_and_ones
from ml.errors import DuplicateKeyError, InvalidValueError, UnknownCodeError

WHERE = "experiment outcomes"

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
"""Optional columns, known before the trial also of clients without a pre-period: covariates of every outcome."""

FLEET_SIZES = (2, 10, 50)
"""Vehicles from which a client is a small, a middle and a large fleet: arms are balanced between them."""

PRIMARY_OUTCOMES = {
    "visits_per_month": "visits_count",
    "volume_l_per_month": "volume_l",
    "spend_rub_per_month": "revenue_rub",
    "shop_rub_per_visit": "shop_rub_per_visit",
}
"""Primary metric of a feature → outcome; the last is the ratio of shop sales to visits."""


@dataclass(frozen=True)
class Cell:
    """Eligible clients of one feature in one portrait.

    Attributes
    ----------
    treated : ndarray of bool, shape (clients,)
    responded : ndarray of bool, shape (clients,)
        False in control.
    values : dict of str to ndarray of shape (clients,)
        Outcomes and pre-period covariates by column name.
    group_id : ndarray of shape (clients,) or None
        What was randomised, where it was not the client.
    """

    feature_code: str
    portrait_code: str
    treated: np.ndarray
    responded: np.ndarray
    values: dict[str, np.ndarray]
    group_id: np.ndarray | None = None

    def covariates(self, pre_period: np.ndarray) -> np.ndarray:
        """Put a pre-period column beside the clients' traits, shape (clients, covariates).

        The classes of fleets between which the arms are balanced are among them: what the design evens out must not
        count as noise.
        """
        columns = [pre_period]
        if "vehicles_count" in self.values:
            vehicles = self.values["vehicles_count"]
            columns += [vehicles, *(np.nan_to_num(vehicles) >= size for size in FLEET_SIZES)]
        return np.column_stack(columns)


def by_code(features: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Features by code; refuses a primary metric that no outcome measures."""
    for feature in features:
        if feature["primary_metric_code"] not in PRIMARY_OUTCOMES:
            where = f"feature '{feature['feature_code']}'"
            metric = feature["primary_metric_code"]
            raise UnknownCodeError("primary_metric_code", metric, where, PRIMARY_OUTCOMES)
    return {feature["feature_code"]: feature for feature in features}


def check_share(feature: Mapping[str, Any]) -> float:
    """Return the feature's `treated_share`; InvalidValueError unless it lies between 0 and 1, both excluded."""
    share = float(feature["treated_share"])
    if not 0 < share < 1:
        where = f"feature '{feature['feature_code']}'"
        raise InvalidValueError("treated_share", share, where, "above 0 and below 1")
    return share


def cells(outcomes: pa.Table, known_features: Mapping[str, Any]) -> Iterator[Cell]:
    """Blocks of the table in the order of feature and portrait.

    A column `group_id` tells what was randomised: null in every row of a feature that was randomised by client.
    One feature is read at a time: of a million clients all of them at once would take gigabytes.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError, DuplicateKeyError
    """
    ids = ["client_id", "feature_code", "portrait_code", "is_treated", "has_responded"]
    require(outcomes, [*ids, *OUTCOMES, *PRE_PERIOD.values()], WHERE)
    if outcomes.num_rows == 0:
        return
    feature, features = codes(outcomes, "feature_code")
    if (feature < 0).any():
        raise InvalidValueError("feature_code", None, WHERE, "a code in every row")
    for code in features:
        if code not in known_features:
            raise UnknownCodeError("feature_code", code, WHERE, known_features)
    for number, code in enumerate(features):
        yield from _cells_of(outcomes.filter(pa.array(feature == number)), code)


def _cells_of(outcomes: pa.Table, code: str) -> Iterator[Cell]:
    where = f"{WHERE}, feature '{code}'"
    client_id = integers(outcomes, "client_id")
    portrait, portraits = codes(outcomes, "portrait_code")
    if (portrait < 0).any():
        raise InvalidValueError("portrait_code", None, where, "a portrait or 'undefined' in every row")
    treated = zeros_and_ones(outcomes, "is_treated", where)
    if np.isnan(treated).any():
        raise InvalidValueError("is_treated", None, where, "true or false (eligible clients only)")
    responded = zeros_and_ones(outcomes, "has_responded", where)
    if np.isnan(responded[treated == 1]).any():
        raise InvalidValueError("has_responded", None, where, "true or false for every client that was offered it")
    values = {name: numbers(outcomes, name) for name in OUTCOMES}
    for name, array in values.items():
        if np.isnan(array).any():
            raise InvalidValueError(name, None, where, "a finite number in every row")
    known_before = [*PRE_PERIOD.values(), *(name for name in TRAITS if name in outcomes.column_names)]
    values |= {name: numbers(outcomes, name) for name in known_before}
    group = numbers(outcomes, "group_id") if "group_id" in outcomes.column_names else np.full(len(treated), np.nan)
    _check_groups(group, treated, where)
    order = np.lexsort((client_id, portrait))
    client_id, portrait = client_id[order], portrait[order]
    twice = np.flatnonzero((np.diff(client_id) == 0) & (np.diff(portrait) == 0))
    if len(twice):
        raise DuplicateKeyError(WHERE, "client × feature", (int(client_id[twice[0]]), code))
    starts = np.flatnonzero(np.r_[True, np.diff(portrait) != 0])
    for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
        part = order[start:stop]
        yield Cell(
            code,
            portraits[portrait[start]],
            treated[part] == 1,
            (responded[part] == 1) & (treated[part] == 1),
            {name: array[part] for name, array in values.items()},
            None if np.isnan(group[part[0]]) else group[part],
        )


def _check_groups(group: np.ndarray, treated: np.ndarray, where: str) -> None:
    """Refuse a feature of which only some clients have a group, and a group in both arms."""
    known = ~np.isnan(group)
    if known.any() and not known.all():
        raise InvalidValueError("group_id", None, where, "known for all clients of a feature, or for none")
    if known.any():
        arms = np.unique(np.column_stack([group, treated]), axis=0)
        twice = arms[1:, 0][arms[1:, 0] == arms[:-1, 0]]
        if len(twice):
            raise InvalidValueError("group_id", twice[0], where, "all its clients in one arm")
