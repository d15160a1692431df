"""What stands in a warehouse, in a few lines for people."""

from collections.abc import Mapping
from typing import Any

import duckdb

from ingest.columns import COLUMNS, OPTIONAL_TABLES
from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.server import PORT
from twinlab.warehouse.publish import open_published

ADDRESS = f"http://127.0.0.1:{PORT}"


def run_summary(layout: Layout, built: str, stages: Mapping[str, float]) -> str:
    """Return what was built, how long it took and how to open it.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    built : str
        The run's parameters in words.
    stages : mapping
        Seconds by stage; empty when nothing was built now.

    Returns
    -------
    str
    """
    with open_published(layout.published) as connection:
        counts = row_counts(connection, "marts")
        info = one_row(connection, "run_info")
        calibration = calibration_lines(connection)
    width = max((len(name) for name in counts), default=0)
    lines = ["", f"Rows in schema marts ({built}):"]
    lines += [f"  {name:<{width}} {count:>12,}" for name, count in counts.items()]
    return "\n".join([*lines, *intake_lines(info), *calibration, *closing_lines(layout, stages)])


def calibration_lines(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return how the synthetic network compares with published figures.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An open warehouse.

    Returns
    -------
    list of str
        Empty for own data, and for a warehouse built before there were such checks.
    """
    query = "select * from marts.mart_twin_quality where kind = 'calibration' and is_passed is not null order by all"
    try:
        rows = _rows(connection, query, [])
    except duckdb.CatalogException:
        return []
    missed = [f"{row['check_code']} ({_figure(row['value'])})" for row in rows if not row["is_passed"]]
    if not rows:
        return []
    line = f"Published figures: {len(rows) - len(missed)} of {len(rows)} met"
    return ["", line + (f"; missed: {', '.join(missed)}" if missed else "")]


def closing_lines(layout: Layout, stages: Mapping[str, float]) -> list[str]:
    """Return how long it took and how to open what was built.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    stages : mapping
        Seconds by stage; empty when nothing was built now.

    Returns
    -------
    list of str
    """
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in stages.items())
    return [
        "",
        *([f"Time:      {times}"] if times else []),
        f"Warehouse: {layout.shown(layout.published)}",
        f"Reports:   make serve, then open {ADDRESS}",
    ]


def intake_lines(info: Mapping[str, Any]) -> list[str]:
    """Return how many rows of own files were read, accepted and quarantined, and the queries for the reasons.

    Parameters
    ----------
    info : mapping
        The row of ``marts.run_info``.

    Returns
    -------
    list of str
        Empty for a synthetic run.
    """
    if info.get("source") != "own":
        return []
    lines = ["", f"Own files ({info['source_name']}):"]
    queries = []
    for name in COLUMNS:
        # A warehouse built by an older version does not count every table.
        read, quarantined = info.get(f"{name}_read_count") or 0, info.get(f"{name}_quarantined_count") or 0
        if read or name not in OPTIONAL_TABLES:
            lines.append(f"  {name:<12} {read:,} read = {read - quarantined:,} accepted + {quarantined:,} quarantined")
        if quarantined:
            queries.append(f"  why: select reason_code, count(*) from quarantine.{name} group by all")
    lines += queries
    if info.get("note_ru"):
        lines.append(f"  {info['note_ru']}")
    return lines


def feature_summary(layout: Layout, feature: str | None) -> str:
    """Return the figures of one product feature, or a line for each.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    feature : str or None
        Its code; None for all.

    Returns
    -------
    str

    Raises
    ------
    UserError
        When the warehouse has no figures for it.
    """
    where, values = ("where feature_code = ?", [feature]) if feature else ("order by feature_code", [])
    with open_published(layout.published) as connection:
        rows = _rows(connection, f"select * from marts.mart_feature_metrics {where}", values)
    if not rows:
        raise UserError(f"marts.mart_feature_metrics has no row for {feature}.", "Rebuild with `make run`.")
    if feature is None:
        return "\n".join(["Product features:", *(_one_line(row) for row in rows)])
    row = rows[0]
    width = max(len(name) for name in row)
    shown = [name for name in row if not name.endswith(("_low", "_high"))]
    return "\n".join(f"{name:<{width}}  {_estimate(row, name)}" for name in shown)


def row_counts(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, int]:
    """Count the rows of every table and view of a schema.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An open warehouse.
    schema : str
        Its name.

    Returns
    -------
    dict
        Rows by table, in the order of names.
    """
    names = connection.execute(
        "select table_name from information_schema.tables where table_schema = ? order by table_name", [schema]
    ).fetchall()
    return {name: len(connection.sql(f'from "{schema}"."{name}"')) for (name,) in names}


def one_row(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """Return the only row of a table of schema marts.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An open warehouse.
    table : str
        Name of the table.

    Returns
    -------
    dict
        Values by column; empty when there is no such table or no row.
    """
    try:
        rows = _rows(connection, f'select * from marts."{table}"', [])
    except duckdb.CatalogException:
        return {}
    return rows[0] if rows else {}


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    result = connection.execute(query, values)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _one_line(row: Mapping[str, Any]) -> str:
    return f"  {row['feature_code']:<26} profit ₽/month {_estimate(row, 'profit_rub_per_month')}"


def _estimate(row: Mapping[str, Any], name: str) -> str:
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    interval = "" if low is None or high is None else f"  ({_figure(low)} … {_figure(high)})"
    return _figure(row[name]) + interval


def _figure(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
