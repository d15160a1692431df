"""Visits and their sufficient statistics per client: number, length and regularity of gaps, and the current silence."""

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
"""Lower limit of a gap, as a share of the client's mean gap: two receipts of one stop must not look like randomness."""
_MINUTE = 60_000_000


@dataclass(frozen=True)
class Visits:
    """Visits up to a moment, sorted by client and time.

    Attributes
    ----------
    client_ids : pyarrow.Array, shape (clients,)
        Ascending.
    client : ndarray of int, shape (visits,)
        Index into `client_ids`.
    time : ndarray of int64, shape (visits,)
        Microseconds since 1970.
    until : int
        End of the observation (exclusive), microseconds since 1970.
    """

    client_ids: pa.Array
    client: np.ndarray
    time: np.ndarray
    until: int

    @property
    def length(self) -> float:
        """Days from the first visit of any client to `until`; always positive."""
        start = self.time.min() if len(self.time) else self.until
        return max((self.until - start) / DAY, 1e-6)

    def before(self, moment: int) -> "Visits":
        """Visits before `moment`, of the clients with at least one by then."""
        kept = self.time < moment
        known, client = np.unique(self.client[kept], return_inverse=True)
        return Visits(self.client_ids.take(pa.array(known)), client, self.time[kept], moment)


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics of each client; times in days; all of shape (clients,).

    Attributes
    ----------
    gaps : ndarray
        Weighted number of gaps between visits; older gaps have less weight.
    gap_sum, log_gap_sum : ndarray
        Weighted sums of the gaps and of their logarithms.
    span : ndarray
        Time from the first visit to the last.
    silence : ndarray
        Time from the last visit to the end of the observation.
    """

    gaps: np.ndarray
    gap_sum: np.ndarray
    log_gap_sum: np.ndarray
    span: np.ndarray
    silence: np.ndarray

    def __len__(self) -> int:
        return len(self.gaps)

    def take(self, rows: np.ndarray | slice) -> "Statistics":
        """Select clients by row."""
        return Statistics(*(getattr(self, field.name)[rows] for field in fields(self)))


def moment(value: Moment, name: str, *, is_end: bool) -> int:
    """Convert a date or a timestamp to microseconds since 1970.

    Parameters
    ----------
    value : date, datetime, datetime64 or ISO text
        With a time zone, converted to UTC.
    name : str
        Name of the value in the error message.
    is_end : bool
        Whether a date means the end of the day rather than its start.

    Raises
    ------
    InvalidValueError
        If `value` is not a valid date or timestamp.
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
        found = value.astype("datetime64[us]") if isinstance(value, np.datetime64) else np.datetime64(value, "us")
    except (TypeError, ValueError):
        found = np.datetime64("NaT")
    if np.isnat(found):
        raise InvalidValueError(name, given, "forecast of visits", "a date or a timestamp")
    return int(found.astype(np.int64)) + (DAY if is_day and is_end else 0)


def read_visits(table: pa.Table, until: int, since: int | None = None) -> Visits:
    """Read the visits of identified clients from `since` (inclusive) to `until` (exclusive).

    Rows of a client with the same timestamp are one visit. If all times are midnight they are treated as dates: each
    row is a visit, and the visits of a day are spread evenly over it.

    Parameters
    ----------
    table : pyarrow.Table
        client_id (any sortable type; rows with null are dropped) and occurred_at (date or timestamp).
    until, since : int
        Microseconds since 1970.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    ColumnTypeError
        If occurred_at is neither a date nor a timestamp.
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
        Days over which the weight of a gap halves, counted back from the client's last visit. Counted from the end of
        the observation instead, clients who left would lose their history and regress to the population.

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
    """Spread the visits of a client on one day evenly over the day."""
    starts = np.ones(len(at), dtype=bool)
    starts[1:] = (np.diff(client) != 0) | (np.diff(at) != 0)
    group = np.cumsum(starts) - 1
    size = np.bincount(group)
    rank = np.arange(len(at)) - np.flatnonzero(starts)[group]
    return at + ((rank + 0.5) / size[group] * DAY).astype(np.int64)
