"""``make lock``: exact versions with hashes, for every supported Python and system, by uv."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from twinlab.errors import UserError

_COMPILE = (
    *("-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-python-downloads"),
    # One file for all systems, with one version of a package for the oldest supported Python and all newer ones.
    *("--universal", "--python-version", "3.11", "--fork-strategy", "fewest"),
    *("--custom-compile-command", "make lock"),
    # Keep extras: pip before 24 does not accept `name==1` as a pin of `name[extra]`.
    "--no-strip-extras",
)


def lock(root: Path) -> None:
    """Regenerate requirements.txt and requirements-dev.txt of a checkout.

    Versions that are locked already stay if requirements.in and requirements-dev.in allow them.

    Raises
    ------
    UserError
        If uv fails.
    """
    _compile(root, "requirements")
    _compile(root, "requirements-dev", "--constraints", "requirements.txt")


def _compile(root: Path, name: str, *options: str) -> None:
    command = [sys.executable, *_COMPILE, *options, "--output-file", f"{name}.txt", f"{name}.in"]
    if subprocess.run(command, cwd=root, env={**_index(), **os.environ}, check=False).returncode != 0:
        raise UserError(
            f"`uv pip compile {name}.in` failed.",
            "Its output above has the reason: fix it, then run `make lock` again.",
        )


def _index() -> dict[str, str]:
    """Setting of uv for the package index that pip uses, if that is not the public one: uv does not read pip's."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"^(:env:|install|global)\.index-url=(.+)$", listed, re.M))
    for section in (":env:", "install", "global"):
        if section in found:
            return {"UV_DEFAULT_INDEX": ast.literal_eval(found[section])}
    return {}
