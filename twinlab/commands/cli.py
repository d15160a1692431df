"""Arguments in, exit status out. Modules that need installed packages are imported by the command that needs them."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from twinlab.errors import UserError, from_os_error
from twinlab.layout import Layout
from twinlab.parameters import CLIENTS_AT_MOST, MONTHS_AT_MOST, SEED_AT_MOST, Parameters
from twinlab.tools.server import PORT, PORT_AT_MOST

USER_ERROR = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command line without the program; ``sys.argv`` by default.

    Returns
    -------
    int
        0; 2 for something a person can mend, told on standard error; 130 when interrupted. Anything else is a fault of
        the program and comes with its traceback.
    """
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return options.command(options) or 0
    except KeyboardInterrupt:
        print("\nInterrupted. What was published before is unchanged.", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"\n{error.render()}", file=sys.stderr)
        return USER_ERROR
    except OSError as error:
        translated = from_os_error(error)
        if translated is None:
            raise
        print(f"\n{translated.render()}", file=sys.stderr)
        return USER_ERROR


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line.

    Returns
    -------
    argparse.ArgumentParser
    """
    top = argparse.ArgumentParser(
        prog="python -m twinlab", description="АЗС TwinLab: build, simulate, export and look into the warehouse."
    )
    commands = top.add_subparsers(title="commands", metavar="command", required=True)

    def add(name: str, command: Callable[[argparse.Namespace], int | None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        added.set_defaults(command=command)
        return added

    _add_parameters(add("run", _run, "build warehouse and reports, publish both"))
    simulated = add("simulate", _simulate, "recompute what rules and features decide, rebuild the reports")
    simulated.add_argument("--feature", metavar="CODE", help="show the figures of this product feature")
    add("export", _export, "write the warehouse's CSV files to data/")
    add("validate", _validate, "check the JSON of data/reference")
    _add_parameters(add("check", _check, "check the parameters of a run, and no more"))
    add("summary", _summary, "print what stands in the published warehouse")
    served = add("serve", _serve, "serve the built reports on this machine")
    served.add_argument("--port", metavar="N", help=f"1 to {PORT_AT_MOST} (default {PORT})")
    add("dev", _develop, "serve the reports with live reload")
    add("docs", _document, "generate dbt's documentation")
    evaluated = add("evaluate", _evaluate, "grade the twin over seeds, sizes and separations of portraits")
    evaluated.add_argument("--clients", metavar="N", help="the only size (default 2000, 30000 and 100000)")
    evaluated.add_argument("--seed", metavar="N", help="the only seed (default 1 to 5)")
    evaluated.add_argument("--full", action="store_true", help="also 1,000,000 clients")
    evaluated.add_argument("--grade", metavar="NAME", help="the only grade (default all)")
    bench = add("bench", _bench, "measure time and memory beside a floor")
    bench.add_argument("--full", action="store_true", help="also 100,000 clients, and 70 million visits")
    add("browser", _browser, "find or install the Chromium of the browser tests")
    add("rehearse", _rehearse, "run `make run` in a copy of the checkout, for the tests")
    add("lock", _lock, "make requirements.txt and requirements-dev.txt anew")
    return top


def _add_parameters(command: argparse.ArgumentParser) -> None:
    # Read as text: what is wrong with a value is told by Parameters, with what is allowed.
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
    from twinlab.commands.preview import develop

    return develop(Layout.here())


def _document(_: argparse.Namespace) -> None:
    from twinlab.commands.preview import document

    layout = Layout.here()
    print(f"dbt's documentation: open {layout.shown(document(layout))} in a browser.")


def _evaluate(options: argparse.Namespace) -> None:
    parsed = Parameters.parse(options.clients, seed=options.seed)
    from lab.evaluate import evaluate

    # What was not typed is not the default run: it is every size, every seed.
    clients = parsed.clients if (options.clients or "").strip() else None
    seed = parsed.seed if (options.seed or "").strip() else None
    print(evaluate(Layout.here(), clients, seed, is_full=options.full, only=options.grade))


def _bench(options: argparse.Namespace) -> None:
    from lab.bench.run import bench

    print(bench(Layout.here(), is_full=options.full))


def _browser(_: argparse.Namespace) -> None:
    from twinlab.develop.browser import require_chromium

    print(f"Chromium: {require_chromium()}")


def _rehearse(_: argparse.Namespace) -> None:
    from twinlab.develop.rehearsal import rehearse

    rehearse(Layout.here())


def _lock(_: argparse.Namespace) -> None:
    from twinlab.develop.requirements import lock

    lock(Layout.here().root)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
