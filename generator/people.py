"""Drivers and companies of a block: registered clients, and walk-ins that never give a card; with their vehicles."""

from dataclasses import dataclass

import numpy as np

from generator.config import Run
from generator.draws import beta_by_mean, cumulative_table, pick_by_group, row_numbers
from generator.network import Network
from generator.streams import BLOCK_CLIENTS, stream

NEW_DAYS = 60
"""Tenure under which a client is new, days (design: the portrait «Новые клиенты»)."""

MAX_VEHICLES = 999
PAYMENT_METHODS = ("cash", "card", "app", "fuel_card")


@dataclass(frozen=True)
class People:
    """People of one block; the first `BLOCK_CLIENTS` are registered clients, the rest are walk-ins.

    Attributes
    ----------
    number : ndarray of int, shape (people,)
        Client number from 1; walk-ins have 0.
    kind : ndarray of int
        Latent behaviour: index into ``run.type_codes``.
    registered_day, left_day : ndarray of float
        Days from period_start (negative before it); a client that never left has infinity.
    region, home_station : ndarray of int
    is_corporate, has_loyalty_card, has_fuel_card, has_contract : ndarray of bool
    payment : ndarray of int
        Index into `PAYMENT_METHODS`.
    wallet_share : ndarray of float
        Share of the client's fills that comes to us once the habit is settled.
    shop_affinity : ndarray of float
        Shop visits relative to the average visitor.
    vehicle_owner : ndarray of int, shape (vehicles,)
        Person of a vehicle, ascending.
    vehicle_number : ndarray of int
        Vehicle of its owner, from 1.
    grade : ndarray of int
        Index into ``run.grade_codes``.
    tank_l, fill_l, use_l_per_day : ndarray of float
        Tank, mean fill, mean consumption.
    """

    number: np.ndarray
    kind: np.ndarray
    registered_day: np.ndarray
    left_day: np.ndarray
    region: np.ndarray
    home_station: np.ndarray
    is_corporate: np.ndarray
    has_loyalty_card: np.ndarray
    has_fuel_card: np.ndarray
    has_contract: np.ndarray
    payment: np.ndarray
    wallet_share: np.ndarray
    shop_affinity: np.ndarray
    vehicle_owner: np.ndarray
    vehicle_number: np.ndarray
    grade: np.ndarray
    tank_l: np.ndarray
    fill_l: np.ndarray
    use_l_per_day: np.ndarray

    @property
    def is_client(self) -> np.ndarray:
        """Registered clients, shape (people,)."""
        return self.number > 0

    def identified_prob(self, run: Run) -> np.ndarray:
        """Probability that a visit is known to be this person's, shape (people,): by card, else by app or phone."""
        params = run.params["identification"]
        by_card = [params["fuel_card"], params["loyalty_card"]]
        return self.is_client * np.select([self.has_fuel_card, self.has_loyalty_card], by_card, params["none"])

    def tenure_days(self, run: Run) -> np.ndarray:
        """Days from registration to the end of history, shape (people,)."""
        return run.days - 1 - self.registered_day


