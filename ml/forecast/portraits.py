"""Forecast of each portrait: expected visits of its clients, with litres and roubles at recent averages per visit.

Corrections and intervals are estimated from trials: forecasts from earlier month ends compared with the actual months.
A portrait whose clients consistently visit more or less than forecast, relative to the other portraits (newcomers are
still forming the habit), gets a correction. The remaining error common to all clients, mainly the season, does not
average out over clients and dominates the intervals; the rest is the error of the single portrait, at least the
sampling variance of its clients.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.columns import codes, integers, numbers, require, strings, with_nulls
from ml.tables.intervals import LEVEL

MIN_TRIALS = 2
"""Minimum number of trials for an interval or a correction."""
BORROWED_VISITS = 20.0
"""Pseudo-visits at the mean of all clients, to which litres and roubles per visit of a portrait are shrunk."""
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
    """Ratio of actual to expected visits of a portrait, relative to all portraits, and its variance."""

    ratio: float = 1.0
    variance: float = 0.0


@dataclass(frozen=True)
class PortraitMonths:
    """Rows of the table of outlooks as arrays of shape (rows,).

    Attributes
    ----------
    origin, portrait, month : ndarray of int
        Index of the forecast origin and of the portrait; number of the month ahead.
    is_last : ndarray of bool
        True for forecasts from the end of the history, False for trials.
    expected, silent, variance : ndarray
        Expected visits of the clients with a visit in the window, and of those without; variance of their sum.
    per_visit, variance_per_visit, actual : dict of str to ndarray
        By quantity: mean and variance per visit of the window, and the actual total of the month (NaN except in
        trials).
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
        """Expected quantity with the visits of active clients multiplied by `ratio`; shape (rows,)."""
        return (self.expected * ratio + self.silent) * self.per_visit[quantity]

    def sampling_variance(self, quantity: str, ratio: np.ndarray) -> np.ndarray:
        """Variance of the quantity from independent clients and visits only; shape (rows,)."""
        visits = self.variance * np.maximum(ratio, 1) ** 2
        within = (self.expected * ratio + self.silent) * self.variance_per_visit[quantity]
        return visits * self.per_visit[quantity] ** 2 + within


