"""One at a time: a file lock that ends with the process that holds it, whatever happened to that process."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from twinlab.errors import UserError


@contextmanager
def only_one(path: Path, command: str) -> Iterator[None]:
    """Hold a lock file for the time of a block.

    Parameters
    ----------
    path : Path
        The lock file. It stays behind: only the operating system's lock on it counts, so that a crash leaves none.
    command : str
        What holds it, for whoever comes second.

    Yields
    ------
    None

    Raises
    ------
    UserError
        When another process holds it: names the process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                f"another build is running here: {_holder(path)}.",
                "Wait until it ends, or end that process, then run the same command again.",
            ) from error
        file.truncate(0)
        started = datetime.now().astimezone().isoformat(" ", "seconds")
        json.dump({"pid": os.getpid(), "command": command, "started": started}, file)
        file.flush()
        yield


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"{holder['command']}, PID {holder['pid']}, since {holder['started']}"
    except (ValueError, KeyError, TypeError):
        # Read between its taking the lock and its writing.
        return f"it has just taken {path}"
