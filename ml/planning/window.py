"""The window before a trial as arrays: each client's activity by block."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ml.planning.spread import BLOCKS
from ml.tables.columns import booleans, integers, numbers, require, require_unique
from ml.tables.errors import InvalidValueError

AMOUNTS = ("visits_count", "volume_l", "spend_rub", "shop_rub")


@dataclass(frozen=True)
class Window:
    """Activity of clients in the window, in the order of client_id.

    Attributes
    ----------
    client_id : ndarray of int, shape (clients,)
    totals : dict of str to ndarray of shape (clients, BLOCKS)
    days : ndarray of shape (clients, BLOCKS)
    has_pre_period : ndarray of bool, shape (clients,)
    station : ndarray of float, shape (clients,)
        Home station; NaN without one.
    traits : ndarray of shape (clients, 1)
    """

    client_id: np.ndarray
    totals: dict[str, np.ndarray]
    days: np.ndarray
    has_pre_period: np.ndarray
    station: np.ndarray
    traits: np.ndarray

    def take(self, rows: np.ndarray) -> "Window":
        """Select clients by row."""
        totals = {name: values[rows] for name, values in self.totals.items()}
        others = (getattr(self, name)[rows] for name in ("days", "has_pre_period", "station", "traits"))
        return Window(self.client_id[rows], totals, *others)


def read_window(blocks: pa.Table, profiles: pa.Table) -> Window:
    """Read the two tables that `ml.planning.planner.plan` takes.

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError
    """
    require(blocks, ["client_id", "block_number", "days_count", *AMOUNTS], "blocks")
    require(profiles, ["client_id", "has_pre_period", "vehicles_count", "home_station_id"], "profiles")
    client_id = integers(profiles, "client_id")
    require_unique(client_id, "profiles", "client_id")
    people = np.argsort(client_id)
    order = np.lexsort((integers(blocks, "block_number"), integers(blocks, "client_id")))
    if not np.array_equal(integers(blocks, "client_id")[order], np.repeat(client_id[people], BLOCKS)):
        raise InvalidValueError("rows", blocks.num_rows, "blocks", f"{BLOCKS} for each client in profiles")
    wide = {name: numbers(blocks, name)[order].reshape(-1, BLOCKS) for name in ("days_count", *AMOUNTS)}
    return Window(
        client_id[people],
        {name: np.nan_to_num(wide[name]) for name in AMOUNTS},
        wide["days_count"],
        booleans(profiles, "has_pre_period")[0][people],
        numbers(profiles, "home_station_id")[people],
        numbers(profiles, "vehicles_count")[people][:, None],
    )