def forecast_portraits(outlooks: pa.Table) -> pa.Table:
    """Forecast visits, litres and revenue of each portrait.

    Parameters
    ----------
    outlooks : pyarrow.Table
        One row per day × portrait × month ahead, for the last day and the trials: origin_on, is_last, portrait_code,
        month_number, month_start_on, expected_visits, expected_active_visits (the part of clients with a visit in the
        window), visits_variance, churn_prob; totals of the window up to the day window_visits_count, window_volume_l,
        window_revenue_rub, and sums of squares window_volume_square, window_revenue_square; totals of the month, in
        trials, actual_visits_count, actual_volume_l, actual_revenue_rub. Trials cover active clients only.

    Returns
    -------
    pyarrow.Table
        One row per portrait × month ahead of the last day: portrait_code, month_number, month_start_on, visits_ratio
        (correction of the visits of active clients), churn_prob, and for each quantity ``baseline_…`` with ``_low``,
        ``_high``: 95 % intervals, null with fewer than two trials of that month ahead. A quantity is null where
        expected_visits is.

    Raises
    ------
    MissingColumnError, ColumnTypeError
        If a column of `outlooks` is missing or has the wrong type.
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
        mean, sampling = rows.mean(quantity, ratio), rows.sampling_variance(quantity, ratio)
        half = _half_width(rows, rows.actual[quantity], mean, sampling, ratio_variance)
        ends = {"": mean, "_low": np.maximum(mean - half, 0), "_high": mean + half}
        columns |= {f"baseline_{quantity}{end}": with_nulls(values[last]) for end, values in ends.items()}
    return pa.table(columns)


def _corrections(rows: PortraitMonths) -> dict[tuple[int, int], Correction]:
    """Correction by portrait and month ahead, for those with enough trials.

    Relative to the ratio of all portraits in the same trial, which removes the season, and shrunk to 1 by its noise
    (James and Stein).
    """
    actual, found = rows.actual["visits_count"], {}
    is_trial = ~rows.is_last & (rows.expected > 0)
    network = np.ones(len(actual))
    for origin, month in set(zip(rows.origin[is_trial], rows.month[is_trial], strict=True)):
        at = is_trial & (rows.origin == origin) & (rows.month == month)
        network[at] = actual[at].sum() / rows.expected[at].sum()
    for portrait, month in sorted(set(zip(rows.portrait[is_trial], rows.month[is_trial], strict=True))):
        at = is_trial & (rows.portrait == portrait) & (rows.month == month) & (network > 0)
        expected, count = (rows.expected * network)[at], int(at.sum())
        if count < MIN_TRIALS:
            continue
        ratio = actual[at].sum() / expected.sum()
        between = ((actual[at] - ratio * expected) ** 2).sum() * count / (count - 1)
        variance = max(between, rows.variance[at].sum()) / expected.sum() ** 2
        kept = max(1 - variance / (ratio - 1) ** 2, 0.0) if ratio != 1 else 0.0
        found[int(portrait), int(month)] = Correction(1 + kept * (ratio - 1), variance)
    return found


def _half_width(
    rows: PortraitMonths, actual: np.ndarray, mean: np.ndarray, sampling: np.ndarray, ratio_variance: np.ndarray
) -> np.ndarray:
    """Half-width of the 95 % interval, shape (rows,); NaN with too few trials.

    The variance, by month ahead, adds up the common error of all portraits beyond sampling variance (not decreasing
    with the month), the portrait's own error (at least its sampling variance) and the variance of its correction. The
    quantile is Student's t with the number of trials as degrees of freedom.
    """
    half, common = np.full(len(mean), np.nan), 0.0
    is_trial = ~rows.is_last & (mean > 0) & np.isfinite(actual)
    for month in sorted(set(rows.month.tolist())):
        at = np.flatnonzero(is_trial & (rows.month == month))
        _, trial = np.unique(rows.origin[at], return_inverse=True)
        total, expected, noise = (np.bincount(trial, values[at]) for values in (actual, mean, sampling))
        if len(total) < MIN_TRIALS:
            continue
        common = max(float((((total - expected) ** 2 - noise) / expected**2).mean()), common)
        rescaled = mean[at] * (total / expected)[trial]
        by_portrait = _own_variance(rows.portrait[at], actual[at] - rescaled, rescaled)
        now = np.flatnonzero(rows.is_last & (rows.month == month))
        own = np.array([by_portrait.get(portrait, by_portrait[None]) for portrait in rows.portrait[now].tolist()])
        variance = np.maximum(sampling[now], mean[now] ** 2 * own) + mean[now] ** 2 * (common + ratio_variance[now])
        half[now] = stats.t.ppf(0.5 + LEVEL / 2, len(total)) * np.sqrt(variance)
    return half


def _own_variance(portrait: np.ndarray, error: np.ndarray, expected: np.ndarray) -> dict[int | None, float]:
    """Variance of the relative error by portrait; the key None is the pooled one, for portraits with few trials."""
    count = np.bincount(portrait)
    errors, squares = np.bincount(portrait, error**2), np.bincount(portrait, expected**2)
    enough = np.flatnonzero((count >= MIN_TRIALS) & (squares > 0))
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
    """Mean and variance per visit of each row, shrunk to those of all portraits of the same day."""
    sums = np.array([np.bincount(origin, values, minlength=1)[origin] for values in (visits, total, square)])
    with np.errstate(invalid="ignore", divide="ignore"):
        count, total, square = np.array([visits, total, square]) + BORROWED_VISITS * sums / sums[0]
        mean = total / count
        return mean, np.maximum(square / count - mean**2, 0)
