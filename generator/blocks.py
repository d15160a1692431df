"""Streams of Arrow batches over all blocks of a run: memory stays flat in the number of clients."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from generator.config import Run
from generator.effects import draw_features
from generator.fills import draw_fills, draw_future_fills
from generator.network import build_network, prices_table, regions_table, stations_table
from generator.outcomes import build_horizon, draw_outcomes
from generator.people import draw_people
from generator.streams import BLOCK_CLIENTS
from generator.tables import clients_table, portraits_table, vehicles_table
from generator.visits import draw_visits


def regions(run: Run) -> pa.Table:
    """List the regions of a run (see `regions_table`)."""
    return _if_synthetic(run, regions_table(run))


def stations(run: Run) -> pa.Table:
    """List the stations of a run (see `stations_table`)."""
    return _if_synthetic(run, stations_table(run, build_network(run)))


def fuel_prices(run: Run) -> pa.Table:
    """List the prices of a run (see `prices_table`)."""
    return _if_synthetic(run, prices_table(run, build_network(run)))


def clients(run: Run) -> pa.RecordBatchReader:
    """Stream the clients of a run (see `clients_table`)."""
    network = build_network(run)
    return _stream(run, lambda block: clients_table(run, draw_people(run, network, block)))


def vehicles(run: Run) -> pa.RecordBatchReader:
    """Stream the vehicles of a run (see `vehicles_table`)."""
    network = build_network(run)
    return _stream(run, lambda block: vehicles_table(run, draw_people(run, network, block)))


def client_portraits(run: Run) -> pa.RecordBatchReader:
    """Stream the true portraits of a run (see `portraits_table`)."""
    network = build_network(run)
    return _stream(run, lambda block: portraits_table(run, draw_people(run, network, block)))


def visits(run: Run) -> pa.RecordBatchReader:
    """Stream the receipts of a run (see `draw_visits`)."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        people = draw_people(run, network, block)
        fills, _ = draw_fills(run, people, block)
        return draw_visits(run, network, people, fills, block)

    return _stream(run, draw)


def potential_outcomes(
    run: Run, features: list[dict[str, Any]], rules: list[dict[str, Any]], weeks: int
) -> pa.RecordBatchReader:
    """Stream both worlds and the expected effects of each client × feature (see `draw_outcomes`)."""
    network = build_network(run)
    drawn = draw_features(run.seed, features, rules)

    def draw(block: int) -> pa.Table:
        people = draw_people(run, network, block)
        _, pending = draw_fills(run, people, block)
        fills = draw_future_fills(run, people, pending, block, 7 * weeks)
        horizon = build_horizon(run, network, people, fills, block)
        return draw_outcomes(run, people, horizon, drawn, block, weeks)

    return _stream(run, draw)


def _if_synthetic(run: Run, table: pa.Table) -> pa.Table:
    return table if run.clients else table.slice(0, 0)


def _stream(run: Run, draw: Callable[[int], pa.Table]) -> pa.RecordBatchReader:
    blocks = -(-run.clients // BLOCK_CLIENTS)
    first = draw(0)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from first.to_batches()
        for block in range(1, blocks):
            yield from draw(block).to_batches()

    return pa.RecordBatchReader.from_batches(first.schema, batches())
