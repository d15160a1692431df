"""Both worlds of each client and feature over the experiment: without it and with it, from the same random numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.effects import Feature
from generator.fills import Fills, share_of_wallet
from generator.network import Network
from generator.people import People
from generator.streams import stream
from generator.tables import client_rows, portrait_codes

MONTH_DAYS = 30.4375


@dataclass(frozen=True)
class Horizon:
    """The fills of a block after the history, ready to be decided by any feature.

    Attributes
    ----------
    person, week : ndarray of int, shape (fills,)
    litres, price_rub, margin_rub : ndarray of float
        Litres, and roubles per litre.
    choice, merge : ndarray of float
        Common draws: under the share of wallet the fill is ours; `merge` decides whether it joins the next one.
    ours_prob : ndarray of float
        Share of wallet without any feature.
    shop_rub : ndarray of float
        What the shop would sell on the visit without any feature.
    """

    person: np.ndarray
    week: np.ndarray
    litres: np.ndarray
    price_rub: np.ndarray
    margin_rub: np.ndarray
    choice: np.ndarray
    merge: np.ndarray
    ours_prob: np.ndarray
    shop_rub: np.ndarray


def build_horizon(run: Run, network: Network, people: People, fills: Fills, block: int) -> Horizon:
    """Prepare a block's fills after the history (see `draw_future_fills`).

    Only fills that would be identified: an experiment sees no others, as the metrics before it did not.
    """
    rng = stream(run.seed, "horizon", block)
    ours_prob = share_of_wallet(run, people, fills)
    identified = rng.random(len(fills.vehicle)) < people.identified_prob(run)[people.vehicle_owner[fills.vehicle]]
    later = (ours_prob > 0) & identified
    vehicle, day = fills.vehicle[later], fills.day[later].astype(np.int64)
    person, grade = people.vehicle_owner[vehicle], people.grade[vehicle]
    shop = run.params["shop"]
    buys = np.minimum(people.shop_affinity[person] * _items_per_visit(run, network, people)[person], 0.95)
    amount = _mean_item_rub(run) * np.exp(0.6 * rng.standard_normal(len(person)) - 0.18)
    return Horizon(
        person=person,
        week=(day - run.days) // 7,
        litres=fills.centilitres[later] / 100,
        price_rub=network.price_kopecks[people.region[person], grade, day] / 100,
        margin_rub=network.margin_kopecks[people.region[person], grade, day] / 100,
        choice=fills.choice[later],
        merge=rng.random(len(person)),
        ours_prob=ours_prob[later],
        shop_rub=(rng.random(len(person)) < buys) * amount * (1 + shop["second_item_prob"]),
    )


def draw_outcomes(
    run: Run, people: People, horizon: Horizon, features: list[Feature], block: int, weeks: int
) -> pa.Table:
    """Draw the two worlds and the expected effects of a block's clients.

    Demand is conserved: with a feature the vehicles burn the same fuel. A responding client brings us more of the fills
    that went to competitors (never more than there are), or buys the same litres in fewer, larger fills.

    Returns
    -------
    pyarrow.Table
        One row per client × feature: totals over the horizon ``…_without`` and ``…_with``, whether the client responds
        when offered, weekly lists of visits in both worlds and of responses; response_prob and the expected change
        when offered (``uplift_…_per_month``), over the client's choices given its fills.
    """
    rows = client_rows(run, people)
    without = _world(run, people, horizon, weeks, None, None)
    parts = []
    for feature in features:
        responder = _draw_responders(run, people, feature, block, weeks)
        world = _world(run, people, horizon, weeks, feature, responder)
        columns = _outcome_columns(people, rows, feature, without, world)
        columns |= _effect_columns(run, people, horizon, rows, feature, responder, weeks)
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


@dataclass(frozen=True)
class Responders:
    """How each person takes a feature. Shapes (people,), `active` (people, weeks)."""

    response_prob: np.ndarray
    visits_change: np.ndarray
    volume_change: np.ndarray
    shop_change: np.ndarray
    active: np.ndarray


def _draw_responders(run: Run, people: People, feature: Feature, block: int, weeks: int) -> Responders:
    """Draw who responds and how strongly: the portrait's true effect, and differences between its clients."""
    rng = stream(run.seed, "responders", block, feature.code)
    size = len(people.number)
    portraits = portrait_codes(run, people)
    params = run.params["reactions"]
    probability = np.clip(feature.effect(portraits, "response_prob"), 1e-6, 1 - 1e-6)
    logit = np.log(probability / (1 - probability)) + params["response_logit_sd"] * rng.standard_normal(size)
    response_prob = 1 / (1 + np.exp(-logit))
    log_sd = params["effect_log_sd"]
    strength = np.exp(log_sd * rng.standard_normal(size) - log_sd**2 / 2)
    willing = rng.random(size) < response_prob
    patience = rng.random(size)
    return Responders(
        response_prob=response_prob,
        visits_change=feature.effect(portraits, "visits_change") * strength,
        volume_change=feature.effect(portraits, "volume_per_visit_change"),
        shop_change=np.maximum(feature.effect(portraits, "shop_change") * strength, -1),
        # One draw of patience per client: whoever is active in a week is so in every week of more interest.
        active=willing[:, None] & (patience[:, None] < feature.interest(weeks)),
    )


