"""The knobs ``missing_share`` and ``dirty_share``: defects of real files, to exercise the quarantine."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.config import Run
from generator.streams import stream

FILE = "twin.json: knobs.dirty_share"
"""Shown in position of the file name that a broken row of an own file would have."""

COLUMNS = (
    "transaction_id", "client_id", "vehicle_id", "station_id", "occurred_at", "fuel_grade", "volume_l",
    "price_rub_per_l", "fuel_amount_rub", "payment_method",
)  # fmt: skip
"""Columns of a broken row, all as text, as in a file."""

BREAKS = {
    "letters_in_litres": ("volume_l", lambda value: f"{value} л."),
    "negative_litres": ("volume_l", lambda value: f"-{value}"),
    "no_litres": ("volume_l", lambda value: "0"),
    "slipped_comma": ("fuel_amount_rub", lambda value: value.replace(".", "")),
    "impossible_date": ("occurred_at", lambda value: f"{value[:4]}-02-31{value[10:]}"),
    "no_station": ("station_id", lambda value: None),
    "unknown_grade": ("fuel_grade", lambda value: "аи-76"),
    "unknown_client": ("client_id", lambda value: "нет в списке"),
    "unknown_payment": ("payment_method", lambda value: "бартер"),
}
"""Name of each kind of break: the column, and the change made to its text."""


def with_missing(run: Run, table: pa.Table, position: np.ndarray, block: int, columns: tuple[str, ...]) -> pa.Table:
    """Set values of the given columns to null, each with probability ``missing_share``.

    Parameters
    ----------
    position : ndarray of int, shape (rows,)
        Position of each row in the whole block. Draws are indexed by it, so that the first clients of a larger run are
        the same.
    """
    share = run.params["knobs"]["missing_share"]
    if share == 0 or table.num_rows == 0:
        return table
    for name in columns:
        is_missing = pa.array(stream(run.seed, "missing", block, name).random(position.max() + 1)[position] < share)
        values = pc.if_else(is_missing, pa.scalar(None, table.schema.field(name).type), table[name])
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def is_dirty(run: Run, position: np.ndarray, block: int) -> np.ndarray:
    """Whether each visit, given by its position in the block, arrives broken; shape (visits,)."""
    draws = stream(run.seed, "dirty", block).random(position.max(initial=-1) + 1)
    return draws[position] < run.params["knobs"]["dirty_share"]


def broken_rows(run: Run, visits: pa.Table, position: np.ndarray, block: int) -> pa.Table:
    """Break visits, each in one of the ways in `BREAKS`, with equal probability.

    Parameters
    ----------
    visits : pyarrow.Table
        Visits of a block selected by `is_dirty`.
    position : ndarray of int, shape (visits,)
        Their positions in the block.

    Returns
    -------
    pyarrow.Table
        `COLUMNS` as text, and broken_by (a name of `BREAKS`).
    """
    text = {name: _text(visits, name) for name in COLUMNS}
    draws = stream(run.seed, "breaks", block).random(position.max(initial=-1) + 1)[position]
    kind = (draws * len(BREAKS)).astype(np.int64)
    for index, (column, change) in enumerate(BREAKS.values()):
        rows = np.flatnonzero(kind == index)
        text[column][rows] = [change(value) for value in text[column][rows]]
    names = np.array(list(BREAKS), dtype=object)[kind]
    columns = {name: pa.array(values, pa.string()) for name, values in text.items()}
    return pa.table(columns | {"broken_by": pa.array(names, pa.string())})


def _text(visits: pa.Table, name: str) -> np.ndarray:
    """Write a column as it appears in a file."""
    if name == "volume_l":
        return _hundredths(visits["centilitres"])
    if name in ("price_rub_per_l", "fuel_amount_rub"):
        return _hundredths(visits[name.replace("_rub", "_kopecks")])
    if name == "occurred_at":
        seconds = pc.cast(visits[name], pa.timestamp("s"))
        return pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S").to_numpy(zero_copy_only=False).astype(object)
    return pc.cast(visits[name], pa.string()).to_numpy(zero_copy_only=False).astype(object)


def _hundredths(values: pa.ChunkedArray) -> np.ndarray:
    """Write whole hundredths as a index with a decimal point."""
    whole = values.to_numpy().astype(np.int64)
    return np.array([f"{value // 100}.{value % 100:02d}" for value in whole.tolist()], dtype=object)
