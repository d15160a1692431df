"""Drivers and companies of a block, with their vehicles: registered clients, and walk-ins who never show a card."""

from dataclasses import dataclass

import numpy as np

from generator.config import Run
from generator.draws import beta_by_mean, cumulative_table, pick_by_group
from generator.network import Network
from generator.people.life import NEW_DAYS, Life, draw_life
from generator.people.vehicles import Vehicles, draw_vehicles
from generator.streams import BLOCK_CLIENTS, stream

PAYMENT_METHODS = ("cash", "card", "app", "fuel_card")


@dataclass(frozen=True)
class People:
    """People of one block: the first `BLOCK_CLIENTS` are registered clients, the rest walk-ins. Shapes (people,).

    Attributes
    ----------
    number : ndarray of int
        Client number from 1; 0 for walk-ins.
    life : Life
        Latent behaviour (index into ``run.kinds``), and when the client registers, changes behaviour and leaves.
    region, home_station : ndarray of int
    is_corporate, has_loyalty_card, has_fuel_card, has_contract : ndarray of bool
    has_marketing_consent : ndarray of bool
        Whether personal offers may be sent.
    payment : ndarray of int
        Index into `PAYMENT_METHODS`.
    first_wallet_share, wallet_share : ndarray of float
        Our share of the client's fills once the habit has settled, before and after the change of behaviour.
    shop_affinity : ndarray of float
        Frequency of entering the shop relative to the average visitor.
    vehicles : Vehicles
    """

    number: np.ndarray
    life: Life
    region: np.ndarray
    home_station: np.ndarray
    is_corporate: np.ndarray
    has_loyalty_card: np.ndarray
    has_fuel_card: np.ndarray
    has_contract: np.ndarray
    has_marketing_consent: np.ndarray
    payment: np.ndarray
    first_wallet_share: np.ndarray
    wallet_share: np.ndarray
    shop_affinity: np.ndarray
    vehicles: Vehicles

    @property
    def is_client(self) -> np.ndarray:
        """Whether each person is a registered client, shape (people,)."""
        return self.number > 0

    def identified_prob(self, run: Run) -> np.ndarray:
        """Probability that a visit is linked to the person (by card, else by app or phone), shape (people,)."""
        params = run.params["identification"]
        by_card = [params["fuel_card"], params["loyalty_card"]]
        return self.is_client * np.select([self.has_fuel_card, self.has_loyalty_card], by_card, params["none"])

    def is_new(self, run: Run) -> np.ndarray:
        """Whether each person registered less than `NEW_DAYS` before the end of the history, shape (people,)."""
        return run.days - 1 - self.life.registered_day < NEW_DAYS


def draw_people(run: Run, network: Network, block: int) -> People:
    """Draw the people of a block. A block is always drawn whole, whatever the run's size."""
    rng = stream(run.seed, "people", block)
    size = BLOCK_CLIENTS + round(BLOCK_CLIENTS * run.params["identification"]["walk_ins_per_client"])
    is_client = np.arange(size) < BLOCK_CLIENTS
    shares = np.array([[kind["share"] for kind in run.kinds[:-1]]])
    drawn = pick_by_group(cumulative_table(shares), shares.size, np.zeros(size, np.int64), rng.random(size))
    first_kind = np.where(is_client, drawn, shares.size)
    life = draw_life(run, rng, first_kind, is_client)
    region, home = _draw_home(run, network, rng, size)
    has_fuel_card = rng.random(size) < run.of_kind("has_fuel_card", first_kind)
    is_corporate = rng.random(size) < run.of_kind("corporate_prob", first_kind)
    shop_affinity = run.of_kind("shop_affinity", life.kind) * rng.lognormal(0, run.params["shop"]["affinity_sd"], size)
    likes_home = 1 + run.params["stations"]["cafe_pull"] * (
        network.station_has_cafe[home] - run.params["stations"]["cafe_share"]
    )
    first_wallet, wallet = (beta_by_mean(rng, *run.of_kind("wallet_share", kind).T) for kind in (first_kind, life.kind))
    has_loyalty_card = rng.random(size) < run.of_kind("has_loyalty_card", first_kind)
    return People(
        number=np.where(is_client, block * BLOCK_CLIENTS + 1 + np.arange(size), 0),
        life=life,
        region=region,
        home_station=home,
        is_corporate=is_corporate,
        has_loyalty_card=has_loyalty_card,
        has_fuel_card=has_fuel_card,
        has_contract=rng.random(size) < run.of_kind("has_contract", first_kind),
        has_marketing_consent=_draw_consent(run, block, has_loyalty_card),
        payment=_draw_payment(run, rng, first_kind, has_fuel_card),
        first_wallet_share=np.minimum(first_wallet * likes_home, 0.98),
        # Clients who do not change keep one habit.
        wallet_share=np.minimum(np.where(np.isinf(life.change_day), first_wallet, wallet) * likes_home, 0.98),
        shop_affinity=shop_affinity,
        vehicles=draw_vehicles(run, rng, first_kind, is_corporate),
    )


def _draw_home(run: Run, network: Network, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the region and the home station."""
    weights = np.array([[item["client_weight"] for item in run.params["regions"]]])
    region = pick_by_group(cumulative_table(weights), weights.size, np.zeros(size, np.int64), rng.random(size))
    position = pick_by_group(network.popularity, network.region_width, region, rng.random(size))
    return region, network.region_offset[region] + position


def _draw_consent(run: Run, block: int, has_loyalty_card: np.ndarray) -> np.ndarray:
    """Draw who consents to offers, from a separate stream so that nothing else depends on it."""
    params = run.params["consent"]
    agrees = np.where(has_loyalty_card, params["loyalty_card"], params["none"])
    return stream(run.seed, "consent", block).random(len(agrees)) < agrees


def _draw_payment(run: Run, rng: np.random.Generator, kind: np.ndarray, has_fuel_card: np.ndarray) -> np.ndarray:
    """Draw the main payment method; without a fuel card, `fuel_card` is replaced by `card`."""
    weights = np.array([[item["main_payment"].get(method, 0) for method in PAYMENT_METHODS] for item in run.kinds])
    payment = pick_by_group(cumulative_table(weights), len(PAYMENT_METHODS), kind, rng.random(len(kind)))
    by_card = payment == PAYMENT_METHODS.index("fuel_card")
    return np.where(by_card & ~has_fuel_card, PAYMENT_METHODS.index("card"), payment)
