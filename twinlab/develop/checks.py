"""What ``make lint``, ``types``, ``check``, ``test`` and ``test-full`` run."""

import os
import sys

from twinlab.develop.stages import Stage, run_stages
from twinlab.layout import Layout

# Arguments of pytest. `make check` may take two minutes, all its stages together; the other two commands test the copy
# of the checkout that was rehearsed.
CHECK_TESTS = ("--numprocesses=2", "-m", "not statistical", "tests/unit", "tests/property")
TEST_TESTS = ("-m", "not slow and not statistical", "--ignore=tests/unit", "--ignore=tests/property")
FULL_TESTS = ()
# One process per core, at most four: each may build a warehouse or run a browser.
_REHEARSED = ("--numprocesses=auto", "--maxprocesses=4", "--durations=20", "--durations-min=20")
# sqlfluff takes its templater only from the folder it runs in.
_SITE_SQL = ("--templater", "placeholder")
# tests/conftest.py defines the groups.
_GROUPED = ("--dist=loadgroup", "--no-loadscope-reorder")


def run_checks(layout: Layout, command: str) -> int:
    """Run the stages of a command.

    Parameters
    ----------
    layout : Layout
    command : str
        A key of `stages_of_commands`.

    Returns
    -------
    int
        Exit status of the first stage that failed, otherwise 0.
    """
    # Settings of the caller's own runs do not count. Real data that is not part of the project: its test is skipped
    # if it is absent.
    environ = {name: value for name, value in os.environ.items() if name not in ("TWINLAB_DUCKDB", "TWINLAB_REFERENCE")}
    environ.setdefault("TWINLAB_CCS", str(layout.root.parent / "shared" / "data" / "ccs_fuel_cards"))
    return run_stages(stages_of_commands(layout)[command], environ)


def stages_of_commands(layout: Layout) -> dict[str, list[list[Stage]]]:
    """Return the stages of each command, as groups that run side by side."""
    root, reports, copy = layout.root, layout.reports, layout.root / "data" / ".build" / "rehearsal"
    sqlfluff = ("sqlfluff", "lint", "--disable-progress-bar")
    lint = [
        Stage("ruff", _python("ruff", "check", "."), root),
        Stage("ruff format", _python("ruff", "format", "--check", "."), root),
        Stage("sqlfluff", _python(*sqlfluff, "models", "tests/dbt", "dbt_project/macros"), root),
        Stage("sqlfluff of the site", _python(*sqlfluff, *_SITE_SQL, "reports/queries", "reports/sources"), root),
        Stage("npm run lint", ("npm", "run", "--silent", "lint"), reports),
    ]
    types = [Stage("mypy", _python("mypy"), root)]
    browser = [Stage("browser", _python("twinlab", "browser"), root)]
    rehearsal = [Stage("rehearsal", _python("twinlab", "rehearse"), root, is_costly=True)]
    quick = [Stage("quick tests", _python("pytest", *_GROUPED, *CHECK_TESTS), root)]
    rest = [Stage("other tests", _python("pytest", *_GROUPED, *_REHEARSED, *TEST_TESTS), copy, is_costly=True)]
    everything = [Stage("all tests", _python("pytest", *_GROUPED, *_REHEARSED, *FULL_TESTS), copy, is_costly=True)]
    check = [[*lint, *types], quick]
    return {
        "lint": [lint],
        "types": [types],
        "check": check,
        "test": [browser, *check, rehearsal, rest],
        "test-full": [browser, [*lint, *types], rehearsal, everything],
    }


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
