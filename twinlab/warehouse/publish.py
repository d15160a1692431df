"""The warehouse file: built next to the published one, which it replaces at the end."""

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
    """Provide exclusive use of a path to build at, and clean it up.

    Parameters
    ----------
    layout : Layout
        Paths of the project.
    command : str
        The building command, shown to anyone who starts a second build.

    Yields
    ------
    Path
        The side file, which does not exist yet. Unless `publish` moves it, it is removed at the end.

    Raises
    ------
    UserError
        If another build is running, or a process has the published file open for writing.
    """
    if layout.published.is_dir():
        raise UserError(
            f"TWINLAB_DUCKDB={layout.published} is a folder.",
            "Allowed: the path of a file. Set it to a file, for example twinlab.duckdb in that folder.",
        )
    with only_one(layout.build / f"{layout.published.name}.lock", command):
        refuse_writer(layout.published)
        # Leftovers of a killed build.
        _remove(layout.side)
        try:
            yield layout.side
        finally:
            _remove(layout.side)


def copy_published(layout: Layout) -> None:
    """Copy the published warehouse to the side file.

    Raises
    ------
    UserError
        If nothing is published.
    """
    require_published(layout.published)
    shutil.copyfile(layout.published, layout.side)
    if _wal(layout.published).exists():
        shutil.copyfile(_wal(layout.published), _wal(layout.side))


def publish(layout: Layout) -> None:
    """Atomically replace the published file by the side file.

    Readers do not block this: under POSIX they keep the old file until they close it.

    Raises
    ------
    UserError
        If a process has opened the published file for writing meanwhile.
    """
    seal(layout.side)
    refuse_writer(layout.published)
    # DuckDB would replay the log of the old file into the new one. It exists only if a writer crashed.
    _wal(layout.published).unlink(missing_ok=True)
    os.replace(layout.side, layout.published)


def seal(path: Path) -> None:
    """Merge the write-ahead log into a DuckDB file, so that the file alone is complete; nobody may have it open."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("checkpoint")


def refuse_writer(path: Path) -> None:
    """Raise if another process has the published file open for writing; the file need not exist.

    Raises
    ------
    UserError
        Names the process, if DuckDB reports it.
    """
    if not path.exists():
        return
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.IOException as error:
        holder = _holder(str(error))
        if holder is None:
            # Broken, or not a DuckDB file: replacing it does no harm.
            return
        raise UserError(
            f"{path} is open for writing in another process: {holder}.",
            "Close the connection there (or end that process), then run the same command again.",
            "To query the warehouse during a build, open it read-only: readers do not block a build.",
        ) from error


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse for reading.

    Raises
    ------
    UserError
        If it does not exist, is broken, or is open for writing in another process.
    """
    require_published(path)
    refuse_writer(path)
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} cannot be opened: {reason}", "Rebuild it with `make run`.") from error


def require_published(path: Path) -> None:
    """Raise if there is no published warehouse.

    Raises
    ------
    UserError
        Says how to build one.
    """
    if not path.is_file():
        raise UserError(
            f"there is no warehouse {path} yet.", "Build it with `make run`, or set TWINLAB_DUCKDB to another one."
        )


def _holder(message: str) -> str | None:
    """Return the process that holds a file, from DuckDB's message; None if the message is about something else."""
    found = re.search(r"[Cc]onflicting lock is held in (.+?)\s*\(PID (\d+)\)(?: by user (\S+?))?[.\s]", message + " ")
    if found:
        program, pid, user = found.groups()
        return f"{program}, PID {pid}" + (f", user {user}" if user else "")
    return "DuckDB does not report which" if "set lock on file" in message else None


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _wal(path).unlink(missing_ok=True)
    shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)
