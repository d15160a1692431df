"""``make run`` and ``make simulate``: the stages, and when their results are published."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from generator.config import load_run
from generator.errors import GeneratorError
from ingest import IngestError, check
from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.parameters import Parameters
from twinlab.progress import Progress
from twinlab.reference.cross_checks import feature_codes, twin_notes
from twinlab.reference.load import load_reference
from twinlab.tools.dbt import run_dbt
from twinlab.tools.site import build_site
from twinlab.warehouse.publish import building, copy_published, open_published, publish
from twinlab.warehouse.summary import closing_lines, feature_summary, one_row, run_summary
from vocabulary.codes import SYNTHETIC

# Only what depends on the JSON of features and rules.
SIMULATED = ("stg_reference__features+", "stg_reference__offers+", "stg_reference__rules+")


def run(layout: Layout, parameters: Parameters) -> str:
    """Build warehouse and site next to the published ones, then publish both.

    Parameters
    ----------
    layout : Layout
    parameters : Parameters

    Returns
    -------
    str
        The summary.

    Raises
    ------
    UserError
        When a stage fails; what was published before is unchanged.
    """
    reference = load_reference(layout.reference, layout.schemas)
    _check_twin(layout, parameters)
    _check_own_files(layout, parameters)
    with building(layout, "make run") as side:
        print(f"Building {parameters.describe()}.")
        _print_notes(reference, parameters)
        stages = _build(layout, parameters, side, ())
    return run_summary(layout, parameters.describe(), stages)


def simulate(layout: Layout, feature: str | None) -> str:
    """Recompute what features and rules decide, on a copy of the published warehouse, and publish.

    Parameters
    ----------
    layout : Layout
    feature : str or None
        Code of the product feature to show; None shows all.

    Returns
    -------
    str
        The summary and the figures of the feature.

    Raises
    ------
    UserError
        When the feature is unknown, or a stage fails.
    """
    reference = load_reference(layout.reference, layout.schemas)
    known = feature_codes(reference)
    if feature is not None and feature not in known:
        raise UserError(f"FEATURE={feature} is not known.", f"Allowed: {', '.join(known)}.")
    parameters = published_parameters(layout.published)
    with building(layout, "make simulate") as side:
        print(f"Simulating on {parameters.describe()}.")
        _print_notes(reference, parameters)
        copy_published(layout)
        stages = _build(layout, parameters, side, ("--select", *SIMULATED))
    return "\n".join((feature_summary(layout, feature), *closing_lines(layout, stages)))


def published_parameters(path: Path) -> Parameters:
    """Return the parameters that the published warehouse was built with.

    Parameters
    ----------
    path : Path
        The published file.

    Returns
    -------
    published : Parameters
        For own files `source` is only the folder's name; the folder is not read again.

    Raises
    ------
    UserError
        When there is no warehouse, or this project did not build it.
    """
    with open_published(path) as connection:
        row = one_row(connection, "run_info")
    if not row:
        raise UserError(f"{path} has no marts.run_info.", "Build it with `make run`.")
    if row["source"] != SYNTHETIC:
        # The period of own files comes from their visits, not from parameters.
        return Parameters(seed=row["seed"], source=row["source_name"])
    period_start = row["period_start"]
    return Parameters(
        clients=row["clients_requested"],
        months=row["months"],
        seed=row["seed"],
        source=SYNTHETIC,
        period_start=period_start if isinstance(period_start, date) else date.fromisoformat(period_start),
    )


def _check_twin(layout: Layout, parameters: Parameters) -> None:
    """Let the generator check its configuration once, before dbt starts."""
    try:
        load_run(
            layout.reference,
            seed=parameters.seed,
            clients=parameters.clients,
            months=parameters.months,
            period_start=parameters.period_start,
        )
    except GeneratorError as error:
        raise UserError("the synthetic network cannot be drawn.", str(error)) from error


def _print_notes(reference: Mapping[str, Any], parameters: Parameters) -> None:
    if parameters.source == SYNTHETIC:
        for note in twin_notes(reference):
            print(note)


def _check_own_files(layout: Layout, parameters: Parameters) -> None:
    try:
        check(parameters.source, layout.reference / "mappings")
    except IngestError as error:
        raise UserError(error.problem, *error.details) from error


def _build(layout: Layout, parameters: Parameters, side: Path, selection: tuple[str, ...]) -> dict[str, float]:
    """Run the stages on the side file and publish; return the seconds of each stage."""
    with Progress("dbt") as dbt:
        run_dbt(layout, ["build", *selection], parameters, warehouse=side, progress=dbt)
    with Progress("site") as site:
        build_site(layout, side, site)
    publish(layout)
    return {"dbt build": dbt.seconds, "site": site.seconds}
