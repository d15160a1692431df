"""A copy of the checkout for ``make test``: `make run` and all tests happen there, what is published stays as it is."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.lock import only_one

# Installed packages are shared with the checkout, not copied.
_INSTALLED = (".venv", "reports/node_modules")
# What no run depends on: edited tests and documents do not rebuild the site.
_BESIDE = ("tests", "docs")
_STAMP = ".rehearsed"
# Of the caller's run, not of the rehearsal's: that one is the README's plain `make run`.
_FOREIGN = ("CLIENTS", "MONTHS", "SEED", "SOURCE", "TWINLAB_DUCKDB", "TWINLAB_REFERENCE", "MAKEFLAGS", "MAKELEVEL")
# The default run may not leave the published figures; to everyone else that is a warning.
_STRICT = {"TWINLAB_CALIBRATION_SEVERITY": "error"}


def rehearse(layout: Layout) -> Path:
    """Run ``make run`` in a copy; while nothing changes that it depends on, the copy's results are kept.

    Parameters
    ----------
    layout : Layout
        Where things lie.

    Returns
    -------
    Path
        The copy, with a published warehouse and site.

    Raises
    ------
    UserError
        When ``make run`` fails in the copy: its output stands above.
    """
    copy = layout.root / "data" / ".build" / "rehearsal"
    with only_one(copy.with_suffix(".lock"), "make test"):
        _rehearse(layout, copy)
    return copy


def _rehearse(layout: Layout, copy: Path) -> None:
    stamp, state = copy / _STAMP, digest(layout.root)
    if stamp.is_file() and stamp.read_text() == state:
        print("rehearsal: nothing that a run depends on has changed, its results are kept", flush=True)
        for name in _BESIDE:
            shutil.rmtree(copy / name, ignore_errors=True)
        copy_checkout(layout.root, copy)
        return
    print(f"rehearsal: `make run` in a copy of the checkout, {layout.shown(copy)}", flush=True)
    shutil.rmtree(copy, ignore_errors=True)
    copy_checkout(layout.root, copy)
    link_installed(layout.root, copy)
    environ = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | _STRICT
    if subprocess.run(["make", "run"], cwd=copy, env=environ, check=False).returncode != 0:
        raise UserError("`make run` failed in a copy of the checkout, see above.", f"The copy: {layout.shown(copy)}")
    stamp.write_text(state)


def copy_checkout(root: Path, copy: Path) -> None:
    """Copy what git would commit, as a repository of its own.

    Parameters
    ----------
    root : Path
        The checkout.
    copy : Path
        Where to; what lies there is overwritten.
    """
    for file in _files(root):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / file, copy / file)
    _git(copy, "init", "--quiet")


def link_installed(root: Path, copy: Path) -> None:
    """Let a copy use the installed packages of the checkout.

    Parameters
    ----------
    root : Path
        The checkout.
    copy : Path
        Its copy.
    """
    for name in _INSTALLED:
        (copy / name).symlink_to(root / name)


def digest(root: Path) -> str:
    """Return a digest of the files that a run depends on.

    Parameters
    ----------
    root : Path
        The checkout.

    Returns
    -------
    str
        Hexadecimal.
    """
    total = hashlib.sha256()
    for file in _files(root):
        if file.parts[0] not in _BESIDE and (file.suffix != ".md" or file.parts[0] == "reports"):
            total.update(f"{file}\0{hashlib.sha256((root / file).read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _files(root: Path) -> list[Path]:
    """Return tracked and new files, without what .gitignore names and without what was deleted."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = sorted({Path(os.fsdecode(name)) for name in listed.split(b"\0") if name})
    return [name for name in names if (root / name).is_file()]


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"").decode(errors="replace").strip()
        raise UserError("`make test` needs git and a clone: it tests what git would commit.", said) from error
