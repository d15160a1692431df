"""A client's lifetime: registration, a change of behaviour, leaving."""

from dataclasses import dataclass

import numpy as np

from generator.config import FUTURE_DAYS, Run

YEAR_DAYS = 365
NEW_DAYS = 60
"""Tenure in days below which a client is new (the portrait «Новые клиенты»)."""


@dataclass(frozen=True)
class Life:
    """When things happen to each person, in days from period_start; shapes (people,).

    Attributes
    ----------
    registered_day : ndarray of float
        Negative before the history; minus infinity for walk-ins, who never register.
    left_day : ndarray of float
        First day on which the client no longer comes, possibly after the history; infinity for clients who stay.
    first_kind, kind : ndarray of int
        Latent behaviour before and after the change; equal without a change.
    change_day : ndarray of float
        Day of the change; infinity without one.
    """

    registered_day: np.ndarray
    left_day: np.ndarray
    first_kind: np.ndarray
    kind: np.ndarray
    change_day: np.ndarray

    def kind_on(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Latent behaviour of the given persons on the given days, shape (n,)."""
        return np.where(day < self.change_day[person], self.first_kind[person], self.kind[person])


def draw_life(run: Run, rng: np.random.Generator, first_kind: np.ndarray, is_client: np.ndarray) -> Life:
    """Draw the lifetimes of a block: no changes or leaving while new, no change of behaviour after the history."""
    params = run.params["life_cycle"]
    size, last_day = len(first_kind), run.days - 1
    is_new = rng.random(size) < params["new_share"]
    tenure = np.where(
        is_new, rng.integers(0, NEW_DAYS, size), NEW_DAYS + np.floor(rng.exponential(params["tenure_mean_days"], size))
    )
    registered = np.where(is_client, last_day - tenure, -np.inf)
    # The daily probability of a settled client leaving is constant over the history and the future after it.
    leaving_rate = -np.log1p(-params["leaving_per_year"]) / YEAR_DAYS
    stays = rng.standard_exponential(size) / max(leaving_rate, 1e-12)
    left = np.where(is_client, np.floor(np.maximum(registered + NEW_DAYS, 0) + stays), np.inf)
    left = np.where(left < run.days + FUTURE_DAYS, left, np.inf)
    kind, change = _draw_change(run, rng, first_kind)
    settles = is_client & (change > registered + NEW_DAYS) & (change < left)
    return Life(registered, left, first_kind, np.where(settles, kind, first_kind), np.where(settles, change, np.inf))


def _draw_change(run: Run, rng: np.random.Generator, first_kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw at most one change of behaviour within the history, at the yearly shares of the configuration."""
    size = len(first_kind)
    share = np.zeros((len(run.kinds), len(run.kinds)))
    for step in run.params["life_cycle"]["transitions"]:
        share[run.type_codes.index(step["from"]), run.type_codes.index(step["to"])] += step["share_per_year"]
    steps = np.cumsum(np.minimum(share * run.days / YEAR_DAYS, 1), axis=1)[first_kind]
    draw = rng.random(size)[:, None]
    changes = (draw < steps).any(axis=1)
    kind = np.where(changes, np.argmax(draw < steps, axis=1), first_kind)
    return kind, np.where(changes & (kind != first_kind), np.floor(rng.random(size) * run.days), np.inf)
