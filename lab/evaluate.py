"""``make evaluate``: grades over seeds, sizes and separations."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from lab.grades import GRADES
from lab.mart import mart_rows, write_mart
from lab.plan import Setting, plan
from lab.report import machine
from lab.store import Results, inputs_digest
from lab.summary.page import summary
from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.reference.load import load_reference
from twinlab.tools.dbt import run_dbt
from twinlab.tools.lock import only_one

TAKE_IN = (
    "The next `make run` takes these figures into the warehouse and the reports. Into the warehouse alone, at once:\n"
    ".venv/bin/dbt build --project-dir dbt_project --profiles-dir dbt_project --select raw_evaluation__grades+"
)


def evaluate(
    layout: Layout,
    clients: int | None = None,
    seed: int | None = None,
    *,
    is_full: bool = False,
    only: str | None = None,
) -> str:
    """Build and grade the runs of the plan, and write data/evaluation/.

    Parameters
    ----------
    layout : Layout
    clients, seed : int, optional
        The only size, the only seed.
    is_full : bool
        See `plan`.
    only : str, optional
        The only grade; all by default.

    Returns
    -------
    str
        The summary; if a warehouse is published, also how to load the figures into it.

    Raises
    ------
    UserError
        When there is no such grade, or a run fails. Earlier results are kept: the same command resumes.
    """
    if only and only not in GRADES:
        raise UserError(f"GRADE={only} is not valid.", f"Allowed: {', '.join(GRADES)}; all by default.")
    separation = _separation(layout)
    settings = plan(clients, seed, separation=separation, is_full=is_full)
    if only:
        settings = [replace(each, grades=(only,)) for each in settings if only in each.grades]
        if not settings:
            raise UserError(f"GRADE={only} is not graded at CLIENTS={clients}.", "Leave CLIENTS out.")
    text = grade(layout, settings, separation)
    return f"{text}\n\n{TAKE_IN}" if layout.published.is_file() else text


def grade(layout: Layout, settings: Sequence[Setting], separation: float) -> str:
    """Build and grade settings one by one, except those whose figures are kept.

    Parameters
    ----------
    layout : Layout
    settings : sequence of Setting
    separation : float
        That of the reference.

    Returns
    -------
    str
        The summary of these settings.
    """
    folder = layout.data / "evaluation"
    with only_one(folder / ".lock", "make evaluate"):
        inputs = inputs_digest(layout)
        results = {name: Results(folder / f"{name}.csv", inputs) for name in GRADES}
        for number, setting in enumerate(settings, start=1):
            left = [name for name in setting.grades if not results[name].of(setting)]
            print(f"{number} of {len(settings)}: {setting.describe()}{'' if left else ': kept'}", flush=True)
            if left:
                _grade(layout, folder / "scratch", setting, {name: results[name] for name in left}, separation)
        rows = {
            name: [row for setting in settings if name in setting.grades for row in results[name].of(setting)]
            for name in GRADES
        }
        text = summary(f"{machine()}; inputs {inputs}", rows, separation)
        (folder / "summary.md").write_text(text + "\n", encoding="utf-8")
        # All kept figures, not only those of this call: a small evaluation removes none from the warehouse.
        kept = {name: each.rows for name, each in results.items()}
        write_mart(folder, mart_rows(kept, inputs=inputs, day=datetime.now(UTC).date()))
    return text


def _grade(layout: Layout, scratch: Path, setting: Setting, left: dict[str, Results], separation: float) -> None:
    """Build the models that the grades need in a scratch warehouse, and read their figures."""
    with _empty(scratch):
        warehouse = scratch / "twinlab.duckdb"
        if setting.separation != separation:
            layout = replace(layout, reference=_with_separation(layout, scratch / "reference", setting.separation))
        # Data tests are left to `make test`.
        command = ["build", "--exclude-resource-type", "test", "unit_test", "--select"]
        command += dict.fromkeys(model for name in left for model in GRADES[name].select)
        with Progress("dbt") as progress:
            run_dbt(
                layout,
                command,
                setting.parameters,
                warehouse=warehouse,
                progress=progress,
                target=scratch / "target",
            )
        for name, results in left.items():
            with Progress(name) as progress, duckdb.connect(str(warehouse), read_only=True) as connection:
                figures = GRADES[name].read(connection, setting.parameters, layout.reference, progress.doing)
                results.add(setting, figures)


def _separation(layout: Layout) -> float:
    return load_reference(layout.reference, layout.schemas)["twin"]["knobs"]["separation"]["value"]


def _with_separation(layout: Layout, folder: Path, separation: float) -> Path:
    """Copy the reference with another value of the knob; return the copy."""
    shutil.copytree(layout.reference, folder)
    path = folder / "twin.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["knobs"]["separation"]["value"] = separation
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return folder


@contextmanager
def _empty(folder: Path) -> Iterator[None]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
