"""The knobs ``missing_share`` and ``dirty_share``: what real files are like, to try the quarantine on."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.config import Run
from generator.streams import stream

FILE = "twin.json: knobs.dirty_share"
"""Stands where a broken row of an own file names its file."""

COLUMNS = (
    "transaction_id", "client_id", "vehicle_id", "station_id", "occurred_at", "fuel_grade", "volume_l",
    "price_rub_per_l", "fuel_amount_rub", "payment_method",
)  # fmt: skip
"""Columns of a broken row, all of them text, as in a file."""

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
"""Name of a break: the column and what becomes of its text."""


def with_missing(run: Run, table: pa.Table, place: np.ndarray, block: int, columns: tuple[str, ...]) -> pa.Table:
    """Make values of the given columns null, each with the probability of ``missing_share``.

    Parameters
    ----------
    place : ndarray of int, shape (rows,)
        Place of a row in its whole block: it decides, so that the first clients of a larger run are the same.
    """
    share = run.params["knobs"]["missing_share"]
    if share == 0 or table.num_rows == 0:
        return table
    for name in columns:
        is_missing = pa.array(stream(run.seed, "missing", block, name).random(place.max() + 1)[place] < share)
        values = pc.if_else(is_missing, pa.scalar(None, table.schema.field(name).type), table[name])
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def is_dirty(run: Run, place: np.ndarray, block: int) -> np.ndarray:
    """Choose the visits of a block that arrive broken by their places in it; shape (visits,)."""
    draws = stream(run.seed, "dirty", block).random(place.max(initial=-1) + 1)
    return draws[place] < run.params["knobs"]["dirty_share"]


def broken_rows(run: Run, visits: pa.Table, place: np.ndarray, block: int) -> pa.Table:
    """Break visits, each in one of the ways that `BREAKS` lists, drawn evenly.

    Parameters
    ----------
    visits : pyarrow.Table
        Visits of a block chosen by `is_dirty`.
    place : ndarray of int, shape (visits,)
        Their places in the block.

    Returns
    -------
    pyarrow.Table
        `COLUMNS` as text, and broken_by (a name of `BREAKS`).
    """
    text = {name: _text(visits, name) for name in COLUMNS}
    draws = stream(run.seed, "breaks", block).random(place.max(initial=-1) + 1)[place]
    how = (draws * len(BREAKS)).astype(np.int64)
    for number, (column, change) in enumerate(BREAKS.values()):
        rows = np.flatnonzero(how == number)
        text[column][rows] = [change(value) for value in text[column][rows]]
    names = np.array(list(BREAKS), dtype=object)[how]
    columns = {name: pa.array(values, pa.string()) for name, values in text.items()}
    return pa.table(columns | {"broken_by": pa.array(names, pa.string())})


def _text(visits: pa.Table, name: str) -> np.ndarray:
    """Write a column as a file has it."""
    if name == "volume_l":
        return _hundredths(visits["centilitres"])
    if name in ("price_rub_per_l", "fuel_amount_rub"):
        return _hundredths(visits[name.replace("_rub", "_kopecks")])
    if name == "occurred_at":
        seconds = pc.cast(visits[name], pa.timestamp("s"))
        return pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S").to_numpy(zero_copy_only=False).astype(object)
    return pc.cast(visits[name], pa.string()).to_numpy(zero_copy_only=False).astype(object)


def _hundredths(values: pa.ChunkedArray) -> np.ndarray:
    """Write whole hundredths as a decimal number with a point."""
    whole = values.to_numpy().astype(np.int64)
    return np.array([f"{value // 100}.{value % 100:02d}" for value in whole.tolist()], dtype=object)
