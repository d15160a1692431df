"""``make export``: the three CSV files that the project began with, the briefs and the audiences, from schema marts."""

import os
import shutil
from pathlib import Path

import duckdb

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.warehouse.audiences import audience_queries
from twinlab.warehouse.publish import open_published

_CLIENT = """
    clients.client_id,
    clients.client_type,
    regions.label_ru as region,
    clients.main_fuel_grade,
    clients.tank_volume_l,
    clients.has_loyalty_card,
    clients.has_fuel_card,
    clients.has_contract,
    clients.main_payment_method,
    metrics.visits_per_month,
    metrics.volume_l_per_visit,
    metrics.spend_rub_per_visit"""

_FROM_CLIENTS = """
from marts.dim_clients as clients
left join marts.fct_client_metrics as metrics on clients.client_id = metrics.client_id
left join marts.dim_regions as regions on clients.region_code = regions.region_code"""

# Ordered, so that two exports of one run are the same bytes.
EXPORTS = {
    "synthetic.csv": f"select {_CLIENT}\n{_FROM_CLIENTS}\norder by clients.client_id",
    "synthetic_mapped.csv": f"""
select {_CLIENT},
    assigned.portrait_code,
    portraits.label_ru as portrait_label_ru,
    assigned.confidence_prob,
    assigned.second_portrait_code
{_FROM_CLIENTS}
left join marts.fct_client_portraits as assigned on clients.client_id = assigned.client_id
left join marts.dim_portraits as portraits on assigned.portrait_code = portraits.portrait_code
order by clients.client_id""",
    "simulated_reactions_advanced.csv": """
select
    client_id,
    portrait_code,
    feature_code,
    is_eligible,
    is_treated,
    has_responded,
    response_prob
from marts.fct_reactions
order by client_id, feature_code""",
}


def export(layout: Layout) -> list[tuple[Path, int]]:
    """Write the CSV files (UTF-8, comma, a header, empty for unknown), the features' briefs and their audiences.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Returns
    -------
    list of (Path, int)
        Each CSV file and its rows without the header, then the folders of the briefs and of the audiences with the
        number of their files.

    Raises
    ------
    UserError
        When the warehouse lacks a table.
    """
    parts = layout.data / ".build"
    parts.mkdir(parents=True, exist_ok=True)
    written = []
    with open_published(layout.published) as connection:
        # All are written before the first is swapped in: never two files of different runs side by side.
        for name, query in EXPORTS.items():
            written.append((layout.data / name, _copy(connection, query, parts / name, layout)))
        folders = [_write_briefs(connection, parts / "briefs", layout)]
        folders.append(_write_audiences(connection, parts / "audiences", layout))
    for path, _ in written:
        os.replace(parts / path.name, path)
    return [*written, *(_swap(parts / name, layout.data / "exports" / name, count) for name, count in folders)]


def _copy(connection: duckdb.DuckDBPyConnection, query: str, part: Path, layout: Layout) -> int:
    quoted = str(part).replace("'", "''")
    try:
        connection.execute(f"copy ({query}) to '{quoted}' (format csv, header, delimiter ',')")
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise _cannot_export(layout, error) from error
    except duckdb.IOException as error:
        part.unlink(missing_ok=True)
        raise UserError(f"{part.name} was not written: {str(error).splitlines()[0]}", "Is the disk full?") from error
    return connection.fetchone()[0]


def _cannot_export(layout: Layout, error: duckdb.Error) -> UserError:
    return UserError(
        f"{layout.shown(layout.published)} cannot be exported: {str(error).splitlines()[0]}",
        "Build it anew with `make run`.",
    )


def _write_briefs(connection: duckdb.DuckDBPyConnection, part: Path, layout: Layout) -> tuple[str, int]:
    """Write the brief of each feature; return the folder's name and their number."""
    try:
        query = "select feature_code, brief_ru from marts.mart_feature_briefs order by all"
        briefs = connection.sql(query).fetchall()
    except duckdb.CatalogException as error:
        raise _cannot_export(layout, error) from error
    _empty(part)
    for code, text in briefs:
        (part / f"{code}.md").write_text(text, encoding="utf-8")
    return part.name, len(briefs)


def _write_audiences(connection: duckdb.DuckDBPyConnection, part: Path, layout: Layout) -> tuple[str, int]:
    """Write whom to offer each feature; return the folder's name and the number of files."""
    try:
        queries = audience_queries(connection)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise _cannot_export(layout, error) from error
    _empty(part)
    for code, query in queries.items():
        _copy(connection, query, part / f"{code}.csv", layout)
    return part.name, len(queries)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _swap(part: Path, folder: Path, count: int) -> tuple[Path, int]:
    """Put a folder written beside in the place of the old one: nothing of a feature that is gone stays."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    os.replace(part, folder)
    return folder, count
