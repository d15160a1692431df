"""Where operating systems differ. Linux is tested; macOS shares its branch, Windows follows its documentation."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, NoReturn

_GRACE_S = 10.0
# Windows locks bytes, and a locked byte cannot be read: one far behind the text that the file holds.
_LOCKED_BYTE = 2**30


def venv_python(folder: Path) -> Path:
    """Return the Python of a virtual environment."""
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def program(name: str) -> str:
    """Return the path of a program, or its bare name if it is missing: starting it then raises FileNotFoundError.

    Windows starts scripts such as ``npm.cmd`` only by their full name.
    """
    return shutil.which(name) or name


def take_lock(file: IO[Any]) -> bool:
    """Lock an open file until the process ends or closes it; return False if another process has the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def become(arguments: list[str]) -> NoReturn:
    """Continue as another program: its exit status is that of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":
        # Its exec returns to the shell at once.
        raise SystemExit(subprocess.run(arguments, check=False).returncode)
    os.execv(arguments[0], arguments)


def own_group() -> dict[str, Any]:
    """Return the arguments of `subprocess.Popen` that `end_group` relies on."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def end_group(child: subprocess.Popen[Any]) -> None:
    """End a program started in a group of its own, and whatever it started."""
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(child.pid)], capture_output=True, check=False)
    else:
        _signal(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_S)
        # Children may outlive their parent.
        _signal(child.pid, signal.SIGKILL)
    child.wait()


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
