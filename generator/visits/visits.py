"""Receipts: our fills, with time, station, price, basket and payment."""

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.draws import cumulative_table, pick_by_group
from generator.network import Network
from generator.people.clients import PAYMENT_METHODS, People
from generator.prices import shock_by_day
from generator.streams import BLOCK_CLIENTS, stream
from generator.visits.basket import baskets, draw_lines
from generator.visits.fills import Fills, share_of_wallet

BLOCK_VISITS = 2**24
"""Number of transaction ids reserved for a block."""

CHEAPER = {"ai100": "ai98", "ai98": "ai95", "ai95_eco": "ai95", "ai95": "ai92"}
"""Next cheaper grade that a petrol car can also use."""

_USUAL_RISE = 0.1
"""Price rise to which ``price_reaction.trade_down_share`` refers."""


def draw_visits(run: Run, network: Network, people: People, fills: Fills, block: int) -> pa.Table:
    """Turn the fills of a block into receipts.

    Returns
    -------
    pyarrow.Table
        transaction_id, client_id, vehicle_id (both null when anonymous), station_id, occurred_at, fuel_grade,
        centilitres, price_kopecks_per_l, fuel_amount_kopecks, payment_method, basket (list of lines); ordered by time.
        Ids are ascending in time; they reveal nothing about the client beyond the block of 1,000.
    """
    rng = stream(run.seed, "visits", block)
    ours = fills.choice < share_of_wallet(run, network, people, fills)
    vehicle, centilitres = fills.vehicle[ours], fills.centilitres[ours]
    day: np.ndarray = fills.day[ours].astype(np.int64)
    person = people.vehicles.owner[vehicle]
    kind = people.life.kind_on(person, day)
    second: np.ndarray = draw_hour(run, kind, rng) * 3600 + rng.integers(0, 3600, len(kind), dtype=np.int32)
    order = np.argsort(day * 86_400 + second, kind="stable")
    vehicle, day, centilitres, person, kind, second = (
        values[order] for values in (vehicle, day, centilitres, person, kind, second)
    )
    station = draw_station(run, network, people, person, kind, rng)
    grade = _grade(run, people, vehicle, day, rng)
    price = network.prices.price_kopecks[people.region[person], grade, day]
    identified = rng.random(len(person), dtype=np.float32) < people.identified_prob(run)[person]
    lines = draw_lines(run, network, rng, people.shop_affinity[person], station, second // 3600)
    payment = _payment(run, people, person, rng)
    client = people.number[person]
    # Visits of clients beyond the size of the run are dropped; walk-ins are cut in proportion.
    kept = _kept_people(run, people, block)[person]
    table = pa.table(
        {
            "transaction_id": block * BLOCK_VISITS + 1 + np.arange(len(person)),
            "client_id": pa.array(client, mask=~identified),
            "vehicle_id": pa.array(client * 1000 + people.vehicles.number[vehicle], mask=~identified),
            "station_id": station + 1,
            "occurred_at": pa.array(_timestamp(run, day, second)),
            "fuel_grade": pa.DictionaryArray.from_arrays(grade.astype(np.int8), run.grade_codes).cast(pa.string()),
            "centilitres": centilitres,
            "price_kopecks_per_l": price,
            # Half a kopeck rounds up, as in cash registers.
            "fuel_amount_kopecks": (centilitres.astype(np.int64) * price + 50) // 100,
            "payment_method": pa.DictionaryArray.from_arrays(payment.astype(np.int8), list(PAYMENT_METHODS)).cast(
                pa.string()
            ),
            "basket": baskets(run, lines, len(person)),
        }
    )
    return table if kept.all() else table.filter(pa.array(kept))


def draw_station(
    run: Run, network: Network, people: People, person: np.ndarray, kind: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw the station of each visit: the home station, or any of the region by popularity; shape (visits,)."""
    at_home = rng.random(len(person), dtype=np.float32) < run.of_kind("home_station_share", kind)
    region = people.region[person]
    other = pick_by_group(network.popularity, network.region_width, region, rng.random(len(person)))
    return np.where(at_home, people.home_station[person], network.region_offset[region] + other)


def _kept_people(run: Run, people: People, block: int) -> np.ndarray:
    clients = min(max(run.clients - block * BLOCK_CLIENTS, 0), BLOCK_CLIENTS)
    walk_ins = len(people.number) - BLOCK_CLIENTS
    position = np.arange(len(people.number))
    return np.where(
        position < BLOCK_CLIENTS,
        position < clients,
        (position - BLOCK_CLIENTS) * BLOCK_CLIENTS < walk_ins * clients,
    )


def draw_hour(run: Run, kind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the hour (0–23) of each visit from the profile of its latent behaviour; shape (visits,)."""
    hours = run.params["calendar"]["hour"]
    names = sorted(hours)
    profile = np.array([names.index(item["hour_profile"]) for item in run.kinds])
    table = cumulative_table(np.array([hours[name] for name in names]))
    return pick_by_group(table, 24, profile[kind], rng.random(len(kind)))


def _timestamp(run: Run, day: np.ndarray, second: np.ndarray) -> np.ndarray:
    start = run.start64.astype("datetime64[us]").astype(np.int64)
    return (start + (day * 86_400 + second) * 1_000_000).view("datetime64[us]")


def _grade(run: Run, people: People, vehicle: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fuel grade of each visit, shape (visits,).

    Petrol drivers occasionally take АИ-95 instead of their own grade; after a price jump some private ones take the
    next cheaper grade. Diesel and gas vehicles cannot switch.
    """
    codes = run.grade_codes
    petrol = np.array([code not in ("diesel", "lpg") for code in codes])
    grade = people.vehicles.grade[vehicle]
    switch = rng.random(len(vehicle), dtype=np.float32) < run.params["fills"]["grade_switch_prob"]
    grade = np.where(switch & petrol[grade], codes.index("ai95"), grade)
    if run.params["knobs"]["price_shock"]["change"] <= 0:
        return grade
    cheaper = np.array([codes.index(CHEAPER.get(code, code)) for code in codes])
    rise = np.minimum(shock_by_day(run, run.days) / _USUAL_RISE, 1)
    is_private = ~people.is_corporate[people.vehicles.owner[vehicle]]
    share = run.params["price_reaction"]["trade_down_share"] * rise[day] * is_private
    return np.where(rng.random(len(vehicle)) < share, cheaper[grade], grade)


def _payment(run: Run, people: People, person: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Payment method of each visit: usually the client's main one, else cash, card or app with equal probability."""
    usual = rng.random(len(person), dtype=np.float32) < run.params["payment"]["main_method_prob"]
    other = rng.integers(0, PAYMENT_METHODS.index("fuel_card"), len(person), dtype=np.int8)
    return np.where(usual, people.payment[person], other)
