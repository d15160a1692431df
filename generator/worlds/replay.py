"""Repeated draws of the outcomes for the same clients and fills, for experiments that are replicated many times."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.network import build_network
from generator.people.clients import People, draw_people
from generator.streams import BLOCK_CLIENTS, stream
from generator.tables import client_rows
from generator.visits.fills import draw_future_fills, draw_pending
from generator.worlds.effects import Feature, draw_features
from generator.worlds.horizon import Horizon, build_horizon
from generator.worlds.outcomes import Responders, draw_responders, play_world

TOTALS = ("visits_count", "volume_l", "shop_amount_rub", "revenue_rub", "margin_rub")


@dataclass(frozen=True)
class DrawnBlock:
    """Clients of a block and their fills of the horizon, drawn once."""

    number: int
    people: People
    horizon: Horizon
    rows: np.ndarray


class Replay:
    """Redraw both worlds of a run's clients.

    Fixed: the clients, when their vehicles need fuel, how a feature works on each client, and the response
    probabilities. Redrawn: who responds, in which weeks, and which fills come to us, i.e. what a client's expected
    effect averages over.

    Parameters
    ----------
    run : Run
    features, rules : list of dict
        See `generator.worlds.effects.draw_features`.
    weeks : int
        Length of the horizon.
    """

    def __init__(self, run: Run, features: list[dict[str, Any]], rules: list[dict[str, Any]], weeks: int) -> None:
        self._run, self._weeks = run, weeks
        self._features = draw_features(run.seed, features, rules)
        network = build_network(run)
        self._blocks = []
        for number in range(-(-run.clients // BLOCK_CLIENTS)):
            people = draw_people(run, network, number)
            fills = draw_future_fills(run, people, draw_pending(run, people, number), number)
            horizon = build_horizon(run, network, people, fills, number)
            self._blocks.append(DrawnBlock(number, people, horizon, client_rows(run, people)))

    def draw(self, replicate: int) -> Iterator[pa.Table]:
        """Draw one replicate.

        Parameters
        ----------
        replicate : int
            Number of the replicate; the same number gives the same worlds.

        Yields
        ------
        pyarrow.Table
            For each block, one row per client × feature: client_id, feature_code, has_responded_with, cost_rub_with and
            the totals of both worlds over the horizon, ``…_without`` and ``…_with``.
        """
        for block in self._blocks:
            rng = stream(self._run.seed, "replicate", block.number, replicate)
            choice, merge, shift = rng.random((3, len(block.horizon.choice)))
            horizon = replace(block.horizon, choice=choice, merge=merge, shift=shift)
            without = play_world(self._run, block.people, horizon, self._weeks, None, None)
            yield pa.concat_tables(
                [self._worlds(block, horizon, without, feature, replicate) for feature in self._features]
            )

    def _worlds(
        self, block: DrawnBlock, horizon: Horizon, without: dict[str, np.ndarray], feature: Feature, replicate: int
    ) -> pa.Table:
        rng = stream(self._run.seed, "replicate", block.number, replicate, feature.code)
        responder = self._responders(block, feature, rng)
        world = play_world(self._run, block.people, horizon, self._weeks, feature, responder)
        rows = block.rows
        columns = {
            "client_id": block.people.number[rows],
            "feature_code": pa.repeat(feature.code, len(rows)),
            "has_responded_with": world["has_responded"][rows],
            "cost_rub_with": world["cost_rub"][rows],
        }
        for name in TOTALS:
            columns[f"{name}_without"] = without[name][rows]
            columns[f"{name}_with"] = world[name][rows]
        return pa.table(columns)

    def _responders(self, block: DrawnBlock, feature: Feature, rng: np.random.Generator) -> Responders:
        return draw_responders(self._run, block.people, feature, block.number, self._weeks, rng)
