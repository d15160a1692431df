"""Receipts: the fills that came to us, with time, station, price, basket and payment."""

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.draws import cumulative_table, pick_by_group
from generator.fills import Fills, share_of_wallet
from generator.network import Network
from generator.people import PAYMENT_METHODS, People
from generator.streams import BLOCK_CLIENTS, stream

BLOCK_VISITS = 2**24
"""Room for the transaction ids of a block."""

BASKET_LINE = pa.struct([("category_code", pa.string()), ("quantity", pa.int64()), ("amount_kopecks", pa.int64())])


def draw_visits(run: Run, network: Network, people: People, fills: Fills, block: int) -> pa.Table:
    """Turn the fills of a block into receipts.

    Returns
    -------
    pyarrow.Table
        transaction_id, client_id, vehicle_id (both null when anonymous), station_id, occurred_at, fuel_grade,
        centilitres, price_kopecks_per_l, fuel_amount_kopecks, payment_method, basket (list of lines); ordered by time.
        Ids follow the order in time and say nothing of who came.
    """
    rng = stream(run.seed, "visits", block)
    ours = fills.choice < share_of_wallet(run, people, fills)
    vehicle, day, centilitres = fills.vehicle[ours], fills.day[ours].astype(np.int64), fills.centilitres[ours]
    person = people.vehicle_owner[vehicle]
    second = _second_of_day(run, people, person, rng)
    order = np.lexsort((second, day))
    vehicle, day, centilitres, person, second = (a[order] for a in (vehicle, day, centilitres, person, second))
    station = _station(run, network, people, person, rng)
    grade = _grade(run, people, vehicle, rng)
    price = network.price_kopecks[people.region[person], grade, day]
    identified = rng.random(len(person)) < people.identified_prob(run)[person]
    basket = _basket(run, network, people, person, station, rng)
    payment = _payment(run, people, person, rng)
    client = people.number[person]
    # A registered client of the block that the run cuts off is cut with the visits; walk-ins are cut in proportion.
    kept = _kept_people(run, people, block)[person]
    table = pa.table(
        {
            "transaction_id": block * BLOCK_VISITS + 1 + np.arange(len(person)),
            "client_id": pa.array(client, mask=~identified),
            "vehicle_id": pa.array(client * 1000 + people.vehicle_number[vehicle], mask=~identified),
            "station_id": station + 1,
            "occurred_at": pa.array(_timestamp(run, day, second)),
            "fuel_grade": pa.DictionaryArray.from_arrays(grade.astype(np.int8), run.grade_codes).cast(pa.string()),
            "centilitres": centilitres,
            "price_kopecks_per_l": price,
            # Half a kopeck is rounded up, as cash registers do.
            "fuel_amount_kopecks": (centilitres.astype(np.int64) * price + 50) // 100,
            "payment_method": pa.DictionaryArray.from_arrays(payment.astype(np.int8), list(PAYMENT_METHODS)).cast(
                pa.string()
            ),
            "basket": basket,
        }
    )
    return table if kept.all() else table.filter(pa.array(kept))


def _kept_people(run: Run, people: People, block: int) -> np.ndarray:
    clients = min(max(run.clients - block * BLOCK_CLIENTS, 0), BLOCK_CLIENTS)
    walk_ins = len(people.number) - BLOCK_CLIENTS
    position = np.arange(len(people.number))
    return np.where(
        position < BLOCK_CLIENTS,
        position < clients,
        (position - BLOCK_CLIENTS) * BLOCK_CLIENTS < walk_ins * clients,
    )


def _second_of_day(run: Run, people: People, person: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    hours = run.params["calendar"]["hour"]
    names = sorted(hours)
    profile = np.array([names.index(run.params["types"][code]["hour_profile"]) for code in run.type_codes])
    table = cumulative_table(np.array([hours[name] for name in names]))
    hour = pick_by_group(table, 24, profile[people.kind[person]], rng.random(len(person)))
    return hour * 3600 + rng.integers(0, 3600, len(person))


def _timestamp(run: Run, day: np.ndarray, second: np.ndarray) -> np.ndarray:
    start = run.start64.astype("datetime64[s]")
    return (start + (day * 86_400 + second).astype("timedelta64[s]")).astype("datetime64[us]")


def _station(run: Run, network: Network, people: People, person: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    home_share = np.array([run.params["types"][code]["home_station_share"] for code in run.type_codes])
    at_home = rng.random(len(person)) < home_share[people.kind[person]]
    region = people.region[person]
    other = pick_by_group(network.popularity, network.region_width, region, rng.random(len(person)))
    return np.where(at_home, people.home_station[person], network.region_offset[region] + other)


def _grade(run: Run, people: People, vehicle: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Now and then a petrol driver takes АИ-95 instead; diesel and gas cars cannot."""
    codes = run.grade_codes
    petrol = np.array([code not in ("diesel", "lpg") for code in codes])
    grade = people.grade[vehicle]
    switch = (rng.random(len(vehicle)) < run.params["fills"]["grade_switch_prob"]) & petrol[grade]
    return np.where(switch, codes.index("ai95"), grade)


def _payment(run: Run, people: People, person: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mostly the client's main method, else cash, card or app alike."""
    usual = rng.random(len(person)) < run.params["payment"]["main_method_prob"]
    other = rng.integers(0, PAYMENT_METHODS.index("fuel_card"), len(person))
    return np.where(usual, people.payment[person], other)


def _basket(
    run: Run, network: Network, people: People, person: np.ndarray, station: np.ndarray, rng: np.random.Generator
) -> pa.Array:
    """Draw shop lines of each visit, shape (visits,) of lists."""
    categories = run.params["basket"]
    offered = {
        "any": np.ones(len(station), dtype=bool),
        "cafe": network.station_has_cafe[station],
        "wash": network.station_has_wash[station],
    }
    probability = np.column_stack([item["visit_prob"] * offered[item["needs"]] for item in categories])
    probability *= people.shop_affinity[person][:, None]
    bought = rng.random(probability.shape, dtype=np.float32) < np.minimum(probability, 0.95)
    visit, category = np.nonzero(bought)
    shop = run.params["shop"]
    quantity = 1 + (rng.random(len(visit)) < shop["second_item_prob"]).astype(np.int64)
    price = np.array([item["price_rub"] for item in categories])[category]
    price = np.rint(price * np.exp(shop["price_sd"] * rng.standard_normal(len(visit)) - shop["price_sd"] ** 2 / 2))
    codes = pa.DictionaryArray.from_arrays(category.astype(np.int8), [item["category_code"] for item in categories])
    lines = pa.StructArray.from_arrays(
        [codes.cast(pa.string()), pa.array(quantity), pa.array((price * quantity * 100).astype(np.int64))],
        fields=list(BASKET_LINE),
    )
    offsets = np.concatenate([[0], np.cumsum(bought.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, lines)
