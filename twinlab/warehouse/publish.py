"""The warehouse file: built beside the published one, swapped at the end."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.lock import only_one


@contextmanager
def building(layout: Layout, command: str) -> Iterator[Path]:
    """Give a place to build in, alone, and clean it up.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    command : str
        The command that builds, for whoever comes second.

    Yields
    ------
    Path
        The side file: no file is there yet. `publish` moves it away; else it is removed at the end.

    Raises
    ------
    UserError
        When another build runs, or a process has the published file open for writing.
    """
    if layout.published.is_dir():
        raise UserError(f"TWINLAB_DUCKDB={layout.published} is a folder.", "Name a file: the warehouse is one file.")
    with only_one(layout.build / f"{layout.published.name}.lock", command):
        refuse_writer(layout.published)
        # What an earlier build left behind when it was killed.
        _remove(layout.side)
        try:
            yield layout.side
        finally:
            _remove(layout.side)


def copy_published(layout: Layout) -> None:
    """Copy the published warehouse to the side file, to build on.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Raises
    ------
    UserError
        When nothing is published.
    """
    require_published(layout.published)
    shutil.copyfile(layout.published, layout.side)
    if _wal(layout.published).exists():
        shutil.copyfile(_wal(layout.published), _wal(layout.side))


def publish(layout: Layout) -> None:
    """Put the side file in the place of the published one, in one step.

    A reader that has the old file open keeps it to its end (POSIX), so it is no hindrance.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Raises
    ------
    UserError
        When a process has opened the published file for writing meanwhile.
    """
    seal(layout.side)
    refuse_writer(layout.published)
    # A log of the old file would be replayed into the new one. It is there only when a writer crashed.
    _wal(layout.published).unlink(missing_ok=True)
    os.replace(layout.side, layout.published)


def seal(path: Path) -> None:
    """Fold the write-ahead log into the file, so that the file alone is whole.

    Parameters
    ----------
    path : Path
        A DuckDB file that no one has open.
    """
    with duckdb.connect(str(path)) as connection:
        connection.execute("checkpoint")


def refuse_writer(path: Path) -> None:
    """Refuse a warehouse that another process has open for writing.

    Parameters
    ----------
    path : Path
        The published file; it need not exist.

    Raises
    ------
    UserError
        Names the process, as DuckDB tells it.
    """
    if not path.exists():
        return
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.IOException as error:
        holder = _holder(str(error))
        if holder is None:
            # Broken, or no DuckDB file: nothing that replacing it would spoil.
            return
        raise UserError(
            f"{path} is open for writing in another process: {holder}.",
            "Close the connection there (or end that process), then run the same command again.",
            "To look into the warehouse while it is built, open it read-only: readers are no hindrance.",
        ) from error


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse for reading.

    Parameters
    ----------
    path : Path
        The published file.

    Returns
    -------
    duckdb.DuckDBPyConnection

    Raises
    ------
    UserError
        When there is none, it is broken, or a writer holds it.
    """
    require_published(path)
    refuse_writer(path)
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} cannot be opened: {reason}", "Build it anew with `make run`.") from error


def require_published(path: Path) -> None:
    """Refuse to go on without a warehouse.

    Parameters
    ----------
    path : Path
        The published file.

    Raises
    ------
    UserError
        When there is none.
    """
    if not path.is_file():
        raise UserError(
            f"there is no warehouse {path} yet.", "Build it with `make run`, or name another one by TWINLAB_DUCKDB."
        )


def _holder(message: str) -> str | None:
    """Return who holds a file, from DuckDB's message; None when the message is about something else."""
    found = re.search(r"[Cc]onflicting lock is held in (.+?)\s*\(PID (\d+)\)(?: by user (\S+?))?[.\s]", message + " ")
    if found:
        program, pid, user = found.groups()
        return f"{program}, PID {pid}" + (f", user {user}" if user else "")
    return "DuckDB does not tell which" if "set lock on file" in message else None


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _wal(path).unlink(missing_ok=True)
    shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)
