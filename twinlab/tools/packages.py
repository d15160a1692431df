"""Installation of the locked packages inside the checkout. Standard library only: a bare Python runs it."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twinlab import supported
from twinlab.errors import UserError
from twinlab.tools.system import program, venv_python

VENV = ".venv"
_OLDEST_NODE = 20
_PIP_INSTALL = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes", "--quiet")
_NPM_INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
_NODE_ADVICE = (
    "Debian 13, Ubuntu 25.04 and later:  sudo apt-get install nodejs npm",
    "macOS:                              brew install node",
    "Windows:                            winget install OpenJS.NodeJS.LTS",
    "elsewhere, or if that is too old:   the installer from nodejs.org, or nvm",
)


@dataclass(frozen=True)
class _Packages:
    """What one command installs.

    Parameters
    ----------
    name, cost : str
        Shown when the installation starts.
    locks : tuple of str
        Files that decide what is installed.
    stamp : str
        File with the digest of the locks, written last: an interrupted installation is repeated.
    """

    name: str
    cost: str
    locks: tuple[str, ...]
    stamp: str

    def install(self, root: Path, command: Sequence[str], folder: Path) -> None:
        """Run the command of the installation, unless it has been run for these very locks."""
        stamp = root / self.stamp
        digest = hashlib.sha256(b"".join((root / name).read_bytes() for name in self.locks)).hexdigest()
        if stamp.is_file() and stamp.read_text() == digest:
            return
        stamp.unlink(missing_ok=True)
        _say(f"{self.name} ({self.cost})")
        if subprocess.run([program(command[0]), *command[1:]], cwd=folder, check=False).returncode != 0:
            raise UserError(
                f"the {self.name} were not installed.",
                "The output above has the reason: fix it, then run the same command again.",
            )
        stamp.write_text(digest)


_RUN = _Packages("Python packages", "about a minute; 1 GB on disk", ("requirements.txt",), f"{VENV}/.run-packages")
_TESTS = _Packages(
    "Python packages of the tests",
    "200 MB on disk",
    ("requirements.txt", "requirements-dev.txt"),
    f"{VENV}/.dev-packages",
)
# `npm ci` empties the folder of the stamp first.
_SITE = _Packages(
    "packages of the report site",
    "about a minute and a half; 650 MB on disk",
    ("reports/package.json", "reports/package-lock.json"),
    "reports/node_modules/.installed",
)


def install(root: Path, *, site: bool, tests: bool) -> None:
    """Install the locked packages that are missing or outdated, and the virtual environment if there is none.

    Parameters
    ----------
    root : Path
        The checkout.
    site : bool
        Also the packages of the report site.
    tests : bool
        Also what the tests need.

    Raises
    ------
    UserError
        When Python, Node or npm does not fit, before anything is installed; when an installation fails.
    """
    if site:
        _require_node()
    python = venv_python(root / VENV)
    if not _is_usable(python):
        _create_venv(root / VENV)
    pip = (str(python), *_PIP_INSTALL, "-r")
    _RUN.install(root, (*pip, "requirements.txt"), root)
    if tests:
        _TESTS.install(root, (*pip, "requirements-dev.txt"), root)
    if site:
        _SITE.install(root, _NPM_INSTALL, root / "reports")


def _require_node() -> None:
    """Check Node and npm; the message says how to get them."""
    needed = f"version {_OLDEST_NODE} or later is required to build the report site."
    try:
        version = subprocess.run([program("node"), "--version"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError as error:
        raise UserError(f"Node is missing: {needed}", *_NODE_ADVICE) from error
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < _OLDEST_NODE:
        raise UserError(f"Node is too old: {version.strip() or 'it does not start'}; {needed}", *_NODE_ADVICE)
    try:
        subprocess.run([program("npm"), "--version"], capture_output=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise UserError(
            "npm is missing: it comes with Node and installs the packages of the report site.", *_NODE_ADVICE
        ) from error


def _is_usable(python: Path) -> bool:
    """Whether an environment's Python starts, is supported and has pip; then the machine's Python does not matter."""
    test = f"import pip, sys; sys.exit(not {supported.OLDEST} <= sys.version_info[:2] <= {supported.NEWEST})"
    try:
        return subprocess.run([str(python), "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _create_venv(folder: Path) -> None:
    problem = supported.problem()
    if problem:
        raise UserError(problem, *supported.ADVICE)
    _say(f"virtual environment in {folder.name} ({sys.executable})")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=False).returncode != 0:
        raise UserError(
            f"the virtual environment {folder} was not created.",
            "The output above has the reason: fix it, then run the same command again.",
        )


def _say(text: str) -> None:
    print(f"setup: {text}", flush=True)
