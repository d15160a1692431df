"""Subcommands of a command line: help texts, error messages, exit statuses."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from twinlab.errors import UserError, from_os_error

USER_ERROR = 2
INTERRUPTED = 130
# Of every program that a command starts: no telemetry, and UTF-8 for Python whatever the machine's encoding.
_ENVIRON = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "SEND_ANONYMOUS_USAGE_STATS": "no",
    "PYTHONUTF8": "1",
}

Subcommands = argparse._SubParsersAction
"""Type returned by `argparse.ArgumentParser.add_subparsers`; it has no public name."""


def add_command(
    commands: Subcommands, name: str, command: Callable[[argparse.Namespace], int | None], text: str, *details: str
) -> argparse.ArgumentParser:
    """Add a subcommand.

    Parameters
    ----------
    commands : Subcommands
    name : str
    command : callable
        Takes the options; returns an exit status, or None for 0.
    text : str
        One line of help: shown in the list of commands and in its own help.
    *details : str
        Further sentences for its own help.
    """
    described = " ".join((f"{text[0].upper()}{text[1:]}.", *details))
    added = commands.add_parser(name, help=text, description=described)
    added.set_defaults(command=command)
    return added


def dispatch(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand that a command line names.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Its subcommands are those of `add_command`.
    arguments : sequence of str, optional
        Command line without the program; ``sys.argv`` by default.

    Returns
    -------
    int
        Exit status: 0; 2 for an error that the user can fix, printed on standard error; 130 when interrupted. Any other
        error is a bug and keeps its traceback.
    """
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    os.environ.update(_ENVIRON)
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


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
