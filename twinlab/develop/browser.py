"""The Chromium of the browser tests: found, or installed where that is one command."""

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
    """Return a Chromium or Chrome that is there.

    Parameters
    ----------
    environ : mapping, optional
        ``TWINLAB_CHROMIUM`` in it names one.

    Returns
    -------
    Path or None

    Raises
    ------
    UserError
        When the one named is not there.
    """
    named = environ.get("TWINLAB_CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise UserError(f"TWINLAB_CHROMIUM={named} is no program.", "Name the browser's executable, or unset it.")
        return Path(found)
    candidates = [shutil.which(name, path=environ.get("PATH")) for name in _NAMES]
    candidates += [path for path in _MACOS if os.access(path, os.X_OK)]
    return next((Path(path) for path in candidates if path), None)


def require_chromium() -> Path:
    """Return a Chromium, installed from the distribution when the machine allows that without a question.

    Returns
    -------
    Path

    Raises
    ------
    UserError
        When there is none: what to install here.
    """
    found = find_chromium()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("Chromium is missing: installing Debian's package.", flush=True)
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]):
            environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            if subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False).returncode != 0:
                raise UserError(f"`{' '.join(command)}` failed, see above.", *_ADVICE)
        found = find_chromium()
    if found is None:
        raise UserError("Chromium is missing: the tests of the report site need it.", *_ADVICE)
    return found


_ADVICE = (
    "Debian:   sudo apt-get install chromium",
    "Ubuntu:   sudo snap install chromium",
    "Fedora:   sudo dnf install chromium",
    "macOS:    brew install --cask chromium (Google Chrome serves as well)",
    "or name one that is there: TWINLAB_CHROMIUM=/path/to/chromium",
)
