"""Potential outcomes of each client × feature over the experiment, with and without it, from common random numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.people.clients import People
from generator.streams import stream
from generator.tables import client_rows, portrait_codes
from generator.worlds.effects import Feature
from generator.worlds.horizon import FUTURE_WEEKS, Horizon
from vocabulary.rules import LIMITS
from vocabulary.units import MONTH_DAYS

FULL_PULL_CHANGE = 0.1
"""Relative change of visits from which a responding client pulls its fills forward in full."""


@dataclass(frozen=True)
class Responders:
    """How each person responds to a feature. Shapes (people,), except `active` (people, weeks) and `interest` (weeks,).

    `pull` is the share of a full pull-forward: clients induced to come more often come earlier, others do not.
    """

    response_prob: np.ndarray
    visits_change: np.ndarray
    volume_change: np.ndarray
    shop_change: np.ndarray
    pull: np.ndarray
    interest: np.ndarray
    active: np.ndarray


def draw_outcomes(
    run: Run, people: People, horizon: Horizon, features: list[Feature], block: int, weeks: int
) -> pa.Table:
    """Draw both potential outcomes and the expected effects of a block's clients.

    Demand is conserved: the vehicles burn the same fuel with the feature as without. A responding client brings us more
    of the fills that went to competitors (never more than there are), buys the same litres in fewer and larger fills,
    or comes slightly earlier and then has less to fill.

    Returns
    -------
    pyarrow.Table
        One row per client × feature: totals over the horizon ``…_without`` and ``…_with``, whether the client responds
        when offered, weekly lists of visits in both worlds and of responses with the feature; response_prob and the
        expected change when offered (``uplift_…_per_month``), averaged over the client's choices given its fills.
    """
    rows = client_rows(run, people)
    # Drop fills that do not fall within the weeks even when pulled forward in full.
    horizon = horizon.part(_week(horizon.day - horizon.pulled_days) < weeks)
    without = play_world(run, people, horizon, weeks, None, None)
    parts = []
    for feature in features:
        responder = draw_responders(run, people, feature, block, weeks)
        world = _play_responders(run, people, horizon, weeks, feature, responder, without)
        columns = _outcome_columns(people, rows, feature, without, world)
        columns |= effect_columns(run, people, horizon, rows, feature, responder, weeks)
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def futures_table(run: Run, people: People, horizon: Horizon) -> pa.Table:
    """Return what each client does in the `FUTURE_WEEKS` weeks after the history if no feature is launched.

    Returns
    -------
    pyarrow.Table
        client_id, and lists with one value per week: weekly_visits, weekly_volume_l, weekly_revenue_rub,
        weekly_margin_rub.
    """
    rows = client_rows(run, people)
    world = play_world(run, people, horizon, FUTURE_WEEKS, None, None)
    columns: dict[str, pa.Array | np.ndarray] = {"client_id": people.number[rows]}
    columns["weekly_visits"] = _lists(world["weekly_visits"][rows].astype(np.int32))
    for name in ("volume_l", "revenue_rub", "margin_rub"):
        columns[f"weekly_{name}"] = _lists(world[f"weekly_{name}"][rows])
    return pa.table(columns)


def draw_responders(
    run: Run, people: People, feature: Feature, block: int, weeks: int, replicate_rng: np.random.Generator | None = None
) -> Responders:
    """Draw who responds and how strongly: the portrait's true effect, and the differences between its clients.

    Clients differ by chance and by the feature's modifiers for their traits.

    With `replicate_rng`, only who responds and in which weeks is redrawn, from that stream (see
    `generator.worlds.replay`).
    """
    rng = stream(run.seed, "responders", block, feature.code)
    size = len(people.number)
    portraits, index = np.unique(portrait_codes(run, people).astype(str), return_inverse=True)

    def effect(name: str) -> np.ndarray:
        return feature.effect(portraits, name)[index]

    params = run.params["reactions"]
    probability = np.clip(effect("response_prob"), 1e-6, 1 - 1e-6)
    logit = np.log(probability / (1 - probability)) + params["response_logit_sd"] * rng.standard_normal(size)
    factors = feature.factors(run, people)
    response_prob = np.minimum(factors["response_prob"] / (1 + np.exp(-logit)), 1)
    log_sd = params["effect_log_sd"]
    strength = np.exp(log_sd * rng.standard_normal(size) - log_sd**2 / 2)
    replicate_rng = replicate_rng or rng
    willing = replicate_rng.random(size) < response_prob
    patience = replicate_rng.random(size)
    interest = feature.interest(weeks)
    changes = {name: effect(name) * factors[name] for name in factors if name != "response_prob"}
    visits_change = changes["visits_change"] * strength
    return Responders(
        response_prob=response_prob,
        visits_change=visits_change,
        volume_change=np.clip(changes["volume_per_visit_change"], *LIMITS["volume_per_visit_change"]),
        shop_change=np.maximum(changes["shop_change"] * strength, -1),
        pull=np.clip(visits_change / FULL_PULL_CHANGE, 0, 1),
        interest=interest,
        # One draw of patience per client: a client active in a week is active in every week of higher interest.
        active=willing[:, None] & (patience[:, None] < interest),
    )


def _wallet_with(run: Run, share: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Share of wallet of a responding client: raised by `change`, up to what competitors still have."""
    ceiling = np.maximum(run.params["reactions"]["max_wallet_share"], share)
    return np.clip(share * (1 + change), 0, ceiling)


