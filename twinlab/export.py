"""``make export``: the three CSV files that the project began with, and the briefs, from schema marts."""

import os
import shutil
from pathlib import Path

import duckdb

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.warehouse import open_published

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
    """Write the CSV files (UTF-8, comma, a header, empty for unknown) and a Markdown file for each feature's brief.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Returns
    -------
    list of (Path, int)
        Each CSV file and its rows without the header, then the folder of the briefs and their number.

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
        briefs = _briefs(connection, layout)
    for path, _ in written:
        os.replace(parts / path.name, path)
    return [*written, _write_briefs(briefs, parts / "briefs", layout.data / "exports" / "briefs")]


def _copy(connection: duckdb.DuckDBPyConnection, query: str, part: Path, layout: Layout) -> int:
    quoted = str(part).replace("'", "''")
    try:
        connection.execute(f"copy ({query}) to '{quoted}' (format csv, header, delimiter ',')")
    except duckdb.CatalogException as error:
        raise UserError(
            f"{layout.shown(layout.published)} cannot be exported: {str(error).splitlines()[0]}",
            "Build it anew with `make run`.",
        ) from error
    except duckdb.IOException as error:
        part.unlink(missing_ok=True)
        raise UserError(f"{part.name} was not written: {str(error).splitlines()[0]}", "Is the disk full?") from error
    return connection.fetchone()[0]


def _briefs(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, str]:
    """Brief of each feature by its code."""
    try:
        return dict(
            connection.sql("select feature_code, brief_ru from marts.mart_feature_briefs order by all").fetchall()
        )
    except duckdb.CatalogException as error:
        raise UserError(
            f"{layout.shown(layout.published)} cannot be exported: {str(error).splitlines()[0]}",
            "Build it anew with `make run`.",
        ) from error


def _write_briefs(briefs: dict[str, str], part: Path, folder: Path) -> tuple[Path, int]:
    """Write the briefs beside the old ones and swap the folders: none of a feature that is gone stays."""
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for code, text in briefs.items():
        (part / f"{code}.md").write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    os.replace(part, folder)
    return folder, len(briefs)
