"""Clients of one feature's trial as arrays: covariates before the trial, and outcomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import booleans, codes, integers, is_text, numbers, require, row_of
from ml.tables.errors import UnknownCodeError
from ml.tables.periods import months
from ml.trials.outcomes import PRE_PERIOD

MIN_PER_ARM = 50
"""Smaller trials are not informative about single clients."""

COMPANY = "is_corporate"
SCALE = "margin_rub_per_month"
SMALLEST_SCALE = 0.5
"""Smallest scale relative to the median, for clients with a lower or unknown pre-period margin."""

OUTCOMES = ("client_id", "feature_code", "portrait_code", "is_treated", "has_responded", "margin_rub", "cost_rub")


@dataclass(frozen=True)
class Trial:
    """Clients of one feature's trial, in the order of client_id.

    Attributes
    ----------
    client_id, treated : ndarray, shape (clients,)
    responded : ndarray of float, shape (clients,)
        1 or 0; NaN if unknown.
    margin, cost : ndarray of float, shape (clients,)
        ₽ per month of 30.4375 days.
    scale : ndarray of float, shape (clients,)
        ₽ per month before the trial, positive. Effects and noise are modelled in proportion to it.
    propensity : ndarray of float, shape (clients,)
    group_id : ndarray, shape (clients,)
        Randomised unit: the client or its station.
    is_grouped : bool
        Whether stations were randomised.
    portrait : ndarray of int, shape (clients,)
        Index into `portraits`.
    portraits : list of str
    is_company : ndarray of bool, shape (portraits,)
        Whether most clients of the portrait are companies; False if unknown.
    covariates : ndarray of float, shape (clients, columns)
        Known before the trial; NaN if missing.
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
    covariates: np.ndarray


def read_trials(
    outcomes: pa.Table,
    profiles: pa.Table | None,
    features: Mapping[str, Mapping[str, Any]],
    *,
    horizon_weeks: int | Mapping[str, int],
) -> Iterator[tuple[str, Trial]]:
    """Yield the trials that have at least `MIN_PER_ARM` clients in each arm.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.trials.analysis.analyse`. A trial without margins is skipped.
    profiles : pyarrow.Table or None
        One row per client: client_id and any metrics known before all trials (numbers, booleans, text). None if trials
        started at different times: then only the pre-period columns of the outcomes are used.
    features : mapping of str to mapping
        By feature_code.
    horizon_weeks : int or mapping of str to int
        For all features, or by feature.

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
        ids = integers(profiles, "client_id")
        profile_covariates, profile_scale = _covariates(profiles), _pre_scale(profiles, SCALE)
        companies = booleans(profiles, COMPANY)[0] if COMPANY in profiles.column_names else np.zeros(len(profile_scale))
    feature, codes_of = codes(outcomes, "feature_code")
    for i, code in enumerate(codes_of):
        if code not in features:
            raise UnknownCodeError("feature_code", code, "experiment outcomes", features)
        rows = outcomes.filter(pa.array(feature == i)).sort_by("client_id")
        weeks = horizon_weeks if isinstance(horizon_weeks, int) else horizon_weeks[code]
        treated, margin = booleans(rows, "is_treated")[0], numbers(rows, "margin_rub")
        if not weeks or np.isnan(margin).any() or min(treated.sum(), (~treated).sum()) < MIN_PER_ARM:
            continue
        length, client_id = months(weeks), integers(rows, "client_id")
        portrait, portraits = codes(rows, "portrait_code")
        covariates = _covariates(rows.select([*PRE_PERIOD.values(), "portrait_code"]))
        scale, is_corporate = _pre_scale(rows, PRE_PERIOD["margin_rub"]), np.zeros(rows.num_rows)
        if profiles is not None:
            index = row_of(ids, client_id, "experiment outcomes", "profiles")
            covariates, scale = np.column_stack([covariates, profile_covariates[index]]), profile_scale[index]
            is_corporate = companies[index]
        group = numbers(rows, "group_id") if "group_id" in rows.column_names else np.full(len(client_id), np.nan)
        is_by_client = np.isnan(group).all()
        responded, is_known = booleans(rows, "has_responded")
        yield (
            code,
            Trial(
                client_id=client_id,
                treated=treated,
                responded=np.where(is_known, responded, np.nan),
                margin=margin / length,
                cost=numbers(rows, "cost_rub") / length,
                scale=_positive_scale(scale),
                propensity=_propensity(treated, portrait) if is_by_client else np.full(len(treated), treated.mean()),
                group_id=client_id if is_by_client else group,
                is_grouped=not is_by_client,
                portrait=portrait,
                portraits=portraits,
                is_company=np.bincount(portrait, is_corporate) * 2 > np.bincount(portrait),
                covariates=covariates,
            ),
        )


def _covariates(profiles: pa.Table) -> np.ndarray:
    """Numbers as they are, booleans as 0 and 1, text one-hot; shape (clients, columns)."""
    columns = []
    for name in profiles.column_names:
        kind = profiles.schema.field(name).type
        if name.endswith("_id") or pa.types.is_temporal(kind):
            continue
        if is_text(profiles, name):
            level, levels = codes(profiles, name)
            columns += [(level == i).astype(float) for i in range(len(levels))]
        elif pa.types.is_boolean(kind):
            values, is_known = booleans(profiles, name)
            columns.append(np.where(is_known, values, np.nan))
        else:
            columns.append(numbers(profiles, name))
    return np.column_stack(columns)


def _pre_scale(table: pa.Table, name: str) -> np.ndarray:
    """Pre-period value of each client per month, shape (clients,); 0 if unknown."""
    return np.nan_to_num(numbers(table, name)) if name in table.column_names else np.zeros(table.num_rows)


def _positive_scale(scale: np.ndarray) -> np.ndarray:
    """Scale of each client, shape (clients,); 1 for all if nothing is known."""
    if not (scale > 0).any():
        return np.ones(len(scale))
    return np.maximum(scale, SMALLEST_SCALE * np.median(scale[scale > 0]))


def _propensity(treated: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Treated share of each stratum, shrunk away from 0 and 1: a stratum of one client is in one arm."""
    share = (np.bincount(stratum, treated) + treated.mean()) / (np.bincount(stratum) + 1)
    return share[stratum]