def draw_people(run: Run, network: Network, block: int) -> People:
    """Draw the people of a block: always the whole block, whatever the run's size."""
    rng = stream(run.seed, "people", block)
    walk_ins = round(BLOCK_CLIENTS * run.params["identification"]["walk_ins_per_client"])
    size = BLOCK_CLIENTS + walk_ins
    types = [run.params["types"][code] for code in run.type_codes]
    kind = _draw_kind(types, rng, size)

    def each(name: str) -> np.ndarray:
        return np.array([item[name] for item in types])[kind]

    number = np.concatenate([block * BLOCK_CLIENTS + 1 + np.arange(BLOCK_CLIENTS), np.zeros(walk_ins, np.int64)])
    registered_day, left_day = _draw_life(run, rng, size)
    region_weights = np.array([[item["client_weight"] for item in run.params["regions"]]])
    region = pick_by_group(
        cumulative_table(region_weights), region_weights.size, np.zeros(size, np.int64), rng.random(size)
    )
    home = network.region_offset[region] + pick_by_group(
        network.popularity, network.region_width, region, rng.random(size)
    )
    payment_weights = np.array([[item["main_payment"].get(method, 0) for method in PAYMENT_METHODS] for item in types])
    payment = pick_by_group(cumulative_table(payment_weights), len(PAYMENT_METHODS), kind, rng.random(size))
    wallet = each("wallet_share")
    has_fuel_card = rng.random(size) < each("has_fuel_card")
    card = PAYMENT_METHODS.index("fuel_card")
    person = {
        "number": number,
        "kind": kind,
        "registered_day": registered_day,
        "left_day": left_day,
        "region": region,
        "home_station": home,
        "is_corporate": rng.random(size) < each("corporate_prob"),
        "has_loyalty_card": rng.random(size) < each("has_loyalty_card"),
        "has_fuel_card": has_fuel_card,
        "has_contract": rng.random(size) < each("has_contract"),
        "payment": np.where((payment == card) & ~has_fuel_card, PAYMENT_METHODS.index("card"), payment),
        "wallet_share": beta_by_mean(rng, wallet[:, 0], wallet[:, 1]),
        "shop_affinity": each("shop_affinity") * rng.lognormal(0, run.params["shop"]["affinity_sd"], size),
    }
    return People(**person, **_draw_vehicles(run, types, kind, rng))


def _draw_kind(types: list[dict], rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw latent behaviours; walk-ins are private drivers without a fuel card."""
    shares = np.array([item["share"] for item in types])
    private = shares * np.array([item["corporate_prob"] == 0 for item in types])
    table = cumulative_table(np.vstack([shares, private if private.any() else shares]))
    is_walk_in = (np.arange(size) >= BLOCK_CLIENTS).astype(np.int64)
    return pick_by_group(table, len(types), is_walk_in, rng.random(size))


def _draw_life(run: Run, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw registration and leaving, days from period_start; whoever registered late has not left yet."""
    params = run.params["life_cycle"]
    last_day = run.days - 1
    is_new = rng.random(size) < params["new_share"]
    tenure = np.where(
        is_new, rng.integers(0, NEW_DAYS, size), NEW_DAYS + np.floor(rng.exponential(params["tenure_mean_days"], size))
    )
    leaving = rng.random(size) < params["churned_share"]
    left = np.where(leaving & ~is_new, rng.uniform(0.1, 1.0, size) * last_day, np.inf)
    registered = (last_day - tenure).astype(np.int64)
    return registered, np.where(left > registered + NEW_DAYS, left, np.inf)


def _draw_vehicles(run: Run, types: list[dict], kind: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw each person's vehicles: a lognormal number beyond the first, so that fleets differ widely."""

    def each(name: str, index: np.ndarray) -> np.ndarray:
        return np.array([item[name] for item in types])[index]

    extra = each("vehicles", kind)
    lognormal = extra[:, 0] * np.exp(extra[:, 1] * rng.standard_normal(len(kind)) - extra[:, 1] ** 2 / 2)
    counts = 1 + np.minimum(np.floor(lognormal + rng.random(len(kind))), MAX_VEHICLES - 1).astype(np.int64)
    owner = np.repeat(np.arange(len(kind)), counts)
    vehicle_kind = kind[owner]
    size = len(owner)
    grade_weights = np.array([[item["grades"].get(code, 0) for code in run.grade_codes] for item in types])
    tank, fill, use = (each(name, vehicle_kind) for name in ("tank_l", "fill_share", "use_l_per_day"))
    tank_l = np.clip(np.rint(tank[:, 0] + tank[:, 1] * rng.standard_normal(size)), 30, 900)
    fill_share = np.clip(fill[:, 0] + fill[:, 1] * rng.standard_normal(size), 0.25, 0.85)
    return {
        "vehicle_owner": owner,
        "vehicle_number": row_numbers(counts) + 1,
        "grade": pick_by_group(cumulative_table(grade_weights), len(run.grade_codes), vehicle_kind, rng.random(size)),
        "tank_l": tank_l,
        "fill_l": fill_share * tank_l,
        "use_l_per_day": use[:, 0] * np.exp(use[:, 1] * rng.standard_normal(size)),
    }
