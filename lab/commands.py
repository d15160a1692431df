"""The subcommands of the lab. Modules that need installed packages are imported by the command that needs them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from twinlab.commands.dispatch import Subcommands, add_command, dispatch
from twinlab.commands.ready import ready
from twinlab.layout import Layout
from twinlab.parameters import Parameters

_UPLIFT_CLIENTS = (2_000, 20_000)
_UPLIFT_SEEDS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of ``python -m lab`` (see `dispatch`)."""
    return dispatch(parser(), arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m lab``."""
    top = argparse.ArgumentParser(
        prog="python -m lab",
        description="АЗС TwinLab: measure the product: grades against the truth, backtests, benchmarks.",
    )
    commands = top.add_subparsers(title="commands", metavar="command", required=True)
    add_make_commands(commands)
    visits = add_command(
        commands,
        "backtest-visits",
        _backtest_visits,
        "backtest the visit forecast and simpler ones on worlds with a known truth",
        "Prints a table of each score. Takes minutes.",
    )
    visits.add_argument("--warehouse", metavar="FILE", type=Path, help="also on the twin: DuckDB of a synthetic run")
    portraits = add_command(
        commands,
        "backtest-portraits",
        _backtest_portraits,
        "compare the forecasts of warehouses with their truth, by portrait and by client",
        "Prints coverage, width and error by month ahead, and churn probabilities with what came true.",
    )
    portraits.add_argument("warehouses", metavar="FILE", type=Path, nargs="+", help="DuckDB of a synthetic run")
    uplift = add_command(
        commands,
        "uplift",
        _uplift,
        "compare learners of individual effects on simulated trials",
        "Prints error, slope, Qini coefficient and seconds by learner and world. Takes minutes to hours.",
    )
    clients = ", ".join(map(str, _UPLIFT_CLIENTS))
    uplift.add_argument(
        "clients",
        metavar="N",
        type=_positive,
        nargs="*",
        default=_UPLIFT_CLIENTS,
        help=f"clients to learn from (default {clients})",
    )
    uplift.add_argument(
        "--seeds",
        metavar="N",
        type=_positive,
        default=_UPLIFT_SEEDS,
        help="number of trials of each world (default %(default)s)",
    )
    return top


def add_make_commands(commands: Subcommands) -> None:
    """Add what ``make`` calls, for ``python -m twinlab`` too."""
    evaluate = add_command(
        commands,
        "evaluate",
        _evaluate,
        "grade the twin over seeds, sizes and separations of portraits",
        "Tables and a summary go to data/evaluation/. Figures whose inputs have not changed are kept.",
    )
    evaluate.add_argument("--clients", metavar="N", help="the only size (default 2000, 30000 and 100000)")
    evaluate.add_argument("--seed", metavar="N", help="the only seed (default 1 to 5)")
    evaluate.add_argument("--full", action="store_true", help="also 1,000,000 clients")
    evaluate.add_argument("--grade", metavar="NAME", help="the only grade (default all)")
    bench = add_command(
        commands,
        "bench",
        _bench,
        "measure time and memory, and a floor for each",
        "Tables go to data/bench/. Each program runs alone, in a process of its own.",
    )
    bench.add_argument("--full", action="store_true", help="also 100,000 clients, and 70 million visits")


def _evaluate(options: argparse.Namespace) -> None:
    parsed = Parameters.parse(options.clients, seed=options.seed)
    ready()
    from lab.evaluate import evaluate

    # What was not typed is not the default run: it is every size, every seed.
    clients = parsed.clients if (options.clients or "").strip() else None
    seed = parsed.seed if (options.seed or "").strip() else None
    print(evaluate(Layout.here(), clients, seed, is_full=options.full, only=options.grade))


def _bench(options: argparse.Namespace) -> None:
    ready(site=True)
    from lab.bench.run import bench

    print(bench(Layout.here(), is_full=options.full))


def _backtest_visits(options: argparse.Namespace) -> None:
    ready()
    from lab.forecast.visits_backtest import backtest_visits

    print(backtest_visits(options.warehouse))


def _backtest_portraits(options: argparse.Namespace) -> None:
    ready()
    from lab.forecast.portraits_backtest import backtest_portraits

    print(backtest_portraits(options.warehouses))


def _uplift(options: argparse.Namespace) -> None:
    ready()
    from lab.uplift.benchmark import compare

    for text in compare(options.clients, options.seeds):
        print(text, end="\n\n", flush=True)


def _positive(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and int(typed) > 0):
        raise argparse.ArgumentTypeError(f"{typed!r} is not valid; allowed: a whole number above 0")
    return int(typed)
