"""Arrow tables of people: what the network knows of its clients, and what only the truth knows."""

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.people import NEW_DAYS, People


def clients_table(run: Run, people: People) -> pa.Table:
    """List the clients of a block that the run holds: what the network knows of them."""
    rows = client_rows(run, people)
    regions = pa.array([region["region_code"] for region in run.params["regions"]])
    return pa.table(
        {
            "client_id": people.number[rows],
            "client_type": np.where(people.is_corporate[rows], "corporate", "private"),
            "region_code": regions.take(pa.array(people.region[rows])),
            "registered_on": pa.array(run.start64 + people.registered_day[rows]),
            "has_loyalty_card": people.has_loyalty_card[rows],
            "has_fuel_card": people.has_fuel_card[rows],
            "has_contract": people.has_contract[rows],
        }
    )


def vehicles_table(run: Run, people: People) -> pa.Table:
    """List the vehicles of these clients: vehicle_id, client_id, fuel_grade, tank_volume_l."""
    client = people.number[people.vehicle_owner]
    rows = (client > 0) & (client <= run.clients)
    grades = pa.array(run.grade_codes)
    return pa.table(
        {
            "vehicle_id": client[rows] * 1000 + people.vehicle_number[rows],
            "client_id": client[rows],
            "fuel_grade": grades.take(pa.array(people.grade[rows])),
            "tank_volume_l": people.tank_l[rows],
        }
    )


def portraits_table(run: Run, people: People) -> pa.Table:
    """Tell the truth about these clients: their portrait at the end and at the start of history.

    A client registered for less than `NEW_DAYS` is new; before registration there is no portrait (null).
    """
    rows = client_rows(run, people)
    settled = np.array(run.type_codes, dtype=object)[people.kind[rows]]
    tenure_at_start = -people.registered_day[rows]
    at_start = np.where(tenure_at_start < NEW_DAYS, "new", settled)
    return pa.table(
        {
            "client_id": people.number[rows],
            "portrait_code": pa.array(portrait_codes(run, people)[rows], pa.string()),
            "portrait_code_at_start": pa.array(at_start, pa.string(), mask=tenure_at_start < 0),
        }
    )


def client_rows(run: Run, people: People) -> np.ndarray:
    """Positions of the block's people that are clients of this run."""
    return np.flatnonzero(people.is_client & (people.number <= run.clients))


def portrait_codes(run: Run, people: People) -> np.ndarray:
    """True portrait of each person at the end of history, shape (people,)."""
    settled = np.array(run.type_codes, dtype=object)[people.kind]
    return np.where(people.tenure_days(run) < NEW_DAYS, "new", settled)
