"""Streams of Arrow batches over all blocks of a run: memory use does not grow with the number of clients."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.network import Network, build_network, regions_table, stations_table
from generator.people.clients import draw_people
from generator.prices import draw_prices, prices_table
from generator.streams import BLOCK_CLIENTS
from generator.tables import clients_table, vehicles_table
from generator.visits.dirt import broken_rows, is_dirty, with_missing
from generator.visits.fills import draw_future_fills, draw_history, draw_pending
from generator.visits.visits import BLOCK_VISITS, draw_visits
from generator.workers import in_order
from generator.worlds.effects import draw_features
from generator.worlds.horizon import build_horizon
from generator.worlds.outcomes import draw_outcomes, futures_table
from generator.worlds.truth import example_fills_table, portraits_table, spells_table, vehicle_fuel_table


def regions(run: Run) -> pa.Table:
    """Return the regions of a run (see `regions_table`)."""
    return _if_synthetic(run, regions_table(run))


def stations(run: Run) -> pa.Table:
    """Return the stations of a run (see `stations_table`)."""
    return _if_synthetic(run, stations_table(run, build_network(run)))


def fuel_prices(run: Run) -> pa.Table:
    """Return the prices of a run (see `prices_table`)."""
    return _if_synthetic(run, prices_table(run, draw_prices(run)))


def clients(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the clients of a run (see `clients_table`); here and below, `work` is passed to `in_order`."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        table = clients_table(run, draw_people(run, network, block))
        flags = ("has_loyalty_card", "has_fuel_card", "has_contract", "has_marketing_consent")
        return with_missing(run, table, np.arange(table.num_rows), block, flags)

    return _stream(run, draw, work)


def vehicles(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the vehicles of a run (see `vehicles_table`)."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        table = vehicles_table(run, draw_people(run, network, block))
        return with_missing(run, table, np.arange(table.num_rows), block, ("tank_volume_l",))

    return _stream(run, draw, work)


def client_portraits(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the true portraits of a run (see `portraits_table`)."""
    network = build_network(run)
    return _stream(run, lambda block: portraits_table(run, draw_people(run, network, block)), work)


def portrait_spells(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the periods that a run's clients spend in each portrait (see `spells_table`)."""
    network = build_network(run)
    return _stream(run, lambda block: spells_table(run, draw_people(run, network, block)), work)


def visits(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the receipts of a run (see `draw_visits`), except those that arrive broken."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        table, position = _all_visits(run, network, block)
        table = with_missing(run, table, position, block, ("payment_method",))
        return table.filter(pa.array(~is_dirty(run, position, block))) if _has_dirt(run) else table

    return _stream(run, draw, work)


def broken_visits(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the receipts that arrive broken (see `broken_rows`)."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        table, position = _all_visits(run, network, block)
        dirty = is_dirty(run, position, block)
        return broken_rows(run, table.filter(pa.array(dirty)), position[dirty], block)

    # Without broken rows there is no need to draw the visits a second time.
    return _stream(run if _has_dirt(run) else replace(run, clients=0), draw, work)


def vehicle_fuel(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream the fuel balances of a run's vehicles (see `vehicle_fuel_table`)."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        people = draw_people(run, network, block)
        return vehicle_fuel_table(run, network, people, draw_history(run, people, block))

    return _stream(run, draw, work)


def vehicle_fills(run: Run) -> pa.Table:
    """Return individual fills by the first block's clients (see `example_fills_table`)."""
    network = build_network(run)
    people = draw_people(run, network, 0)
    return _if_synthetic(run, example_fills_table(run, network, people, draw_history(run, people, 0)))


def potential_outcomes(
    run: Run, features: list[dict[str, Any]], rules: list[dict[str, Any]], weeks: int, **work: int
) -> pa.RecordBatchReader:
    """Stream both potential outcomes and the expected effects of each client × feature (see `draw_outcomes`)."""
    network = build_network(run)
    drawn = draw_features(run.seed, features, rules)

    def draw(block: int) -> pa.Table:
        people = draw_people(run, network, block)
        fills = draw_future_fills(run, people, draw_pending(run, people, block), block)
        horizon = build_horizon(run, network, people, fills, block)
        return draw_outcomes(run, people, horizon, drawn, block, weeks)

    return _stream(run, draw, work)


def client_futures(run: Run, **work: int) -> pa.RecordBatchReader:
    """Stream what each client does after the history if no feature is launched (see `futures_table`)."""
    network = build_network(run)

    def draw(block: int) -> pa.Table:
        people = draw_people(run, network, block)
        fills = draw_future_fills(run, people, draw_pending(run, people, block), block)
        return futures_table(run, people, build_horizon(run, network, people, fills, block))

    return _stream(run, draw, work)


def _all_visits(run: Run, network: Network, block: int) -> tuple[pa.Table, np.ndarray]:
    """Draw the visits of a block; return them and the position of each in the whole block."""
    people = draw_people(run, network, block)
    table = draw_visits(run, network, people, draw_history(run, people, block).fills, block)
    return table, table["transaction_id"].to_numpy() - (block * BLOCK_VISITS + 1)


def _has_dirt(run: Run) -> bool:
    return run.params["knobs"]["dirty_share"] > 0


def _if_synthetic(run: Run, table: pa.Table) -> pa.Table:
    return table if run.clients else table.slice(0, 0)


def _stream(run: Run, draw: Callable[[int], pa.Table], work: dict[str, int]) -> pa.RecordBatchReader:
    blocks = -(-run.clients // BLOCK_CLIENTS)
    first = draw(0)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from first.to_batches()
        for table in in_order(draw, range(1, blocks), **work):
            yield from table.to_batches()

    return pa.RecordBatchReader.from_batches(first.schema, batches())
