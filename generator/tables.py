"""Arrow tables of clients and vehicles as the network sees them."""

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.people.clients import People


def clients_table(run: Run, people: People) -> pa.Table:
    """Return the block's clients that belong to the run, as the network sees them."""
    rows = client_rows(run, people)
    regions = pa.array([region["region_code"] for region in run.params["regions"]])
    return pa.table(
        {
            "client_id": people.number[rows],
            "client_type": np.where(people.is_corporate[rows], "corporate", "private"),
            "region_code": regions.take(pa.array(people.region[rows])),
            "registered_on": dates(run, people.life.registered_day[rows]),
            "has_loyalty_card": people.has_loyalty_card[rows],
            "has_fuel_card": people.has_fuel_card[rows],
            "has_contract": people.has_contract[rows],
            "has_marketing_consent": people.has_marketing_consent[rows],
        }
    )


def vehicles_table(run: Run, people: People) -> pa.Table:
    """Return the vehicles of these clients: vehicle_id, client_id, fuel_grade, tank_volume_l."""
    vehicles, rows = people.vehicles, vehicle_rows(run, people)
    client = people.number[vehicles.owner[rows]]
    return pa.table(
        {
            "vehicle_id": client * 1000 + vehicles.number[rows],
            "client_id": client,
            "fuel_grade": pa.array(run.grade_codes).take(pa.array(vehicles.grade[rows])),
            "tank_volume_l": vehicles.tank_l[rows],
        }
    )


def client_rows(run: Run, people: People) -> np.ndarray:
    """Indices of the block's people who are clients of this run."""
    return np.flatnonzero(people.is_client & (people.number <= run.clients))


def vehicle_rows(run: Run, people: People) -> np.ndarray:
    """Indices of the block's vehicles that belong to clients of this run."""
    client = people.number[people.vehicles.owner]
    return np.flatnonzero((client > 0) & (client <= run.clients))


def portrait_codes(run: Run, people: People) -> np.ndarray:
    """True portrait of each person at the end of the history, shape (people,); `walk_in` for walk-ins."""
    settled = np.array([*run.type_codes, "walk_in"], dtype=object)[people.life.kind]
    return np.where(people.is_new(run), "new", settled)


def dates(run: Run, day: np.ndarray) -> pa.Array:
    """Convert days from period_start to dates; non-finite days become null."""
    known = np.isfinite(day)
    return pa.array(run.start64 + np.where(known, day, 0).astype(np.int64), mask=~known)
