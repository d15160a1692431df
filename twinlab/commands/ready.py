"""Installed packages before a command that needs them, whichever Python it was started with."""

import importlib.util
import sys
from pathlib import Path

from twinlab.layout import Layout
from twinlab.tools.packages import VENV, install
from twinlab.tools.system import become, venv_python


def ready(*, site: bool = False, tests: bool = False) -> None:
    """Return if this Python has the packages; otherwise install them, and start the same command with their Python.

    A command calls this after checking its arguments, and imports installed packages afterwards.

    Parameters
    ----------
    site : bool, optional
        The command also needs the packages of the report site.
    tests : bool, optional
        The command also needs the packages of the tests.

    Raises
    ------
    UserError
        When Python, Node or npm does not fit, or an installation fails.
    """
    root = Layout.here().root
    if _has_packages(root):
        return
    install(root, site=site, tests=tests)
    become([str(venv_python(root / VENV)), *sys.orig_argv[1:]])


def _has_packages(root: Path) -> bool:
    """Whether this is the Python of the project's environment, or of another one with the packages, as in a copy."""
    if Path(sys.prefix).resolve() == (root / VENV).resolve():
        return True
    return sys.prefix != sys.base_prefix and importlib.util.find_spec("dbt") is not None
