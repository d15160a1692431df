"""The clients of one feature's trial as arrays: what was known of each before, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import booleans, codes, integers, is_text, numbers, require
from ml.tables.errors import UnknownCodeError
from ml.tables.periods import months
from ml.trials.outcomes import PRE_PERIOD

MIN_PER_ARM = 50
"""Smaller trials tell nothing of single clients."""

COMPANY = "is_corporate"
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
    is_company : ndarray of bool, shape (portraits,)
        Whether most of the portrait's clients are companies; False where that is not known.
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
    is_company: np.ndarray
    known: np.ndarray


def read_trials(
    outcomes: pa.Table,
    profiles: pa.Table | None,
    features: Mapping[str, Mapping[str, Any]],
    *,
    horizon_weeks: int | Mapping[str, int],
) -> Iterator[tuple[str, Trial]]:
    """Take the trials apart that have `MIN_PER_ARM` clients or more in each arm.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.trials.analysis.analyse`. A trial without margins says nothing of profits: it is left out.
    profiles : pyarrow.Table or None
        One row per client: client_id and any metrics known before all of the trials (numbers, booleans, text). Without
        them only what the outcomes know of the time before is used: trials that started at different times.
    features : mapping of str to mapping
        By feature_code.
    horizon_weeks : int or mapping of str to int
        Of all features, or of each.

    Yields
    ------
    feature_code : str
    trial : Trial

    Raises
    ------
    MissingColumnError, UnknownCodeError
    """
    require(outcomes, (*OUTCOMES, *PRE_PERIOD.values()), "experiment outcomes")
    if profiles is not None:
        require(profiles, ("client_id",), "clients")
        profiles = profiles.sort_by("client_id")
        ids, beside, brought = integers(profiles, "client_id"), _known_before(profiles), _brought(profiles, SCALE)
        companies = booleans(profiles, COMPANY)[0] if COMPANY in profiles.column_names else np.zeros(len(brought))
    feature, codes_of = codes(outcomes, "feature_code")
    for number, code in enumerate(codes_of):
        if code not in features:
            raise UnknownCodeError("feature_code", code, "experiment outcomes", features)
        rows = outcomes.filter(pa.array(feature == number)).sort_by("client_id")
        weeks = horizon_weeks if isinstance(horizon_weeks, int) else horizon_weeks[code]
        treated, margin = booleans(rows, "is_treated")[0], numbers(rows, "margin_rub")
        if not weeks or np.isnan(margin).any() or min(treated.sum(), (~treated).sum()) < MIN_PER_ARM:
            continue
        length, client_id = months(weeks), integers(rows, "client_id")
        portrait, portraits = codes(rows, "portrait_code")
        known = _known_before(rows.select([*PRE_PERIOD.values(), "portrait_code"]))
        scale, company = _brought(rows, PRE_PERIOD["margin_rub"]), np.zeros(rows.num_rows)
        if profiles is not None:
            place = np.searchsorted(ids, client_id)
            known, scale = np.column_stack([known, beside[place]]), brought[place]
            company = companies[place]
        group = numbers(rows, "group_id") if "group_id" in rows.column_names else np.full(len(client_id), np.nan)
        is_alone = np.isnan(group).all()
        answered, is_known = booleans(rows, "has_responded")
        yield (
            code,
            Trial(
                client_id=client_id,
                treated=treated,
                responded=np.where(is_known, answered, np.nan),
                margin=margin / length,
                cost=numbers(rows, "cost_rub") / length,
                scale=_above_nothing(scale),
                propensity=_propensity(treated, portrait) if is_alone else np.full(len(treated), treated.mean()),
                group_id=client_id if is_alone else group,
                is_grouped=not is_alone,
                portrait=portrait,
                portraits=portraits,
                is_company=np.bincount(portrait, company) * 2 > np.bincount(portrait),
                known=known,
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


def _brought(table: pa.Table, name: str) -> np.ndarray:
    """What each client brought a month before, shape (clients,); 0 where that is not known."""
    return np.nan_to_num(numbers(table, name)) if name in table.column_names else np.zeros(table.num_rows)


def _above_nothing(brought: np.ndarray) -> np.ndarray:
    """Scale of each client, shape (clients,); 1 for all where nothing is known of anyone."""
    if not (brought > 0).any():
        return np.ones(len(brought))
    return np.maximum(brought, SMALLEST_SCALE * np.median(brought[brought > 0]))


def _propensity(treated: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Share treated of each stratum, between the extremes: a stratum of one client is in one arm."""
    share = (np.bincount(stratum, treated) + treated.mean()) / (np.bincount(stratum) + 1)
    return share[stratum]
