"""Arguments in, exit status out. Modules that need installed packages are imported by the command that needs them."""

import argparse
from collections.abc import Sequence
from functools import partial

from lab.commands import add_make_commands
from twinlab.commands.dispatch import add_command, dispatch
from twinlab.commands.ready import ready
from twinlab.layout import Layout
from twinlab.parameters import CLIENTS_AT_MOST, MONTHS_AT_MOST, SEED_AT_MOST, Parameters
from twinlab.tools.packages import install
from twinlab.tools.server import PORT, PORT_AT_MOST, checked_port, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of ``python -m twinlab`` (see `dispatch`)."""
    return dispatch(parser(), arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m twinlab``."""
    top = argparse.ArgumentParser(
        prog="python -m twinlab",
        description="АЗС TwinLab: build, simulate, export and inspect the warehouse.",
        epilog="Each command first installs the packages that it needs, inside the project folder.",
    )
    commands = top.add_subparsers(title="commands", metavar="command", required=True)
    add = partial(add_command, commands)
    setup = add("setup", _setup, "install what a run needs: .venv and reports/node_modules")
    setup.add_argument("--dev", action="store_true", help="also what the tests need")
    _add_parameters(add("run", _run, "build warehouse and reports, publish both"))
    simulated = add("simulate", _simulate, "recompute what rules and features decide, rebuild the reports")
    simulated.add_argument("--feature", metavar="CODE", help="show the figures of this product feature")
    served = add("serve", _serve, "serve the built reports on this machine")
    served.add_argument("--port", metavar="N", help=f"1 to {PORT_AT_MOST} (default {PORT})")
    add("dev", _develop, "serve the reports with live reload")
    add("export", _export, "write the warehouse's CSV files to data/")
    add("docs", _document, "generate dbt's documentation")
    add("validate", _validate, "check the JSON of data/reference")
    add("summary", _summary, "print what the published warehouse contains")
    add_make_commands(commands)
    add("lint", partial(_check, "lint"), "ruff, sqlfluff, eslint and svelte-check")
    add("types", partial(_check, "types"), "mypy")
    add("browser", _browser, "find or install the Chromium of the browser tests")
    add("check", partial(_check, "check"), "lint, types and the quick tests")
    add("test", partial(_check, "test"), "check, a run in a copy of the checkout, and the tests of it")
    add("test-full", partial(_check, "test-full"), "lint, types, a run in a copy, and all tests: what CI runs")
    add("rehearse", _rehearse, "run `make run` in a copy of the checkout, for the tests")
    add("lock", _lock, "make requirements.txt and requirements-dev.txt from the .in files")
    add("clean", _clean, "remove build results and caches; installed packages stay")
    return top


def _add_parameters(command: argparse.ArgumentParser) -> None:
    # Read as text: Parameters rejects a wrong value and says what is allowed.
    default = Parameters()
    command.add_argument("--clients", metavar="N", help=f"1 to {CLIENTS_AT_MOST} (default {default.clients})")
    command.add_argument("--months", metavar="N", help=f"1 to {MONTHS_AT_MOST} (default {default.months})")
    command.add_argument("--seed", metavar="N", help=f"0 to {SEED_AT_MOST} (default {default.seed})")
    command.add_argument("--source", metavar="FOLDER", help="own files instead of synthetic clients")


def _parameters(options: argparse.Namespace) -> Parameters:
    return Parameters.parse(options.clients, options.months, options.seed, options.source)


def _setup(options: argparse.Namespace) -> None:
    install(Layout.here().root, site=True, tests=options.dev)
    print("setup: everything is installed.")


def _run(options: argparse.Namespace) -> None:
    parameters = Parameters.parse(options.clients, options.months, options.seed, options.source)
    ready(site=True)
    from twinlab.commands.run import run

    print(run(Layout.here(), parameters))


def _simulate(options: argparse.Namespace) -> None:
    ready(site=True)
    from twinlab.commands.run import simulate

    print(simulate(Layout.here(), options.feature))


def _serve(options: argparse.Namespace) -> int:
    port = checked_port(options.port)
    ready(site=True)
    return serve(Layout.here(), port)


def _develop(_: argparse.Namespace) -> int:
    ready(site=True)
    from twinlab.commands.dev import develop

    return develop(Layout.here())


def _export(_: argparse.Namespace) -> None:
    ready()
    from twinlab.warehouse.export import export

    layout = Layout.here()
    for path, count in export(layout):
        print(f"{layout.shown(path)}: {count:,} {'rows' if path.suffix else 'files'}")


def _document(_: argparse.Namespace) -> None:
    ready()
    from twinlab.commands.docs import document

    layout = Layout.here()
    print(f"dbt's documentation: open {layout.shown(document(layout))} in a browser.")


def _validate(_: argparse.Namespace) -> None:
    ready()
    from twinlab.reference.cross_checks import twin_notes
    from twinlab.reference.load import load_reference

    layout = Layout.here()
    reference = load_reference(layout.reference, layout.schemas)
    print(f"{', '.join(f'{name}.json' for name in reference)}: no mistakes.")
    for note in twin_notes(reference):
        print(note)


def _summary(_: argparse.Namespace) -> None:
    ready()
    from twinlab.commands.run import published_parameters
    from twinlab.warehouse.summary import run_summary

    layout = Layout.here()
    print(run_summary(layout, published_parameters(layout.published).describe(), {}))


def _check(command: str, _: argparse.Namespace) -> int:
    ready(site=command != "types", tests=True)
    from twinlab.develop.checks import run_checks

    return run_checks(Layout.here(), command)


def _browser(_: argparse.Namespace) -> None:
    ready(tests=True)
    from twinlab.develop.browser import require_chromium

    print(f"Chromium: {require_chromium()}")


def _rehearse(_: argparse.Namespace) -> None:
    ready(site=True)
    from twinlab.develop.rehearsal import rehearse

    rehearse(Layout.here())


def _lock(_: argparse.Namespace) -> None:
    ready(tests=True)
    from twinlab.develop.requirements import lock

    lock(Layout.here().root)


def _clean(_: argparse.Namespace) -> None:
    from twinlab.develop.clean import clean

    clean(Layout.here().root)
