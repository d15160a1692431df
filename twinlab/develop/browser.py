"""Find Chromium for the browser tests, or install it where one command does."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from twinlab.errors import UserError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_chromium(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return an installed Chromium or Chrome, or None.

    Parameters
    ----------
    environ : mapping, optional
        ``TWINLAB_CHROMIUM``, if set, names the executable; else ``PATH`` is searched.

    Raises
    ------
    UserError
        If ``TWINLAB_CHROMIUM`` is not an executable.
    """
    named = environ.get("TWINLAB_CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise UserError(
                f"TWINLAB_CHROMIUM={named} is not an executable.",
                "Allowed: the executable of Chromium or Chrome. Correct the path, or unset the variable.",
            )
        return Path(found)
    candidates = [shutil.which(name, path=environ.get("PATH")) for name in _NAMES]
    candidates += [path for path in _MACOS if os.access(path, os.X_OK)]
    return next((Path(path) for path in candidates if path), None)


def require_chromium() -> Path:
    """Return an installed Chromium; as root on Debian, install the distribution's package if there is none.

    Raises
    ------
    UserError
        If there is none; lists how to install it.
    """
    found = find_chromium()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("Chromium is missing: installing the Debian package.", flush=True)
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]):
            environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            if subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False).returncode != 0:
                raise UserError(f"`{' '.join(command)}` failed, see above.", *_ADVICE)
        found = find_chromium()
    if found is None:
        raise UserError("Chromium is missing: the tests of the report site require it.", *_ADVICE)
    return found


_ADVICE = (
    "Debian:   sudo apt-get install chromium",
    "Ubuntu:   sudo snap install chromium",
    "Fedora:   sudo dnf install chromium",
    "macOS:    brew install --cask chromium (Google Chrome works too)",
    "or specify an installed one: TWINLAB_CHROMIUM=/path/to/chromium",
)
