"""The clients of one feature's trial as arrays: what was known of each before, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml.columns import booleans, codes, integers, is_text, numbers, require
from ml.errors import UnknownCodeError
from ml.result_table import months

MIN_PER_ARM = 50
"""Smaller trials tell nothing of single clients."""

SCALE = "margin_rub_per_month"
SMALLEST_SCALE = 0.5
"""Of the median scale: that of a client that brought less, or of whom nothing is known before."""

OUTCOMES = ("client_id", "feature_code", "portrait_code", "is_treated", "has_responded", "margin_rub", "cost_rub")


@dataclass(frozen=True)
class Trial:
    """The clients of one feature's trial, in the order of their number.

    Attributes
    ----------
    client_id, treated : ndarray, shape (clients,)
    responded : ndarray of float, shape (clients,)
        1 or 0; NaN where it is not known.
    margin, cost : ndarray of float, shape (clients,)
        ₽ a month of 30.4375 days.
    scale : ndarray of float, shape (clients,)
        ₽ a month before the trial, above 0: effects are shares of what a client does anyway, and so is the noise.
    propensity : ndarray of float, shape (clients,)
    group_id : ndarray, shape (clients,)
        What was randomised: the client itself, or its station.
    is_grouped : bool
        Whether stations were.
    portrait : ndarray of int, shape (clients,)
        Place in `portraits`.
    portraits : list of str
    known : ndarray of float, shape (clients, columns)
        What was known before, NaN for what is missing.
    """

    client_id: np.ndarray
    treated: np.ndarray
    responded: np.ndarray
    margin: np.ndarray
    cost: np.ndarray
    scale: np.ndarray
    propensity: np.ndarray
    group_id: np.ndarray
    is_grouped: bool
    portrait: np.ndarray
    portraits: list[str]
    known: np.ndarray


def read_trials(
    outcomes: pa.Table, profiles: pa.Table, features: Mapping[str, Mapping[str, Any]], *, horizon_weeks: int
) -> Iterator[tuple[str, Trial]]:
    """Take the trials apart that have `MIN_PER_ARM` clients or more in each arm.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.analysis.analyse`; a column `horizon_weeks`, if there is one, goes before the argument.
    profiles : pyarrow.Table
        One row per client: client_id and any metrics known before the trial (numbers, booleans, text); a column
        feature_code where what was known differs between the trials.
    features : mapping of str to mapping
        By feature_code.
    horizon_weeks : int

    Yields
    ------
    feature_code : str
    trial : Trial

    Raises
    ------
    MissingColumnError, UnknownCodeError
    """
    require(outcomes, OUTCOMES, "experiment outcomes")
    require(profiles, ("client_id", "portrait_code"), "clients")
    profiles = profiles.sort_by("client_id")
    ids, known, scale = integers(profiles, "client_id"), _known_before(profiles), _scale(profiles)
    feature, codes_of = codes(outcomes, "feature_code")
    for number, code in enumerate(codes_of):
        if code not in features:
            raise UnknownCodeError("feature_code", code, "experiment outcomes", features)
        rows = outcomes.filter(pa.array(feature == number)).sort_by("client_id")
        treated = booleans(rows, "is_treated")[0]
        if min(treated.sum(), (~treated).sum()) < MIN_PER_ARM:
            continue
        client_id = integers(rows, "client_id")
        place = np.searchsorted(ids, client_id)
        portrait, portraits = codes(rows, "portrait_code")
        group = numbers(rows, "group_id") if "group_id" in rows.column_names else np.full(len(client_id), np.nan)
        is_alone = np.isnan(group).all()
        length = months(horizon_weeks)
        answered, is_known = booleans(rows, "has_responded")
        yield (
            code,
            Trial(
                client_id=client_id,
                treated=treated,
                responded=np.where(is_known, answered, np.nan),
                margin=numbers(rows, "margin_rub") / length,
                cost=numbers(rows, "cost_rub") / length,
                scale=scale[place],
                propensity=_propensity(treated, portrait) if is_alone else np.full(len(treated), treated.mean()),
                group_id=client_id if is_alone else group,
                is_grouped=not is_alone,
                portrait=portrait,
                portraits=portraits,
                known=known[place],
            ),
        )


def _known_before(profiles: pa.Table) -> np.ndarray:
    """Numbers as they are, truth values as 0 and 1, text as a column for each value; shape (clients, columns)."""
    columns = []
    for name in profiles.column_names:
        kind = profiles.schema.field(name).type
        if name.endswith("_id") or pa.types.is_temporal(kind):
            continue
        if is_text(profiles, name):
            level, levels = codes(profiles, name)
            columns += [(level == number).astype(float) for number in range(len(levels))]
        elif pa.types.is_boolean(kind):
            values, is_known = booleans(profiles, name)
            columns.append(np.where(is_known, values, np.nan))
        else:
            columns.append(numbers(profiles, name))
    return np.column_stack(columns)


def _scale(profiles: pa.Table) -> np.ndarray:
    """What each client brought a month before, shape (clients,); 1 for all where that is not known of anyone."""
    brought = numbers(profiles, SCALE) if SCALE in profiles.column_names else np.full(profiles.num_rows, np.nan)
    brought = np.nan_to_num(brought)
    if not (brought > 0).any():
        return np.ones(len(brought))
    return np.maximum(brought, SMALLEST_SCALE * np.median(brought[brought > 0]))


def _propensity(treated: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Share treated of each stratum, between the extremes: a stratum of one client is in one arm."""
    share = (np.bincount(stratum, treated) + treated.mean()) / (np.bincount(stratum) + 1)
    return share[stratum]
