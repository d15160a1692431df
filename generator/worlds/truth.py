"""Ground-truth tables: true portraits and their changes, and the tanks of vehicles."""

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.network import Network
from generator.people.clients import People
from generator.people.life import NEW_DAYS
from generator.tables import client_rows, dates, portrait_codes, vehicle_rows
from generator.visits.fills import History, share_of_wallet

EXAMPLE_DAYS = 90
"""Length of the example of individual fills, in days before the end of the history."""


def portraits_table(run: Run, people: People) -> pa.Table:
    """Return the true portrait of these clients at the end and at the start of the history, and who left.

    A client registered less than `NEW_DAYS` ago is new; before registration the portrait is null. Clients who left keep
    their last portrait.
    """
    rows, life = client_rows(run, people), people.life
    settled = np.array(run.type_codes, dtype=object)
    tenure_at_start = -life.registered_day[rows]
    at_start = np.where(tenure_at_start < NEW_DAYS, "new", settled[life.first_kind[rows]])
    return pa.table(
        {
            "client_id": people.number[rows],
            "portrait_code": pa.array(portrait_codes(run, people)[rows], pa.string()),
            "portrait_code_at_start": pa.array(at_start, pa.string(), mask=tenure_at_start < 0),
            # Clients who leave after the history are still present at its end.
            "left_on": dates(run, np.where(life.left_day[rows] < run.days, life.left_day[rows], np.inf)),
        }
    )


def spells_table(run: Run, people: People) -> pa.Table:
    """Return the spells of each client in each portrait up to the end of the history.

    Returns
    -------
    pyarrow.Table
        client_id, portrait_code, valid_from, valid_to (last day; null while the spell lasts); by client and time.
    """
    rows, life = client_rows(run, people), people.life
    registered, left = life.registered_day[rows], life.left_day[rows]
    settles, changes = registered + NEW_DAYS, life.change_day[rows]
    settled = np.array(run.type_codes, dtype=object)
    code = np.column_stack(
        [np.full(len(rows), "new", dtype=object), settled[life.first_kind[rows]], settled[life.kind[rows]]]
    )
    begin = np.column_stack([registered, settles, changes])
    end = np.column_stack([settles, np.minimum(changes, left), left])
    happened = begin < run.days
    end = np.where(end < run.days, end - 1, np.inf)
    client = np.repeat(people.number[rows], 3)[happened.ravel()]
    return pa.table(
        {
            "client_id": client,
            "portrait_code": pa.array(code[happened], pa.string()),
            "valid_from": dates(run, begin[happened]),
            "valid_to": dates(run, end[happened]),
        }
    )


def vehicle_fuel_table(run: Run, network: Network, people: People, history: History) -> pa.Table:
    """Return the fuel balance of each vehicle's tank over the history, its four terms computed independently.

    The level at the start is drawn, the litres filled are summed over the fills, the litres burned follow from the
    driving, and the level at the end follows from the level before the next fill and what is burned until then.

    Returns
    -------
    pyarrow.Table
        vehicle_id, client_id, tank_volume_l, level_at_start_l, filled_here_l, filled_elsewhere_l, burned_l,
        level_at_end_l, lowest_level_l, highest_level_l.
    """
    vehicles, fills, rows = people.vehicles, history.fills, vehicle_rows(run, people)
    size = len(vehicles.owner)
    litres = fills.centilitres / 100
    is_here = fills.choice < share_of_wallet(run, network, people, fills)
    here, elsewhere = (np.bincount(fills.vehicle[part], litres[part], size) for part in (is_here, ~is_here))
    total = history.clocks.total
    level_at_end = history.pending.before_l + (history.pending.driven - total) * vehicles.use_l_per_day
    lowest, highest = history.level_at_start_l.copy(), history.level_at_start_l.copy()
    np.minimum.at(lowest, fills.vehicle, fills.before_l)
    np.maximum.at(highest, fills.vehicle, fills.before_l + litres)
    client = people.number[vehicles.owner[rows]]
    return pa.table(
        {
            "vehicle_id": client * 1000 + vehicles.number[rows],
            "client_id": client,
            "tank_volume_l": vehicles.tank_l[rows],
            "level_at_start_l": history.level_at_start_l[rows],
            "filled_here_l": here[rows],
            "filled_elsewhere_l": elsewhere[rows],
            "burned_l": (total * vehicles.use_l_per_day)[rows],
            "level_at_end_l": level_at_end[rows],
            "lowest_level_l": np.minimum(lowest, level_at_end)[rows],
            "highest_level_l": highest[rows],
        }
    )


def example_fills_table(run: Run, network: Network, people: People, history: History) -> pa.Table:
    """Return individual fills of these clients, ours and competitors', in the last `EXAMPLE_DAYS` of the history.

    Returns
    -------
    pyarrow.Table
        vehicle_id, filled_at (time at which the level was reached, not the time of a receipt), volume_l,
        level_before_l, level_after_l, is_here; by vehicle and time.
    """
    vehicles, fills = people.vehicles, history.fills
    of_run = np.zeros(len(vehicles.owner), dtype=bool)
    of_run[vehicle_rows(run, people)] = True
    rows = of_run[fills.vehicle] & (fills.day >= run.days - EXAMPLE_DAYS)
    litres, vehicle = fills.centilitres[rows] / 100, fills.vehicle[rows]
    seconds = np.floor(fills.day[rows] * 86_400).astype(np.int64)
    is_here = fills.choice < share_of_wallet(run, network, people, fills)
    return pa.table(
        {
            "vehicle_id": people.number[vehicles.owner[vehicle]] * 1000 + vehicles.number[vehicle],
            "filled_at": pa.array(run.start64.astype("datetime64[us]") + seconds * np.timedelta64(1_000_000, "us")),
            "volume_l": litres,
            "level_before_l": fills.before_l[rows],
            "level_after_l": fills.before_l[rows] + litres,
            "is_here": is_here[rows],
        }
    )