def _wallet_with(run: Run, share: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Share of wallet of a responding client: raised by `change`, within what competitors still have."""
    ceiling = np.maximum(run.params["reactions"]["max_wallet_share"], share)
    return np.clip(share * (1 + change), 0, ceiling)


def _world(
    run: Run, people: People, horizon: Horizon, weeks: int, feature: Feature | None, responder: Responders | None
) -> dict[str, np.ndarray]:
    """Play the horizon through in one world; returns totals (people,) and weekly arrays (people, weeks)."""
    size = len(people.number)
    cell = horizon.person * weeks + horizon.week
    visit, shop = np.ones(len(cell)), horizon.shop_rub
    ours_prob = horizon.ours_prob
    active = np.zeros(len(cell), dtype=bool)
    if responder is not None:
        active = responder.active[horizon.person, horizon.week]
        changed = _wallet_with(run, ours_prob, responder.visits_change[horizon.person])
        ours_prob = np.where(active, changed, ours_prob)
        frequency = 1 / (1 + responder.volume_change[horizon.person])
        # Fewer, larger fills: a fill joins its neighbour; more, smaller ones: a fill is split. Litres stay.
        whole = np.floor(frequency)
        visit = np.where(active, whole + (horizon.merge < frequency - whole), 1.0)
        shop = np.where(active, shop * (1 + responder.shop_change[horizon.person]), shop)
    ours = horizon.choice < ours_prob

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(horizon.person[ours], values[ours], minlength=size)

    visits = visit * ours
    shop_amount = total(shop * visit)
    world = {
        "visits_count": total(visit),
        "volume_l": total(horizon.litres),
        "shop_amount_rub": shop_amount,
        "revenue_rub": total(horizon.litres * horizon.price_rub) + shop_amount,
        "margin_rub": total(horizon.litres * horizon.margin_rub) + run.params["shop"]["margin_share"] * shop_amount,
        "weekly_visits": np.bincount(cell, visits, minlength=size * weeks).reshape(size, weeks),
    }
    if feature is not None:
        used = np.bincount(cell, visits * active, minlength=size * weeks).reshape(size, weeks) > 0
        cost = feature.cost
        world["weekly_responses"] = used
        world["has_responded"] = used.any(axis=1)
        world["cost_rub"] = (
            cost["rub_per_visit"] * total(visit * active)
            + cost["rub_per_l"] * total(horizon.litres * active)
            + cost["rub_per_client_per_month"] * weeks * 7 / MONTH_DAYS
        )
    return world


def _outcome_columns(
    people: People, rows: np.ndarray, feature: Feature, without: dict[str, np.ndarray], world: dict[str, np.ndarray]
) -> dict[str, pa.Array | np.ndarray]:
    columns: dict[str, pa.Array | np.ndarray] = {
        "client_id": people.number[rows],
        "feature_code": pa.repeat(feature.code, len(rows)),
        "has_responded_with": world["has_responded"][rows],
        "cost_rub_with": world["cost_rub"][rows],
    }
    for name in ("visits_count", "volume_l", "shop_amount_rub", "revenue_rub", "margin_rub"):
        columns[f"{name}_without"] = without[name][rows]
        columns[f"{name}_with"] = world[name][rows]
    columns["weekly_visits_without"] = _lists(without["weekly_visits"][rows].astype(np.int32))
    columns["weekly_visits_with"] = _lists(world["weekly_visits"][rows].astype(np.int32))
    columns["weekly_responses_with"] = _lists(world["weekly_responses"][rows].astype(np.int8))
    return columns


def _effect_columns(
    run: Run, people: People, horizon: Horizon, rows: np.ndarray, feature: Feature, responder: Responders, weeks: int
) -> dict[str, np.ndarray]:
    """Expected effects: over the client's own choices, given its fills of the horizon."""
    size = len(people.number)
    per_month = MONTH_DAYS / (7 * weeks)
    activity = responder.response_prob[horizon.person] * feature.interest(weeks)[horizon.week]
    changed = _wallet_with(run, horizon.ours_prob, responder.visits_change[horizon.person])
    frequency = 1 / (1 + responder.volume_change[horizon.person])
    shop_with = changed * frequency * (1 + responder.shop_change[horizon.person])

    def expected(values: np.ndarray) -> np.ndarray:
        return np.bincount(horizon.person, values * activity, minlength=size)[rows] * per_month

    gained = changed - horizon.ours_prob
    shop_gained = run.params["shop"]["margin_share"] * horizon.shop_rub * (shop_with - horizon.ours_prob)
    return {
        "response_prob": responder.response_prob[rows],
        "uplift_visits_per_month": expected(changed * frequency - horizon.ours_prob),
        "uplift_volume_l_per_month": expected(horizon.litres * gained),
        "uplift_margin_rub_per_month": expected(horizon.litres * horizon.margin_rub * gained + shop_gained),
    }


def _items_per_visit(run: Run, network: Network, people: People) -> np.ndarray:
    """Shop lines per visit of an average client at each person's home station, shape (people,)."""
    offered = {
        "any": np.ones(len(people.home_station), dtype=bool),
        "cafe": network.station_has_cafe[people.home_station],
        "wash": network.station_has_wash[people.home_station],
    }
    return sum(item["visit_prob"] * offered[item["needs"]] for item in run.params["basket"])


def _mean_item_rub(run: Run) -> float:
    basket = run.params["basket"]
    return sum(item["visit_prob"] * item["price_rub"] for item in basket) / sum(item["visit_prob"] for item in basket)


def _lists(values: np.ndarray) -> pa.ListArray:
    """Pack a (rows, weeks) array as one list a row."""
    rows, weeks = values.shape
    return pa.ListArray.from_arrays(np.arange(rows + 1, dtype=np.int32) * weeks, values.ravel())
