"""``make lock``: exact versions with hashes, from the public index only."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from twinlab.errors import UserError

_PIP_TOOLS = "pip-tools==7.6.2"
# No extra index or local folder of wheels: others could not verify the hashes of its files.
_PUBLIC_ONLY = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
_COMPILE = (
    "--quiet",
    "--upgrade",
    "--generate-hashes",
    "--allow-unsafe",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    # Keep extras: pip before 24 does not accept `name==1` as a pin of `name[extra]`.
    "--no-strip-extras",
)


def lock(root: Path) -> None:
    """Regenerate requirements.txt and requirements-dev.txt of a checkout.

    Raises
    ------
    UserError
        If this is not Python 3.11, or pip or pip-tools fails.
    """
    if sys.version_info[:2] != (3, 11):
        # Newer Pythons accept package versions that do not support 3.11.
        raise UserError(
            f"`make lock` runs under Python {sys.version_info[0]}.{sys.version_info[1]}.",
            "Allowed: Python 3.11, the oldest supported version. Recreate .venv with it: rm -r .venv, then "
            "`make lock PYTHON=python3.11`.",
        )
    with tempfile.TemporaryDirectory() as folder:
        tools, constraints = Path(folder) / "venv", Path(folder) / "constraints.txt"
        _call(root, sys.executable, "-m", "venv", str(tools))
        _call(root, str(tools / "bin" / "pip"), "install", "--quiet", _PIP_TOOLS)
        compiler = str(tools / "bin" / "pip-compile")
        _call(root, compiler, *_COMPILE, "--output-file=requirements.txt", "requirements.in")
        # pip rejects constraints with extras.
        pins = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?(==\S+)", (root / "requirements.txt").read_text(), re.M)
        constraints.write_text("".join(f"{name}{version}\n" for name, version in pins))
        output = "--output-file=requirements-dev.txt"
        _call(root, compiler, *_COMPILE, f"--constraint={constraints}", output, "requirements-dev.in")
        written = (root / "requirements-dev.txt").read_text()
        (root / "requirements-dev.txt").write_text(written.replace(str(constraints), "requirements.txt"))


def _call(root: Path, *arguments: str) -> None:
    environ = {**os.environ, **_PUBLIC_ONLY, "CUSTOM_COMPILE_COMMAND": "make lock"}
    if subprocess.run(arguments, cwd=root, env=environ, check=False).returncode != 0:
        raise UserError(
            f"`{Path(arguments[0]).name} {' '.join(arguments[1:3])} …` failed.",
            "Its output above has the reason: fix it, then run `make lock` again.",
        )
