"""The grades of ``make evaluate``: the models that each needs, and the figures it reads from their warehouse."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from lab.portraits.ceiling import Ceiling, find_ceiling
from lab.portraits.grades import PORTRAIT_SCHEMA, TWINLAB
from lab.portraits.settings import grade_settings
from lab.portraits.stability import find_stability
from lab.rows import Row
from lab.trials.repeat import trials
from ml.tables.errors import MLError
from ml.targeting.trial import MIN_PER_ARM
from twinlab.errors import UserError
from twinlab.parameters import Parameters


@dataclass(frozen=True)
class Grade:
    """One of the grades.

    Parameters
    ----------
    select : tuple of str
        dbt selection of the models it reads, with their ancestors.
    read : callable
        Takes a warehouse, the run's parameters, the reference folder and a function that shows progress; returns rows
        of figures.
    """

    select: tuple[str, ...]
    read: Callable[[duckdb.DuckDBPyConnection, Parameters, Path, Callable[[str], None]], list[Row]]


def twin_quality(connection: duckdb.DuckDBPyConnection, *_: object) -> list[Row]:
    """Read the checks of the twin from ``marts.mart_twin_quality``, one row per check."""
    names = ("check_code", "kind", "value", "target_low", "target_high", "is_passed")
    found = connection.sql(f"select {', '.join(names)} from marts.mart_twin_quality order by kind desc, check_code")
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def ceiling(connection: duckdb.DuckDBPyConnection, parameters: Parameters, *_: object) -> list[Row]:
    """Measure how far the portraits can be distinguished at all (see `lab.portraits.ceiling`).

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with ``marts.fct_client_metrics`` and ``truth.client_portraits``.
    parameters : Parameters
        Of the run; its seed cuts the folds.

    Returns
    -------
    list of dict
        grade_code, portrait_code, predicted_code, value. Shares (0–1): accuracy and macro_f1 of all, precision and
        recall of each portrait; clients_count of each pair of true and predicted portrait that occurs.

    Raises
    ------
    UserError
        When the clients are too few.
    """
    metrics = connection.sql("from marts.fct_client_metrics").arrow().read_all()
    portraits = connection.sql("select client_id, portrait_code from truth.client_portraits").arrow().read_all()
    try:
        return _rows(find_ceiling(metrics, portraits, seed=parameters.seed, jobs=-1))
    except MLError as error:
        raise UserError(f"no ceiling of portraits at {parameters.describe()}.", str(error)) from error


def portraits(connection: duckdb.DuckDBPyConnection, *_: object) -> list[Row]:
    """Read the grades of the portraits and of the moves between them.

    They are computed in the models ``evaluation.portrait_grades`` (`lab.portraits.grades`) and
    ``evaluation.migration_grades`` (`lab.portraits.moves`).

    Returns
    -------
    list of dict
        Columns of `PORTRAIT_SCHEMA`; None where a grade is of no portrait, no pair or no bin, or has no interval.
    """
    names = ", ".join(PORTRAIT_SCHEMA.names)
    found = connection.sql(
        f"select {names} from (from evaluation.portrait_grades union all from evaluation.migration_grades) order by all"
    )
    return found.to_arrow_table().to_pylist()


def stability(connection: duckdb.DuckDBPyConnection, parameters: Parameters, *_: object) -> list[Row]:
    """Measure whether refits on resamples give the same portraits (see `lab.portraits.stability`).

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with ``metrics.client_metrics``, the criteria and ``evaluation.portrait_grades``.
    parameters : Parameters
        Of the run; its seed draws the resamples.

    Returns
    -------
    list of dict
        Columns of `PORTRAIT_SCHEMA`: mean, lowest and highest over the refits.
    """
    metrics, criteria, confidence = _fitted_on(connection)
    found = find_stability(metrics, criteria, seed=parameters.seed, min_confidence=confidence)
    return [
        _row(TWINLAB, code, float(each.mean()), float(each.min()), float(each.max()))
        for code, each in (("stability_ari", found.adjusted_rand), ("stability_share", found.same_share))
    ]


def settings(connection: duckdb.DuckDBPyConnection, parameters: Parameters, *_: object) -> list[Row]:
    """Measure how much each setting changes the portraits (see `lab.portraits.settings`).

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with ``metrics.client_metrics``, the criteria, ``truth.client_portraits`` and
        ``evaluation.portrait_grades``.
    parameters : Parameters
        Of the run.

    Returns
    -------
    list of dict
        Columns of `PORTRAIT_SCHEMA`; method_code is that of the variation, `TWINLAB` for the usual settings.
        macro_f1_difference is macro-F1 of the usual settings less that of the variation, with its interval.
    """
    metrics, criteria, confidence = _fitted_on(connection)
    truth = connection.sql("select client_id, portrait_code from truth.client_portraits").to_arrow_table()
    rows = []
    for found in grade_settings(metrics, criteria, truth, seed=parameters.seed, min_confidence=confidence):
        code, ahead = found.variation.code, found.difference
        rows.append(_row(code, "macro_f1_difference", ahead.value, ahead.low, ahead.high))
        rows += [_row(code, name, getattr(found, name)) for name in ("macro_f1", "undefined_share", "same_share")]
        if not math.isnan(found.ece):
            rows.append(_row(code, "ece", found.ece))
    return rows


def targeting(connection: duckdb.DuckDBPyConnection, *_: object) -> list[Row]:
    """Read how well individual effects are estimated, and the profit of offers chosen by them.

    They are computed in the model ``evaluation.targeting_grades`` (`lab.targeting.grades`).

    Returns
    -------
    list of dict
        feature_code (None over all of them), method_code, grade_code, value.

    Raises
    ------
    UserError
        When the trials are too small for individual effects.
    """
    rows = connection.sql("from evaluation.targeting_grades order by all").to_arrow_table().to_pylist()
    if not rows:
        raise UserError(
            f"no trial has {MIN_PER_ARM} clients in each arm: individual effects cannot be graded.",
            "Take more CLIENTS.",
        )
    return rows


GRADES: Mapping[str, Grade] = {
    "twin_quality": Grade(("+mart_twin_quality",), twin_quality),
    "portraits": Grade(("+portrait_grades", "+migration_grades"), portraits),
    "stability": Grade(("+portrait_grades",), stability),
    "settings": Grade(("+portrait_grades",), settings),
    "trials": Grade(("+experiment_outcomes",), trials),
    "targeting": Grade(("+targeting_grades",), targeting),
    "ceiling": Grade(("+fct_client_metrics", "truth_client_portraits"), ceiling),
}


def _fitted_on(connection: duckdb.DuckDBPyConnection) -> tuple[pa.Table, pa.Table, float]:
    """Metrics, criteria and min_confidence of the run's portraits, to refit them."""
    metrics = connection.sql("from metrics.client_metrics").to_arrow_table()
    criteria = connection.sql("from staging.stg_reference__criteria").to_arrow_table()
    [(confidence,)] = connection.sql(
        "select value from evaluation.portrait_grades where grade_code = 'min_confidence'"
    ).fetchall()
    return metrics, criteria, confidence


def _row(method_code: str, grade_code: str, value: float, low: float | None = None, high: float | None = None) -> Row:
    figures = {"value": value, "low": low, "high": high}
    return dict.fromkeys(PORTRAIT_SCHEMA.names) | {"method_code": method_code, "grade_code": grade_code} | figures


def _rows(found: Ceiling) -> list[Row]:
    grades = found.grades

    def row(code: str, value: float, portrait: str = "", predicted: str = "") -> Row:
        return {"grade_code": code, "portrait_code": portrait, "predicted_code": predicted, "value": value}

    rows = [row("accuracy", grades.accuracy), row("macro_f1", grades.macro_f1)]
    for name, shares in (("precision", grades.precision), ("recall", grades.recall)):
        known = zip(grades.codes, shares.tolist(), strict=True)
        rows += [row(name, share, code) for code, share in known if not math.isnan(share)]
    for true, counts in zip(grades.codes, grades.counts.tolist(), strict=True):
        pairs = zip(grades.codes, counts, strict=True)
        rows += [row("clients_count", count, true, predicted) for predicted, count in pairs if count]
    return rows
