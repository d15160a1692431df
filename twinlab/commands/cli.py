"""Arguments in, exit status out. Modules that need installed packages are imported by the command that needs them."""

import argparse
from collections.abc import Sequence
from functools import partial

from lab.commands import add_make_commands
from twinlab.commands.dispatch import add_command, dispatch
from twinlab.layout import Layout
from twinlab.parameters import CLIENTS_AT_MOST, MONTHS_AT_MOST, SEED_AT_MOST, Parameters
from twinlab.tools.server import PORT, PORT_AT_MOST


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of ``python -m twinlab`` (see `dispatch`)."""
    return dispatch(parser(), arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m twinlab``."""
    top = argparse.ArgumentParser(
        prog="python -m twinlab", description="АЗС TwinLab: build, simulate, export and inspect the warehouse."
    )
    commands = top.add_subparsers(title="commands", metavar="command", required=True)
    add = partial(add_command, commands)
    _add_parameters(add("run", _run, "build warehouse and reports, publish both"))
    simulated = add("simulate", _simulate, "recompute what rules and features decide, rebuild the reports")
    simulated.add_argument("--feature", metavar="CODE", help="show the figures of this product feature")
    add("export", _export, "write the warehouse's CSV files to data/")
    add("validate", _validate, "check the JSON of data/reference")
    _add_parameters(add("check", _check, "check only the parameters of a run"))
    add("summary", _summary, "print what the published warehouse contains")
    served = add("serve", _serve, "serve the built reports on this machine")
    served.add_argument("--port", metavar="N", help=f"1 to {PORT_AT_MOST} (default {PORT})")
    add("dev", _develop, "serve the reports with live reload")
    add("docs", _document, "generate dbt's documentation")
    add_make_commands(commands)
    add("browser", _browser, "find or install the Chromium of the browser tests")
    add("rehearse", _rehearse, "run `make run` in a copy of the checkout, for the tests")
    add("lock", _lock, "make requirements.txt and requirements-dev.txt from the .in files")
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


def _run(options: argparse.Namespace) -> None:
    from twinlab.commands.run import run

    print(run(Layout.here(), _parameters(options)))


def _simulate(options: argparse.Namespace) -> None:
    from twinlab.commands.run import simulate

    print(simulate(Layout.here(), options.feature))


def _export(_: argparse.Namespace) -> None:
    from twinlab.warehouse.export import export

    layout = Layout.here()
    for path, count in export(layout):
        print(f"{layout.shown(path)}: {count:,} {'rows' if path.suffix else 'files'}")


def _validate(_: argparse.Namespace) -> None:
    from twinlab.reference.cross_checks import twin_notes
    from twinlab.reference.load import load_reference

    layout = Layout.here()
    reference = load_reference(layout.reference, layout.schemas)
    print(f"{', '.join(f'{name}.json' for name in reference)}: no mistakes.")
    for note in twin_notes(reference):
        print(note)


def _check(options: argparse.Namespace) -> None:
    _parameters(options)


def _summary(_: argparse.Namespace) -> None:
    from twinlab.commands.run import published_parameters
    from twinlab.warehouse.summary import run_summary

    layout = Layout.here()
    print(run_summary(layout, published_parameters(layout.published).describe(), {}))


def _serve(options: argparse.Namespace) -> int:
    from twinlab.tools.server import serve

    return serve(Layout.here(), options.port)


def _develop(_: argparse.Namespace) -> int:
    from twinlab.commands.dev import develop

    return develop(Layout.here())


def _document(_: argparse.Namespace) -> None:
    from twinlab.commands.docs import document

    layout = Layout.here()
    print(f"dbt's documentation: open {layout.shown(document(layout))} in a browser.")


def _browser(_: argparse.Namespace) -> None:
    from twinlab.develop.browser import require_chromium

    print(f"Chromium: {require_chromium()}")


def _rehearse(_: argparse.Namespace) -> None:
    from twinlab.develop.rehearsal import rehearse

    rehearse(Layout.here())


def _lock(_: argparse.Namespace) -> None:
    from twinlab.develop.requirements import lock

    lock(Layout.here().root)
