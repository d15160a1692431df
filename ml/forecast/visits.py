"""What a forecast needs to know of each client's visits: how many gaps, how long, how even, and since when none."""

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.tables.columns import require
from ml.tables.errors import ColumnTypeError, InvalidValueError

Moment = dt.date | dt.datetime | np.datetime64 | str
DAY = 86_400_000_000
"""Microseconds."""
SHORTEST_GAP = 0.02
"""Of a client's mean gap: a gap below counts as this much, so that two receipts of one stop do not look like chance."""
_MINUTE = 60_000_000


@dataclass(frozen=True)
class Visits:
    """Visits of the clients up to a moment, ordered by client and time.

    Attributes
    ----------
    client_ids : pyarrow.Array, shape (clients,)
        Ascending.
    client : ndarray of int, shape (visits,)
        Index into `client_ids`.
    time : ndarray of int64, shape (visits,)
        Microseconds since 1970.
    until : int
        The moment up to which visits are known, the same unit.
    """

    client_ids: pa.Array
    client: np.ndarray
    time: np.ndarray
    until: int

    @property
    def length(self) -> float:
        """Days from the first visit of all to `until`; never quite 0."""
        start = self.time.min() if len(self.time) else self.until
        return max((self.until - start) / DAY, 1e-6)

    def before(self, moment: int) -> "Visits":
        """Return what was known earlier: visits up to `moment` of the clients that had come by then."""
        kept = self.time < moment
        known, client = np.unique(self.client[kept], return_inverse=True)
        return Visits(self.client_ids.take(pa.array(known)), client, self.time[kept], moment)


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics of each client; times in days; all of shape (clients,).

    Attributes
    ----------
    gaps : ndarray
        Number of gaps between visits, older ones counted less.
    gap_sum, log_gap_sum : ndarray
        Their sum and the sum of their logarithms, with the same weights.
    span : ndarray
        From the first visit to the last.
    silence : ndarray
        From the last visit to the end of the observation.
    """

    gaps: np.ndarray
    gap_sum: np.ndarray
    log_gap_sum: np.ndarray
    span: np.ndarray
    silence: np.ndarray

    def __len__(self) -> int:
        return len(self.gaps)

    def take(self, rows: np.ndarray | slice) -> "Statistics":
        """Statistics of some clients."""
        return Statistics(*(getattr(self, field.name)[rows] for field in fields(self)))


def moment(value: Moment, name: str, *, is_end: bool) -> int:
    """Turn a date or a timestamp into microseconds since 1970.

    Parameters
    ----------
    value : date, datetime, datetime64 or ISO text
        A zone is converted to UTC.
    name : str
        For the message.
    is_end : bool
        A date means the end of that day, not its start.

    Raises
    ------
    InvalidValueError
    """
    given = value
    try:
        if isinstance(value, str):
            value = (
                dt.date.fromisoformat(value) if len(value) == len("2025-01-01") else dt.datetime.fromisoformat(value)
            )
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
        is_day |= isinstance(value, np.datetime64) and np.datetime_data(value)[0] == "D"
        found = np.datetime64(value, "us")
    except (TypeError, ValueError):
        found = np.datetime64("NaT")
    if np.isnat(found):
        raise InvalidValueError(name, given, "forecast of visits", "a date or a timestamp")
    return int(found.astype(np.int64)) + (DAY if is_day and is_end else 0)


def read_visits(table: pa.Table, until: int, since: int | None = None) -> Visits:
    """Read a table of visits: those of known clients from `since` up to `until`, one for each moment.

    Two receipts of a client at the same moment are one visit. Where all times are midnights they are taken for dates,
    and the visits of a day are spread evenly over it.

    Parameters
    ----------
    table : pyarrow.Table
        client_id (any sortable type; null: nobody known) and occurred_at (date or timestamp).
    until, since : int
        Microseconds since 1970; `until` itself is outside.

    Raises
    ------
    MissingColumnError, ColumnTypeError
    """
    require(table, ("client_id", "occurred_at"), "visits")
    kind = table.schema.field("occurred_at").type
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_null(kind)):
        raise ColumnTypeError("occurred_at", kind, "a date or a timestamp")
    is_known = pc.and_(pc.is_valid(table["client_id"]), pc.is_valid(table["occurred_at"]))
    table = table.select(["client_id", "occurred_at"]).filter(is_known)
    at = _microseconds(table["occurred_at"])
    inside = (at < until) & (at >= (np.iinfo(np.int64).min if since is None else since))
    ids = table["client_id"].filter(pa.array(inside)).combine_chunks()
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    at = at[inside]
    encoded = ids.dictionary_encode()
    order = np.asarray(pc.sort_indices(encoded.dictionary))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    client = rank[np.asarray(encoded.indices, dtype=np.int64)]
    by_time = np.lexsort((at, client))
    client, at = client[by_time], at[by_time]
    if len(at) and (at % DAY == 0).all():
        at = _spread_over_days(client, at)
    else:
        is_new = np.ones(len(at), dtype=bool)
        is_new[1:] = (np.diff(client) != 0) | (np.diff(at) != 0)
        client, at = client[is_new], at[is_new]
    return Visits(encoded.dictionary.take(pa.array(order)), client, at, until)


def summarise(visits: Visits, half_life: float = np.inf) -> Statistics:
    """Summarise the gaps of each client.

    Parameters
    ----------
    visits : Visits
    half_life : float
        Days before the client's last visit at which a gap counts half: what a client did long ago says less of what it
        does next. Not before the end of the observation: who has left would be forgotten, and taken for anybody.

    Returns
    -------
    Statistics
        In the order of `visits.client_ids`.
    """
    size = len(visits.client_ids)
    first = np.searchsorted(visits.client, np.arange(size))
    last = np.searchsorted(visits.client, np.arange(size), side="right") - 1
    inner = np.diff(visits.client) == 0
    client = visits.client[1:][inner]
    gap = np.maximum(np.diff(visits.time)[inner], _MINUTE) / DAY
    weight = np.exp2(-((visits.time[last[client]] - visits.time[1:][inner]) / DAY) / half_life)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(client, values, minlength=size)

    gaps, gap_sum = total(weight), total(weight * gap)
    shortest = SHORTEST_GAP * gap_sum / np.maximum(gaps, np.finfo(float).tiny)
    logs = total(weight * np.log(np.maximum(gap, shortest[client])))
    span = (visits.time[last] - visits.time[first]) / DAY
    return Statistics(gaps, gap_sum, logs, span, (visits.until - visits.time[last]) / DAY)


def count_between(visits: Visits, since: int, until: int) -> np.ndarray:
    """Count the visits of each client in [since, until), microseconds; shape (clients,)."""
    inside = (visits.time >= since) & (visits.time < until)
    return np.bincount(visits.client[inside], minlength=len(visits.client_ids))


def _microseconds(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    else:
        column = column.cast(pa.timestamp("us"))
    return np.asarray(column.cast(pa.int64()).to_numpy(), dtype=np.int64)


def _spread_over_days(client: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Put the visits of a client and day at even distances within the day."""
    starts = np.ones(len(at), dtype=bool)
    starts[1:] = (np.diff(client) != 0) | (np.diff(at) != 0)
    group = np.cumsum(starts) - 1
    size = np.bincount(group)
    place = np.arange(len(at)) - np.flatnonzero(starts)[group]
    return at + ((place + 0.5) / size[group] * DAY).astype(np.int64)
