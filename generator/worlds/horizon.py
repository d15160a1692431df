"""Fills of the future, prepared to be played with or without any feature."""

from dataclasses import dataclass

import numpy as np

from generator.config import FUTURE_DAYS, Run
from generator.network import Network
from generator.people.clients import People
from generator.streams import stream
from generator.visits.basket import draw_lines
from generator.visits.fills import Fills, share_of_wallet
from generator.visits.visits import draw_hour, draw_station

FUTURE_WEEKS = FUTURE_DAYS // 7 - 1
"""Weeks that can be played: the last week drawn only supplies fills that are pulled forward."""


@dataclass(frozen=True)
class Horizon:
    """Identified fills after the history, by vehicle and time. Shapes (fills,).

    Experiments see only identified fills, like the metrics before them.

    Attributes
    ----------
    person : ndarray of int
    day : ndarray of float
        Days after the history, without any feature.
    litres, price_rub, margin_rub : ndarray of float
        Litres, and roubles per litre.
    choice, merge, shift : ndarray of float
        Common draws in [0, 1). `choice`: the fill is ours if below the share of wallet; `merge`: whether it joins the
        next fill; `shift`: whether a visit to another of our stations moves to the home station.
    ours_prob : ndarray of float
        Share of wallet without any feature.
    is_home, previous_is_home : ndarray of bool
        Whether the fill is at the home station if it is ours; the same for the vehicle's previous fill.
    shop_rub : ndarray of float
        Shop sales of the visit without any feature.
    pulled_days, pulled_l : ndarray of float
        How many days earlier the driver comes when pulled forward in full, and the litres not yet burned by then: they
        are missing from this fill and added to the next.
    previous_day, previous_pulled_days, owed_l : ndarray of float
        For the vehicle's previous fill: its day (minus infinity if there is none), how many days earlier it came when
        pulled forward in full, and the litres that are then added to this fill.
    """

    person: np.ndarray
    day: np.ndarray
    litres: np.ndarray
    price_rub: np.ndarray
    margin_rub: np.ndarray
    choice: np.ndarray
    merge: np.ndarray
    shift: np.ndarray
    ours_prob: np.ndarray
    is_home: np.ndarray
    previous_is_home: np.ndarray
    shop_rub: np.ndarray
    pulled_days: np.ndarray
    pulled_l: np.ndarray
    previous_day: np.ndarray
    previous_pulled_days: np.ndarray
    owed_l: np.ndarray

    def part(self, kept: np.ndarray) -> "Horizon":
        """Return the selected fills; `kept` is bool of shape (fills,)."""
        rows = np.flatnonzero(kept)
        return Horizon(**{name: values[rows] for name, values in vars(self).items()})


def build_horizon(run: Run, network: Network, people: People, fills: Fills, block: int) -> Horizon:
    """Prepare a block's future fills (see `draw_future_fills`)."""
    rng = stream(run.seed, "horizon", block)
    size, vehicle = len(fills.vehicle), fills.vehicle
    person = people.vehicles.owner[vehicle]
    ours_prob = share_of_wallet(run, network, people, fills)
    identified = rng.random(size) < people.identified_prob(run)[person]
    kind = people.life.kind[person]
    station = draw_station(run, network, people, person, kind, rng)
    lines = draw_lines(run, network, rng, people.shop_affinity[person], station, draw_hour(run, kind, rng))
    shop = np.bincount(lines.visit, lines.amount_rub, minlength=size)
    merge, shift = rng.random((2, size))
    is_home = station == people.home_station[person]
    pulled_days, pulled_l = _pull_forward(run, people, fills)
    follows = np.concatenate([[False], vehicle[1:] == vehicle[:-1]])
    day = fills.day.astype(np.int64)
    region, grade = people.region[person], people.vehicles.grade[vehicle]
    horizon = Horizon(
        person=person,
        day=fills.day - run.days,
        litres=fills.centilitres / 100,
        price_rub=network.prices.price_kopecks[region, grade, day] / 100,
        margin_rub=network.prices.margin_kopecks[region, grade, day] / 100,
        choice=fills.choice,
        merge=merge,
        shift=shift,
        ours_prob=ours_prob,
        is_home=is_home,
        previous_is_home=np.concatenate([[False], is_home[:-1]]),
        shop_rub=shop,
        pulled_days=pulled_days,
        pulled_l=pulled_l,
        previous_day=np.where(follows, np.concatenate([[0], fills.day[:-1] - run.days]), -np.inf),
        previous_pulled_days=np.concatenate([[0.0], pulled_days[:-1]]) * follows,
        owed_l=np.concatenate([[0.0], pulled_l[:-1]]) * follows,
    )
    return horizon.part((ours_prob > 0) & identified)


def _pull_forward(run: Run, people: People, fills: Fills) -> tuple[np.ndarray, np.ndarray]:
    """Days by which a driver comes earlier when pulled forward in full, and the litres not yet burned by then.

    The tank is filled to the same level as without the feature, so the litres missing from this fill are missing from
    the tank before the next one: they are limited by the level then.
    """
    share = run.params["reactions"]["pull_forward_share"]
    vehicle = fills.vehicle
    is_last = np.concatenate([vehicle[1:] != vehicle[:-1], [True]])
    is_first = np.concatenate([[True], is_last[:-1]])
    next_level = np.where(is_last, fills.before_l, np.concatenate([fills.before_l[1:], [0.0]]))
    previous_day = np.where(is_first, run.days, np.concatenate([[0.0], fills.day[:-1]]))
    previous_after_l = np.concatenate([[0.0], fills.before_l[:-1] + fills.centilitres[:-1] / 100])
    # Of the first fill's gap only the part after the history can be shortened.
    use = people.vehicles.use_l_per_day[vehicle]
    burned = np.where(is_first, (fills.day - run.days) * use, previous_after_l - fills.before_l)
    burned = np.minimum(burned, fills.centilitres / 100)
    pulled_l = np.minimum(share * burned, 0.9 * next_level)
    gap = fills.day - previous_day
    return gap * np.divide(pulled_l, burned, out=np.zeros_like(burned), where=burned > 0), pulled_l
