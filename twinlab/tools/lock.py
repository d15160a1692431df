"""A file lock that the operating system releases when the process that holds it ends, however it ends."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from twinlab.errors import UserError
from twinlab.tools.system import take_lock


@contextmanager
def only_one(path: Path, command: str) -> Iterator[None]:
    """Hold a lock file while a block runs.

    Parameters
    ----------
    path : Path
        The lock file. It is never removed: only the operating system's lock on it counts.
    command : str
        Name of the holder, for the message to others.

    Raises
    ------
    UserError
        When another process holds the lock: names it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not take_lock(file):
            raise UserError(
                f"another build is running here: {_holder(path)}.",
                "Wait until it ends, or end that process, then run the same command again.",
            )
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
        # The holder has the lock but has not written its name yet.
        return f"it has just taken {path}"
