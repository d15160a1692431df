"""dbt's failures as readable messages, without colours and tracebacks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from twinlab.errors import cut

_LINES_A_FAILURE = 6
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r'^\s*File ".*", line \d+')
_NO_SPACE = re.compile(r"No space left on device|disk is full|Disk quota exceeded|max_temp_directory_size", re.I)
_NO_MEMORY = re.compile(r"Out of Memory Error", re.I)


@dataclass
class Failure:
    """A failed node.

    Parameters
    ----------
    node : str
        Like ``model fct_transactions (../models/marts/fct_transactions.sql)``; empty when the project was not parsed.
    message : str
        What dbt reports for it.
    """

    node: str
    message: str = ""


def plain(text: str) -> str:
    """Remove terminal colours from a log message."""
    return _COLOUR.sub("", text)


def render(failures: Sequence[Failure], at_most: int) -> list[str]:
    """Return the failures as lines, with advice where the cause is known.

    Parameters
    ----------
    failures : sequence of Failure
        In order of occurrence.
    at_most : int
        Maximum number of lines, excluding advice.
    """
    lines: list[str] = []
    # One cause, such as a mistake in the JSON, can fail many models.
    nodes_of: dict[tuple[str, ...], list[str]] = {}
    for failure in failures:
        nodes_of.setdefault(tuple(reason(failure.message)), []).append(failure.node)
    for message, nodes in nodes_of.items():
        others = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
        lines += [nodes[0] + others] if nodes[0] else []
        lines += [f"  {line}" for line in cut(list(message), _LINES_A_FAILURE)]
    everything = "\n".join(failure.message for failure in failures)
    advice = []
    if _NO_SPACE.search(everything):
        advice.append("The disk is full: free some space and run the same command again.")
    elif _NO_MEMORY.search(everything):
        advice.append("DuckDB ran out of memory: set TWINLAB_MEMORY_LIMIT=8GB, or use fewer clients.")
    return [*cut(lines, at_most), *advice]


def reason(message: str) -> list[str]:
    """Return a failure's message without dbt's heading or a Python traceback.

    Parameters
    ----------
    message : str
        As dbt reports it.

    Returns
    -------
    list of str
        Lines without their common indentation; never empty.
    """
    lines = [line for line in plain(message).splitlines() if line.strip()]
    frames = [number for number, line in enumerate(lines) if _FRAME.match(line)]
    if frames:
        depth = _indent(lines[frames[-1]])
        after = (number for number in range(frames[-1] + 1, len(lines)) if _indent(lines[number]) < depth)
        lines = lines[next(after, len(lines) - 1) :]
    elif len(lines) > 1 and re.match(r"\s*\w+ Error in ", lines[0]):
        lines = lines[1:]
    shared = min((_indent(line) for line in lines), default=0)
    return [line[shared:] for line in lines] or ["(no message)"]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