@dataclass(frozen=True)
class Reach:
    """Timing and reach of a feature for each fill of the horizon. Shapes (fills,).

    Attributes
    ----------
    week, pulled_week : ndarray of int
        Week of the fill without the feature, and when pulled forward.
    activity_week, previous_week : ndarray of int
        Weeks whose activity applies to the fill and to the vehicle's previous fill: those in which they would take
        place with the feature.
    reached, previous_reached : ndarray of bool
        Whether the feature works at the station of these fills.
    pulled_l, owed_l : ndarray of float
        Litres removed because the fill is pulled forward, and added because the previous one was.
    """

    week: np.ndarray
    pulled_week: np.ndarray
    activity_week: np.ndarray
    previous_week: np.ndarray
    reached: np.ndarray
    previous_reached: np.ndarray
    pulled_l: np.ndarray
    owed_l: np.ndarray


def _reach(feature: Feature, responder: Responders, horizon: Horizon, weeks: int) -> Reach:
    pull = responder.pull[horizon.person]
    week, pulled_week = _week(horizon.day), _week(horizon.day - pull * horizon.pulled_days)
    reached, previous_reached = np.ones(len(week), dtype=bool), np.isfinite(horizon.previous_day)
    if feature.acts_on_station:
        reached, previous_reached = horizon.is_home, previous_reached & horizon.previous_is_home
    return Reach(
        week=week,
        pulled_week=pulled_week,
        activity_week=np.minimum(pulled_week, weeks - 1),
        previous_week=np.minimum(
            _week(np.maximum(horizon.previous_day - pull * horizon.previous_pulled_days, 0)), weeks - 1
        ),
        reached=reached,
        previous_reached=previous_reached,
        pulled_l=pull * horizon.pulled_l,
        owed_l=pull * horizon.owed_l,
    )


def _week(day: np.ndarray) -> np.ndarray:
    return np.floor(day / 7).astype(np.int64)


def play_world(
    run: Run, people: People, horizon: Horizon, weeks: int, feature: Feature | None, responder: Responders | None
) -> dict[str, np.ndarray]:
    """Play the horizon in one world; returns totals (people,) and weekly arrays (people, weeks)."""
    size, person = len(people.number), horizon.person
    week, litres, ours_prob = _week(horizon.day), horizon.litres, horizon.ours_prob
    visit, shop, at_home = np.ones(len(person)), horizon.shop_rub, horizon.is_home
    active, served = np.zeros((2, len(person)), dtype=bool)
    if feature is not None and responder is not None:
        reach = _reach(feature, responder, horizon, weeks)
        willing = responder.active[person, reach.activity_week]
        active = willing & reach.reached
        previous_active = responder.active[person, reach.previous_week] & reach.previous_reached
        litres = litres - reach.pulled_l * active + reach.owed_l * previous_active
        week = np.where(active, reach.pulled_week, week)
        ours_prob = np.where(active, _wallet_with(run, ours_prob, responder.visits_change[person]), ours_prob)
        frequency = 1 / (1 + responder.volume_change[person])
        # Fewer, larger fills: a fill joins its neighbour. More, smaller ones: a fill is split. Total litres stay.
        whole = np.floor(frequency)
        visit = np.where(active, whole + (horizon.merge < frequency - whole), 1.0)
        # Clients who move from another of our stations to the home station are served there too.
        moved = willing & ~reach.reached & (horizon.shift < run.params["reactions"]["station_shift"])
        served, at_home = active | moved, at_home | moved
        shop = np.where(served, shop * (1 + responder.shop_change[person]), shop)
    ours = (horizon.choice < ours_prob) & (week < weeks)
    cell = (person * weeks + week)[ours]

    def weekly(values: np.ndarray) -> np.ndarray:
        return np.bincount(cell, values[ours], minlength=size * weeks).reshape(size, weeks)

    shop_amount = weekly(shop * visit)
    fuel_margin = weekly(litres * horizon.margin_rub)
    volume = weekly(litres)
    revenue = weekly(litres * horizon.price_rub) + shop_amount
    margin = fuel_margin + run.params["shop"]["margin_share"] * shop_amount
    visits = weekly(visit)
    world = {
        "visits_count": visits.sum(axis=1),
        "home_visits_count": weekly(visit * at_home).sum(axis=1),
        "volume_l": volume.sum(axis=1),
        "shop_amount_rub": shop_amount.sum(axis=1),
        "revenue_rub": revenue.sum(axis=1),
        "margin_rub": margin.sum(axis=1),
        "weekly_visits": visits,
        "weekly_volume_l": volume,
        "weekly_revenue_rub": revenue,
        "weekly_margin_rub": margin,
    }
    if feature is not None:
        used, cost = weekly(visit * served), feature.cost
        world["served_visits_count"] = used.sum(axis=1)
        world["served_volume_l"] = weekly(litres * served).sum(axis=1)
        world["weekly_responses"] = used > 0
        world["has_responded"] = (used > 0).any(axis=1)
        world["cost_rub"] = (
            cost["rub_per_visit"] * world["served_visits_count"]
            + cost["rub_per_l"] * world["served_volume_l"]
            + cost["rub_per_client_per_month"] * weeks * 7 / MONTH_DAYS
        )
    return world


