"""Months ahead of each portrait: the visits expected of its clients, litres and roubles at what a visit has been.

What clients alone cannot tell is learned from trials, forecasts from earlier month ends held against what came. A
portrait whose clients come more or less often than the others against their forecast, time and again (newcomers still
get into the habit), is corrected by that. What remains and is common to all clients, a season above all, never averages
out: it is the larger part of the intervals, beside what a portrait errs on its own, by chance of its clients or more.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.columns import codes, integers, numbers, require, strings, with_nulls
from ml.tables.intervals import LEVEL

TRIALS_AT_LEAST = 2
"""Trials without which no interval is given."""
BORROWED_VISITS = 20.0
"""Visits at the mean of all clients that the litres and roubles per visit of a portrait borrow."""
QUANTITIES = ("visits_count", "volume_l", "revenue_rub")
_WINDOW = {"volume_l": "volume", "revenue_rub": "revenue"}
_COLUMNS = (
    "is_last",
    "portrait_code",
    "month_number",
    "month_start_on",
    "expected_visits",
    "expected_active_visits",
    "visits_variance",
    "churn_prob",
    "window_visits_count",
    "window_volume_l",
    "window_volume_square",
    "window_revenue_rub",
    "window_revenue_square",
    "actual_visits_count",
    "actual_volume_l",
    "actual_revenue_rub",
)


@dataclass(frozen=True)
class Correction:
    """Visits of a portrait beside those expected, against all portraits: the ratio and its variance."""

    ratio: float = 1.0
    variance: float = 0.0


@dataclass(frozen=True)
class PortraitMonths:
    """Rows of the outlook of portraits as arrays of shape (rows,).

    Attributes
    ----------
    origin, portrait, month : ndarray of int
        Index of the day forecast from and of the portrait; number of the month ahead.
    is_last : ndarray of bool
        Forecast from the end of the history; the others are trials.
    expected, silent, variance : ndarray
        Expected visits of the clients that came in the window, and of those that did not; variance of both.
    per_visit, variance_per_visit, actual : dict of str to ndarray
        By quantity: mean and variance at a visit of the window, and what came in the month (NaN unless a trial).
    """

    origin: np.ndarray
    portrait: np.ndarray
    month: np.ndarray
    is_last: np.ndarray
    expected: np.ndarray
    silent: np.ndarray
    variance: np.ndarray
    per_visit: dict[str, np.ndarray]
    variance_per_visit: dict[str, np.ndarray]
    actual: dict[str, np.ndarray]

    def mean(self, quantity: str, ratio: np.ndarray) -> np.ndarray:
        """Expected quantity where active clients come `ratio` times as often as expected; shape (rows,)."""
        return (self.expected * ratio + self.silent) * self.per_visit[quantity]

    def chance(self, quantity: str, ratio: np.ndarray) -> np.ndarray:
        """Variance of the quantity if clients were all that varies; shape (rows,)."""
        visits = self.variance * np.maximum(ratio, 1) ** 2
        one = (self.expected * ratio + self.silent) * self.variance_per_visit[quantity]
        return visits * self.per_visit[quantity] ** 2 + one


def forecast_portraits(outlooks: pa.Table) -> pa.Table:
    """Forecast visits, litres and revenue of each portrait.

    Parameters
    ----------
    outlooks : pyarrow.Table
        One row per day × portrait × month ahead, of the last day and of trials: origin_on, is_last, portrait_code,
        month_number, month_start_on, expected_visits, of these expected_active_visits (of clients that came in the
        window), visits_variance, churn_prob; of the window up to the day window_visits_count, window_volume_l,
        window_revenue_rub, and sums of squares window_volume_square, window_revenue_square; of the month, in trials,
        actual_visits_count, actual_volume_l, actual_revenue_rub. Trials are of active clients only.

    Returns
    -------
    pyarrow.Table
        One row per portrait × month ahead of the last day: portrait_code, month_number, month_start_on, visits_ratio
        (by which the visits of active clients are corrected), churn_prob, and for each quantity ``baseline_…`` with
        ``_low``, ``_high``: 95 % intervals, null with fewer than two trials of that month ahead. A month that the
        clients are not told of is null.

    Raises
    ------
    MissingColumnError, ColumnTypeError
    """
    require(outlooks, ("origin_on", *_COLUMNS), "outlook of portraits")
    rows, portraits = _read(outlooks)
    corrections = _corrections(rows)
    ratio, ratio_variance = (
        np.array(
            [getattr(corrections.get(key, Correction()), name) for key in zip(rows.portrait, rows.month, strict=True)]
        )
        for name in ("ratio", "variance")
    )
    last = np.flatnonzero(rows.is_last)
    columns = {
        "portrait_code": strings(rows.portrait[last], portraits),
        "month_number": pa.array(rows.month[last], pa.int64()),
        "month_start_on": outlooks["month_start_on"].cast(pa.date32()).take(pa.array(last)).combine_chunks(),
        "visits_ratio": with_nulls(ratio[last]),
        "churn_prob": with_nulls(numbers(outlooks, "churn_prob")[last]),
    }
    for quantity in QUANTITIES:
        mean, chance = rows.mean(quantity, ratio), rows.chance(quantity, ratio)
        half = _half_width(rows, rows.actual[quantity], mean, chance, ratio_variance)
        ends = {"": mean, "_low": np.maximum(mean - half, 0), "_high": mean + half}
        columns |= {f"baseline_{quantity}{end}": with_nulls(values[last]) for end, values in ends.items()}
    return pa.table(columns)


def _corrections(rows: PortraitMonths) -> dict[tuple[int, int], Correction]:
    """Correction of each portrait and month ahead that was tried often enough.

    Only what all portraits of a trial do not share, as that is a season; of it as much as stands out of its own noise
    (James and Stein).
    """
    actual, found = rows.actual["visits_count"], {}
    trial = ~rows.is_last & (rows.expected > 0)
    network = np.ones(len(actual))
    for origin, number in set(zip(rows.origin[trial], rows.month[trial], strict=True)):
        at = trial & (rows.origin == origin) & (rows.month == number)
        network[at] = actual[at].sum() / rows.expected[at].sum()
    for portrait, number in sorted(set(zip(rows.portrait[trial], rows.month[trial], strict=True))):
        at = trial & (rows.portrait == portrait) & (rows.month == number) & (network > 0)
        expected, count = (rows.expected * network)[at], int(at.sum())
        if count < TRIALS_AT_LEAST:
            continue
        ratio = actual[at].sum() / expected.sum()
        between = ((actual[at] - ratio * expected) ** 2).sum() * count / (count - 1)
        variance = max(between, rows.variance[at].sum()) / expected.sum() ** 2
        kept = max(1 - variance / (ratio - 1) ** 2, 0.0) if ratio != 1 else 0.0
        found[int(portrait), int(number)] = Correction(1 + kept * (ratio - 1), variance)
    return found


def _half_width(
    rows: PortraitMonths, actual: np.ndarray, mean: np.ndarray, chance: np.ndarray, ratio_variance: np.ndarray
) -> np.ndarray:
    """Half of the 95 % interval; NaN where too few trials tell it; shape (rows,).

    By month ahead: the error of all portraits together beyond chance, a later month no surer than an earlier one; what
    a portrait errs beside the others, by chance or more; and how well its correction is known. Student's quantile for
    as many trials as there were.
    """
    half, before = np.full(len(mean), np.nan), 0.0
    tried = ~rows.is_last & (mean > 0) & np.isfinite(actual)
    for number in sorted(set(rows.month.tolist())):
        at = np.flatnonzero(tried & (rows.month == number))
        _, trial = np.unique(rows.origin[at], return_inverse=True)
        came, expected, random = (np.bincount(trial, values[at]) for values in (actual, mean, chance))
        if len(came) < TRIALS_AT_LEAST:
            continue
        before = max(float((((came - expected) ** 2 - random) / expected**2).mean()), before)
        shared = mean[at] * (came / expected)[trial]
        own = _own_variance(rows.portrait[at], actual[at] - shared, shared)
        now = np.flatnonzero(rows.is_last & (rows.month == number))
        alone = np.array([own.get(portrait, own[None]) for portrait in rows.portrait[now].tolist()])
        variance = np.maximum(chance[now], mean[now] ** 2 * alone) + mean[now] ** 2 * (before + ratio_variance[now])
        half[now] = stats.t.ppf(0.5 + LEVEL / 2, len(came)) * np.sqrt(variance)
    return half


def _own_variance(portrait: np.ndarray, error: np.ndarray, expected: np.ndarray) -> dict[int | None, float]:
    """Variance of the relative error of each portrait tried often enough; None stands for those that were not."""
    count = np.bincount(portrait)
    errors, squares = np.bincount(portrait, error**2), np.bincount(portrait, expected**2)
    enough = np.flatnonzero((count >= TRIALS_AT_LEAST) & (squares > 0))
    found = {int(i): float(errors[i] / squares[i] * count[i] / (count[i] - 1)) for i in enough}
    return found | {None: float(errors.sum() / max(squares.sum(), 1e-300))}


def _read(table: pa.Table) -> tuple[PortraitMonths, list[str]]:
    is_last = numbers(table, "is_last") == 1
    origin, _ = codes(table, "origin_on")
    portrait, portraits = codes(table, "portrait_code")
    visits = numbers(table, "window_visits_count")
    size = table.num_rows
    per_visit, variance = {"visits_count": np.ones(size)}, {"visits_count": np.zeros(size)}
    for quantity, name in _WINDOW.items():
        total, square = numbers(table, f"window_{quantity}"), numbers(table, f"window_{name}_square")
        per_visit[quantity], variance[quantity] = _per_visit(origin, visits, total, square)
    expected = numbers(table, "expected_visits")
    active = np.where(np.isfinite(expected), numbers(table, "expected_active_visits"), np.nan)
    return PortraitMonths(
        origin,
        portrait,
        integers(table, "month_number"),
        is_last,
        active,
        np.maximum(expected - active, 0),
        numbers(table, "visits_variance"),
        per_visit,
        variance,
        {quantity: numbers(table, f"actual_{quantity}") for quantity in QUANTITIES},
    ), portraits


def _per_visit(
    origin: np.ndarray, visits: np.ndarray, total: np.ndarray, square: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance at a visit of each row, a few visits of all portraits of the day put to its own."""
    sums = np.array([np.bincount(origin, values, minlength=1)[origin] for values in (visits, total, square)])
    with np.errstate(invalid="ignore", divide="ignore"):
        count, total, square = np.array([visits, total, square]) + BORROWED_VISITS * sums / sums[0]
        mean = total / count
        return mean, np.maximum(square / count - mean**2, 0)
