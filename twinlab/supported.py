"""Whether this Python can create the environment. As a program, it says so by its exit status and a message.

Written for Python 3.6 and later: it runs before the version is known.
"""

import sys

OLDEST = (3, 11)
NEWEST = (3, 13)
"""The newest version that the locked packages support."""

ADVICE = (
    "Required:        Python 3.11, 3.12 or 3.13 with the venv module",
    "Debian, Ubuntu:  sudo apt-get install python3 python3-venv",
    "Fedora:          sudo dnf install python3.13",
    "macOS:           brew install python@3.13",
    "Windows:         winget install Python.Python.3.13",
    "or name one:     make setup PYTHON=/path/to/python3.13; /path/to/python3.13 -m twinlab setup",
)


def problem() -> "str | None":
    """Return what is wrong with this Python, or None."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return f"Python {sys.version_info[0]}.{sys.version_info[1]} is not supported ({sys.executable})."
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return f"this Python has no venv module ({sys.executable})."
    return None


def require_readable() -> None:
    """End the process with a message if this Python is too old for the code of the project."""
    if sys.version_info < OLDEST:
        _end()


def _end() -> None:
    print("\n  ".join((f"error: {problem()}", *ADVICE)), file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__" and problem():
    _end()
