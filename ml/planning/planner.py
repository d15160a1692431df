"""Clients and weeks that a trial needs to detect an effect, computed before the trial.

A plan assumes the analysis of `ml.trials.analysis`: treated clients of a portrait against control, adjusted for the
metrics window before the trial. For a relative effect δ on the primary metric among all treated clients (intention to
treat, averaged over the trial), two-sided at 5 %, with a control share s::

    variance of a client   v(w) = (fixed + weekly / w + cluster) · growth + s · δ² · response   (in means², w weeks)
    growth                 1 + 2 · s · δ
    response               square / max(share, δ) − 1
    clients needed         n(w) = normal_factor · v(w) / (s · (1 − s) · δ²) + unit_size · 1.96² / 2

with ``normal_factor = (1.96 + z_power)²``. `fixed` and `weekly` are estimated by `ml.planning.spread`. `growth` is the
larger variance of treated clients: their standard deviation is assumed to grow with their mean (that of counts grows
half as fast). `response` is the variance of the effect itself: a share of the treated clients responds (the share
expected by the rules, or more if these would have to more than double), each in proportion to its own level, and
`square` is the mean square of these levels. The table has the exact numbers of `ml.planning.power` in whole units,
within two units of the formula while both arms have at least ten.

Features that act on stations are planned for whole stations: unit_size is the mean number m̄ of clients by home
station, and ``cluster = ((cv² + 1) · m̄ − 1) · shared``, so that v / (v − cluster) is the design effect of
`ml.planning.clusters` without the effect itself. `shared` is the variance common to the clients of a station in the
second half of the window given the first: their intra-cluster correlation, estimated over all portraits of the feature,
× the variance of the portrait. The whole feature is the sum of its portraits weighted by clients, as in
`ml.trials.analysis`, excluding those without an estimate. Where a few very large clients dominate the variance, as
fleets do, one window seldom shows them leaving: plans for them, or for a whole feature that includes them, are lower
bounds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

from ml.planning.clusters import design_effect, intra_cluster_correlation
from ml.planning.spread import Spread, spread
from ml.planning.table import Moments, Plan, to_table
from ml.planning.window import Window, read_window
from ml.rules.distributions import response_share
from ml.tables.columns import booleans, codes, integers, require, require_known, row_of
from ml.tables.errors import InvalidValueError, UnknownCodeError
from ml.tables.features import by_code
from ml.tables.periods import check_weeks
from ml.tables.threads import one_thread
from vocabulary.units import MONTH_DAYS

EFFECTS = (0.02, 0.05, 0.08, 0.1, 0.2)
POWERS = (0.8, 0.9)
CONTROL_SHARES = (0.5, 0.2)
MIN_RESPONSE_SHARE = 0.001
"""Lower bound of the responding share, used when the rules expect no response."""

TOTALS = {"visits_per_month": "visits_count", "volume_l_per_month": "volume_l", "spend_rub_per_month": "spend_rub"}
"""Primary metric → its total in a block; the remaining metric is the ratio of shop sales to visits."""


@one_thread()
def plan(
    blocks: pa.Table,
    profiles: pa.Table,
    arms: pa.Table,
    rules: pa.Table,
    features: Sequence[Mapping[str, Any]],
    *,
    horizon_weeks: int,
    effects: Sequence[float] = EFFECTS,
    powers: Sequence[float] = POWERS,
    control_shares: Sequence[float] = CONTROL_SHARES,
) -> pa.Table:
    """Plan a trial of every feature in every portrait.

    Parameters
    ----------
    blocks : pyarrow.Table
        One row per client × block of the metrics window, `BLOCKS` blocks numbered from 1: client_id, block_number,
        days_count, visits_count, volume_l, spend_rub, shop_rub.
    profiles : pyarrow.Table
        One row per client: client_id, has_pre_period, vehicles_count, home_station_id (null without one), and the
        metrics used in modifiers.
    arms : pyarrow.Table
        One row per client × feature: client_id, feature_code, portrait_code, is_eligible.
    rules : pyarrow.Table
        feature_code, portrait_code, response_prob_mean, and optionally modifiers_json; without a rule, all clients are
        assumed to respond.
    features : list of mappings
        feature_code, primary_metric_code, randomization_unit.
    horizon_weeks : int
    effects, powers, control_shares : sequences of float
        Between 0 and 1, both excluded.

    Returns
    -------
    pyarrow.Table
        One row per feature × portrait (null: the whole feature) × effect × power × control share; columns as in the
        mart `mart_ab_planner`. `reason_code`: ok; too_small (not even in `LONGEST_WEEKS` weeks); no_variance (too few
        clients with a history, no visits, or nothing varies); nobody_eligible. With the last two, estimates are null.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError, DuplicateKeyError
    """
    for name, values in (("effects", effects), ("powers", powers), ("control_shares", control_shares)):
        for value in values:
            if not 0 < value < 1:
                raise InvalidValueError(name, value, "the planner", "above 0 and below 1")
    check_weeks(horizon_weeks, 1)
    window, known = read_window(blocks, profiles), by_code(list(features))
    people = profiles.take(np.argsort(integers(profiles, "client_id")))
    plans = list(_plans(window, people, arms, _rules(rules), known))
    grid = list(product(plans, effects, powers, control_shares))
    return to_table(grid, horizon_weeks)


def _rules(rules: pa.Table) -> dict[tuple[str, str], dict]:
    require(rules, ["feature_code", "portrait_code", "response_prob_mean"], "rules")
    rows = rules.to_pylist()
    for row in rows:
        prob = row["response_prob_mean"]
        if prob is None or not 0 <= prob <= 1:
            where = f"the rule of portrait '{row['portrait_code']}', feature '{row['feature_code']}'"
            raise InvalidValueError("response_prob_mean", prob, where, "0 to 1")
    return {(row["feature_code"], row["portrait_code"]): row for row in rows}


def _plans(
    window: Window, people: pa.Table, arms: pa.Table, rules: Mapping, features: Mapping[str, Any]
) -> Iterator[Plan]:
    require(arms, ["client_id", "feature_code", "portrait_code", "is_eligible"], "arms")
    feature, feature_codes = codes(arms, "feature_code")
    portrait, portraits = codes(arms, "portrait_code")
    require_known(feature, "feature_code", "arms")
    require_known(portrait, "portrait_code", "arms")
    client_id = integers(arms, "client_id")
    row = row_of(window.client_id, client_id, "arms", "profiles")
    eligible = booleans(arms, "is_eligible")[0]
    for i, code in enumerate(feature_codes):
        if code not in features:
            raise UnknownCodeError("feature_code", code, "arms", features)
        is_station = features[code]["randomization_unit"] == "home_station"
        offered = (feature == i) & eligible & ~(is_station & np.isnan(window.station[row]))
        rows = {name: np.sort(row[offered & (portrait == k)]) for k, name in enumerate(portraits)}
        strata = {name: window.take(rows[name]) for name in portraits}
        response_shares = {
            name: response_share(rules[code, name], people, rows[name]) if (code, name) in rules else 1.0
            for name in portraits
        }
        yield from _plan_feature(code, features[code]["primary_metric_code"], is_station, strata, response_shares)


def _plan_feature(
    code: str, metric: str, is_station: bool, strata: dict[str, Window], response_shares: Mapping[str, float]
) -> Iterator[Plan]:
    moments, residuals = {}, []
    for name, stratum in strata.items():
        moments[name], residual = _moments(stratum, metric, _scale([stratum]), response_shares[name])
        residuals.append(residual)
    residual, station = np.concatenate(residuals), np.concatenate([s.station for s in strata.values()])
    is_known = np.isfinite(residual)
    icc = intra_cluster_correlation(residual[is_known], station[is_known]) if is_station and is_known.any() else np.nan
    unit = "home_station" if is_station else "client"
    for name, stratum in strata.items():
        yield _with_moments(Plan(code, name, unit, len(stratum.client_id)), stratum.station, moments[name], metric, icc)
    if metric not in TOTALS:
        # For the whole feature, use the ratio over all portraits.
        scale = _scale(list(strata.values()))
        moments = {name: _moments(stratum, metric, scale, response_shares[name])[0] for name, stratum in strata.items()}
    parts = [(moments[name], len(stratum.client_id)) for name, stratum in strata.items()]
    yield _with_moments(Plan(code, None, unit, len(station)), station, _pooled(parts), metric, icc)


def _with_moments(base: Plan, station: np.ndarray, moments: Moments | None, metric: str, icc: float) -> Plan:
    if base.clients == 0:
        return base
    baseline = np.nan
    if moments is not None:
        baseline = moments.mean * (MONTH_DAYS / 7 if metric in TOTALS else 1)
    if base.unit == "client":
        return replace(base, units=base.clients, moments=moments, baseline=baseline)
    sizes = np.unique(station, return_counts=True)[1]
    inflation = design_effect(sizes, 1.0) - 1
    return replace(base, units=len(sizes), moments=moments, baseline=baseline, icc=icc, inflation=inflation)


def _scale(strata: list[Window]) -> tuple[float, float]:
    """Shop ₽ per visit, and visits per client and week."""
    shop, visits = (
        np.concatenate([s.totals[name].sum(axis=1) * 7 / s.days.sum(axis=1) for s in strata]).sum()
        for name in ("shop_rub", "visits_count")
    )
    clients = sum(len(s.client_id) for s in strata)
    return (shop / visits, visits / clients) if visits > 0 else (np.nan, np.nan)


def _moments(
    stratum: Window, metric: str, scale: tuple[float, float], share: float
) -> tuple[Moments | None, np.ndarray]:
    """Moments of the metric, and the residual of each client (NaN if unknown)."""

    def estimate(totals: np.ndarray) -> Spread | None:
        return spread(totals, stratum.days, stratum.has_pre_period, stratum.traits)

    result = levels = None
    if metric in TOTALS:
        result = levels = estimate(stratum.totals[TOTALS[metric]])
    elif np.isfinite(scale).all():
        # A ratio of sums, linearised around its value as in `ml.trials.shop_ratio`.
        ratio, visits = scale
        shop = stratum.totals["shop_rub"] / visits
        result, levels = estimate(shop - ratio * stratum.totals["visits_count"] / visits), estimate(shop)
    if result is None or levels is None:
        return None, np.full(len(stratum.client_id), np.nan)
    square = levels.mean**2 + levels.between
    moments = Moments(levels.mean, result.fixed, result.weekly, result.half, square, max(share, MIN_RESPONSE_SHARE))
    return moments, result.residual


def _pooled(parts: list[tuple[Moments | None, int]]) -> Moments | None:
    usable = [(moments, clients) for moments, clients in parts if moments is not None]
    if not usable:
        return None
    weights = np.array([clients for _, clients in usable], dtype=np.float64)
    rows = np.array([[m.mean, m.fixed, m.weekly, m.half, m.square, m.square / m.share] for m, _ in usable])
    mean, fixed, weekly, half, square, square_per_share = (float(value) for value in weights @ rows / weights.sum())
    return Moments(mean, fixed, weekly, half, square, square / square_per_share if square_per_share > 0 else 1.0)
