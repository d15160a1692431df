"""``make export``: three CSV files, the feature briefs and the audiences, from schema marts."""

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

# Ordered, so that exports of the same run are byte-identical.
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
    """Write the CSV files (UTF-8, comma, header, empty for null), the feature briefs and the audiences.

    Returns
    -------
    list of (Path, int)
        Each CSV file with its number of rows, then the folders of briefs and audiences with their number of files.

    Raises
    ------
    UserError
        If there is no readable warehouse, it lacks a table or column, or a file cannot be written.
    """
    parts = layout.data / ".build"
    parts.mkdir(parents=True, exist_ok=True)
    written = []
    with open_published(layout.published) as connection:
        # Written completely before any is moved into place, so that files of different runs are not mixed.
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
        raise UserError(
            f"{part.name} was not written: {str(error).splitlines()[0]}",
            f"Check free space and write access in {layout.shown(part.parent)}, then run `make export` again.",
        ) from error
    [(count,)] = connection.fetchall()
    return count


def _cannot_export(layout: Layout, error: duckdb.Error) -> UserError:
    return UserError(
        f"{layout.shown(layout.published)} cannot be exported: {str(error).splitlines()[0]}",
        "Rebuild it with `make run`.",
    )


def _write_briefs(connection: duckdb.DuckDBPyConnection, part: Path, layout: Layout) -> tuple[str, int]:
    """Write the brief of each feature; return the name of the folder and the number of files."""
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
    """Write the audience of each feature; return the name of the folder and the number of files."""
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
    """Replace a folder as a whole, so that no file of a removed feature remains."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    os.replace(part, folder)
    return folder, count
