"""Effect on visits by week of a trial, and visits that only move between our own stations.

Intention to treat, as in `ml.trials.analysis`: by portrait with pre-period covariates, portraits weighted by eligible
clients, with clustering by station where stations were randomised.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import require, with_nulls
from ml.tables.errors import InvalidValueError
from ml.tables.features import by_code
from ml.tables.intervals import Estimate, ratio, student
from ml.tables.periods import months
from ml.tables.threads import one_thread
from ml.trials.contrasts import Contrast, combine, contrast
from ml.trials.outcomes import PRE_PERIOD, Cell, cells

BY_STATION = "home_station"
AWAY = "pre_away_visits_per_month"
COUNTS = ("week_number", "treated_count", "control_count")
MOVED = "moved_visits_per_month"


@one_thread()
def weekly_effects(outcomes: pa.Table, features: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Compare the visits of the arms in each week.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.trials.analysis.analyse`, with weekly_visits, a list of one number per week, of equal length in all
        rows.
    features : list of mappings
        As in `feature_hypotheses.json`.

    Returns
    -------
    pyarrow.Table
        By feature and week: feature_code, week_number (from 1), treated_count, control_count (of the portraits with at
        least two clients in each arm; others are excluded), visits_per_client_control (adjusted),
        visits_per_client_effect and effect_ratio = effect / control, both with ``_low`` and ``_high``: 95 % for each
        week separately, not for the curve as a whole. A feature without such a portrait has no rows.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError
    """
    weekly = _weeks(outcomes)
    table = outcomes
    for name, values in weekly.items():
        table = table.append_column(name, pa.array(values))
    rows: list[dict[str, Any]] = []
    for code, strata in _by_feature(table, by_code(features), tuple(weekly)):
        used, part = _compare(strata, lambda cell: np.column_stack([cell.values[name] for name in weekly]))
        if part is not None:
            treated = sum(int(cell.treated.sum()) for cell in used)
            size = sum(len(cell.treated) for cell in used)
            row = {"feature_code": code, "treated_count": treated, "control_count": size - treated}
            rows += [row | {"week_number": week + 1} | _week(part, week) for week in range(len(weekly))]
    columns: dict[str, pa.Array] = {"feature_code": pa.array([row["feature_code"] for row in rows], pa.string())}
    columns |= {name: pa.array([row[name] for row in rows], pa.int64()) for name in COUNTS}
    columns["visits_per_client_control"] = with_nulls([row["visits_per_client_control"] for row in rows])
    for name in ("visits_per_client_effect", "effect_ratio"):
        columns |= _with_interval(name, [row[name] for row in rows])
    return pa.table(columns)


@one_thread()
def moved_visits(outcomes: pa.Table, features: Sequence[Mapping[str, Any]], *, horizon_weeks: int) -> pa.Table:
    """Estimate how many visits a station feature only moves from our other stations to the home station.

    This is the drop in visits to our other stations: the effect on visits to the home station minus the effect on all
    visits. It is no gain for the network, and the effect on all visits does not include it.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.trials.analysis.analyse`, with home_visits_count, and pre_away_visits_per_month, visits to our other
        stations before the trial (any value known in advance is valid, even 0; the better it predicts, the narrower the
        interval).
    features : list of mappings
        As in `feature_hypotheses.json`; only those whose randomization_unit is a station are estimated.
    horizon_weeks : int

    Returns
    -------
    pyarrow.Table
        By feature: feature_code, moved_visits_per_month with ``_low`` and ``_high`` (95 %), if all eligible clients are
        treated; negative if visits move away from the home station.

    Raises
    ------
    MissingColumnError, UnknownCodeError, InvalidValueError
    """
    known = by_code(features)
    length = months(horizon_weeks)
    codes, moved = [], []
    for code, strata in _by_feature(outcomes, known, ("home_visits_count", AWAY)):
        if known[code]["randomization_unit"] == BY_STATION:
            used, part = _compare(strata, lambda cell: _drop_elsewhere(cell, length))
            scale = sum(len(cell.treated) for cell in used) / length
            codes.append(code)
            moved.append(Estimate() if part is None else _effect(part, 0).times(scale))
    return pa.table({"feature_code": pa.array(codes, pa.string()), **_with_interval(MOVED, moved)})


def _weeks(outcomes: pa.Table) -> dict[str, np.ndarray]:
    """Visits of each week as separate columns, by name."""
    require(outcomes, ["weekly_visits"], "experiment outcomes")
    column = outcomes["weekly_visits"].combine_chunks()
    lengths = column.value_lengths().unique().to_pylist()
    if len(lengths) > 1 or lengths == [None]:
        raise InvalidValueError("weekly_visits", lengths, "experiment outcomes", "as many weeks in every row")
    if not lengths:
        return {}
    visits = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), lengths[0])
    return {f"week_{number}": values for number, values in enumerate(visits.T.astype(np.float64), start=1)}


def _by_feature(outcomes: pa.Table, known: Mapping[str, Any], extra: Sequence[str]) -> Iterator[tuple[str, list[Cell]]]:
    for code, group in groupby(cells(outcomes, known, extra), key=lambda cell: cell.feature_code):
        yield code, list(group)


def _compare(strata: list[Cell], values_of: Callable[[Cell], np.ndarray]) -> tuple[list[Cell], Contrast | None]:
    """Contrast outcomes over the strata with enough clients; also return these strata."""
    used, parts = [], []
    for cell in strata:
        before = cell.covariates(cell.values[PRE_PERIOD["visits_count"]])
        part = contrast(values_of(cell), cell.treated, before, cell.group_id)
        if part is not None:
            used.append(cell)
            parts.append(part)
    if not parts:
        return used, None
    sizes = np.array([len(cell.treated) for cell in used])
    return used, combine(parts, sizes / sizes.sum())


def _drop_elsewhere(cell: Cell, length: float) -> np.ndarray:
    """Drop in visits to other stations relative to the pre-period, by client, shape (clients, 1).

    Subtracted rather than used as a covariate: strata with few stations are compared without covariates, and large
    fleets that always refuel elsewhere would contribute most of the noise.
    """
    return (length * cell.values[AWAY] + cell.values["home_visits_count"] - cell.values["visits_count"])[:, None]


def _effect(part: Contrast, i: int) -> Estimate:
    return student(part.effect[i], part.var_effect(i), part.df[i])


def _week(part: Contrast, week: int) -> dict[str, Any]:
    relative = ratio(
        part.effect[week],
        part.control[week],
        part.var_effect(week),
        part.var_control(week),
        part.covariance(week),
        part.df[week],
    )
    return {
        "visits_per_client_control": part.control[week],
        "visits_per_client_effect": _effect(part, week),
        "effect_ratio": relative,
    }


def _with_interval(name: str, estimates: Sequence[Estimate]) -> dict[str, pa.Array]:
    return {
        name: with_nulls([estimate.value for estimate in estimates]),
        f"{name}_low": with_nulls([estimate.low for estimate in estimates]),
        f"{name}_high": with_nulls([estimate.high for estimate in estimates]),
    }
