"""Shop purchases on a visit: who enters, and the lines of the receipt."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.network import Network

LINE = pa.struct([("category_code", pa.string()), ("quantity", pa.int64()), ("amount_kopecks", pa.int64())])
DAYPARTS = np.repeat([0, 1, 2, 3, 0], [6, 4, 6, 6, 2])
"""Daypart of each hour: night, morning (6–9), day (10–15), evening (16–21)."""

MAX_ENTRY_PROB = 0.95


@dataclass(frozen=True)
class Offer:
    """Purchase probabilities, availability and prices of the shop's categories.

    Attributes
    ----------
    entry_share : ndarray, shape (categories,)
        Share of those who enter that buys the category.
    daypart : ndarray, shape (categories, 4)
        Ratio to the daily mean.
    is_sold : ndarray of bool, shape (categories, stations)
    price_rub : ndarray, shape (categories,)
    """

    entry_share: np.ndarray
    daypart: np.ndarray
    is_sold: np.ndarray
    price_rub: np.ndarray


def build_offer(run: Run, network: Network) -> Offer:
    """Collect what each station sells."""
    basket = run.params["basket"]
    sold = {
        "any": np.ones(len(network.station_region), dtype=bool),
        "cafe": network.station_has_cafe,
        "wash": network.station_has_wash,
    }
    return Offer(
        entry_share=np.array([item["entry_share"] for item in basket]),
        daypart=np.array([item["dayparts"] for item in basket]),
        is_sold=np.array([sold[item["needs"]] for item in basket]),
        price_rub=np.array([item["price_rub"] for item in basket], dtype=float),
    )


def entry_prob(run: Run, shop_affinity: np.ndarray) -> np.ndarray:
    """Probability that a person enters the shop on a visit; same shape as `shop_affinity`."""
    return np.minimum(run.params["shop"]["entry_prob"] * shop_affinity, MAX_ENTRY_PROB)


@dataclass(frozen=True)
class Lines:
    """Shop lines of visits, in ascending order of visit. Shapes (lines,).

    Attributes
    ----------
    visit, category, quantity : ndarray of int
    amount_rub : ndarray of float
        Whole roubles: price × quantity.
    """

    visit: np.ndarray
    category: np.ndarray
    quantity: np.ndarray
    amount_rub: np.ndarray


def draw_lines(
    run: Run,
    network: Network,
    rng: np.random.Generator,
    shop_affinity: np.ndarray,
    station: np.ndarray,
    hour: np.ndarray,
) -> Lines:
    """Draw the shop lines of visits; array arguments have shape (visits,)."""
    offer = build_offer(run, network)
    entered = np.flatnonzero(rng.random(len(station), dtype=np.float32) < entry_prob(run, shop_affinity))
    probability = offer.entry_share[:, None] * offer.daypart[:, DAYPARTS[hour[entered]]]
    probability *= offer.is_sold[:, station[entered]]
    bought = rng.random((len(entered), len(probability)), dtype=np.float32) < probability.T
    visit, category = np.nonzero(bought)
    shop = run.params["shop"]
    quantity = 1 + (rng.random(len(visit), dtype=np.float32) < shop["second_item_prob"]).astype(np.int64)
    noise = rng.standard_normal(len(visit), dtype=np.float32)
    price = np.rint(offer.price_rub[category] * np.exp(shop["price_sd"] * noise - shop["price_sd"] ** 2 / 2))
    return Lines(entered[visit], category, quantity, price * quantity)


def baskets(run: Run, lines: Lines, visits: int) -> pa.ListArray:
    """Group the lines of each of `visits` visits into a list of `LINE`."""
    names = [item["category_code"] for item in run.params["basket"]]
    codes = pa.DictionaryArray.from_arrays(lines.category.astype(np.int8), names)
    amount = pa.array((lines.amount_rub * 100).astype(np.int64))
    fields = pa.StructArray.from_arrays([codes.cast(pa.string()), pa.array(lines.quantity), amount], fields=list(LINE))
    ends = np.cumsum(np.bincount(lines.visit, minlength=visits))
    return pa.ListArray.from_arrays(np.concatenate([[0], ends]).astype(np.int32), fields)