def _play_responders(
    run: Run,
    people: People,
    horizon: Horizon,
    weeks: int,
    feature: Feature,
    responder: Responders,
    without: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Play the world with a feature; clients who do not respond are copied from `without` instead of replayed."""
    responds = np.any(responder.active, axis=1)
    world = play_world(run, people, horizon.part(responds[horizon.person]), weeks, feature, responder)
    rest = np.flatnonzero(~responds)
    for name, values in without.items():
        world[name][rest] = values[rest]
    return world


def _outcome_columns(
    people: People, rows: np.ndarray, feature: Feature, without: dict[str, np.ndarray], world: dict[str, np.ndarray]
) -> dict[str, pa.Array | np.ndarray]:
    columns: dict[str, pa.Array | np.ndarray] = {
        "client_id": people.number[rows],
        "feature_code": pa.repeat(feature.code, len(rows)),
        "has_responded_with": world["has_responded"][rows],
        "cost_rub_with": world["cost_rub"][rows],
        "served_visits_count_with": world["served_visits_count"][rows],
        "served_volume_l_with": world["served_volume_l"][rows],
    }
    for name in ("visits_count", "home_visits_count", "volume_l", "shop_amount_rub", "revenue_rub", "margin_rub"):
        columns[f"{name}_without"] = without[name][rows]
        columns[f"{name}_with"] = world[name][rows]
    columns["weekly_visits_without"] = _lists(without["weekly_visits"][rows].astype(np.int32))
    columns["weekly_visits_with"] = _lists(world["weekly_visits"][rows].astype(np.int32))
    columns["weekly_responses_with"] = _lists(world["weekly_responses"][rows].astype(np.int8))
    return columns


def effect_columns(
    run: Run, people: People, horizon: Horizon, rows: np.ndarray, feature: Feature, responder: Responders, weeks: int
) -> dict[str, np.ndarray]:
    """Expected effects over the client's willingness, patience and choices, given its fills in the horizon."""
    size, person = len(people.number), horizon.person
    reach = _reach(feature, responder, horizon, weeks)
    interest = responder.interest[reach.activity_week] * reach.reached
    previous_interest = responder.interest[reach.previous_week] * reach.previous_reached
    prob = responder.response_prob[person]
    # Patience is one draw: the lower of the two interests decides whether a client is active in both weeks.
    active, previous_active, both = (
        prob * share for share in (interest, previous_interest, np.minimum(interest, previous_interest))
    )
    ours_prob = horizon.ours_prob
    changed = _wallet_with(run, ours_prob, responder.visits_change[person])
    counted_inactive = (reach.week < weeks) * ours_prob
    counted_active = (reach.pulled_week < weeks) * changed
    litres = (
        counted_inactive * ((1 - active) * horizon.litres + (previous_active - both) * reach.owed_l)
        + counted_active * (active * (horizon.litres - reach.pulled_l) + both * reach.owed_l)
        - counted_inactive * horizon.litres
    )
    visits = counted_active * active / (1 + responder.volume_change[person])
    moved = prob * responder.interest[reach.activity_week] * ~reach.reached * run.params["reactions"]["station_shift"]
    shop = horizon.shop_rub * (
        visits * (1 + responder.shop_change[person])
        - counted_inactive * active
        + counted_inactive * moved * responder.shop_change[person]
    )

    def expected(values: np.ndarray) -> np.ndarray:
        return np.bincount(person, values, minlength=size)[rows] * MONTH_DAYS / (7 * weeks)

    return {
        "response_prob": responder.response_prob[rows],
        "uplift_visits_per_month": expected(visits - counted_inactive * active),
        "uplift_volume_l_per_month": expected(litres),
        "uplift_margin_rub_per_month": expected(
            litres * horizon.margin_rub + run.params["shop"]["margin_share"] * shop
        ),
    }


def _lists(values: np.ndarray) -> pa.ListArray:
    """Convert a (rows, weeks) array to one list per row."""
    rows, weeks = values.shape
    return pa.ListArray.from_arrays(np.arange(rows + 1, dtype=np.int32) * weeks, values.ravel())
