"""Copy of the checkout for ``make test``: a run and all tests take place there, published files stay untouched."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.tools.lock import only_one

# Installed packages, shared with the checkout instead of copied.
_INSTALLED = (".venv", "reports/node_modules")
# Not inputs of a run: changed tests and documents do not trigger a rebuild.
_NOT_INPUTS = ("tests", "docs")
_STAMP = ".rehearsed"
# Settings of the caller's own runs: the rehearsal is the README's plain `run`.
_UNSET = ("CLIENTS", "MONTHS", "SEED", "SOURCE", "TWINLAB_DUCKDB", "TWINLAB_REFERENCE", "MAKEFLAGS", "MAKELEVEL")
# The default run must match the published figures; in other runs a mismatch is a warning.
_STRICT = {"TWINLAB_CALIBRATION_SEVERITY": "error"}


def rehearse(layout: Layout) -> Path:
    """Run the default run in a copy of the checkout; reuse its results if no input of a run has changed.

    Returns
    -------
    Path
        The copy, with a published warehouse and site.

    Raises
    ------
    UserError
        If the run fails in the copy.
    """
    copy = layout.root / "data" / ".build" / "rehearsal"
    with only_one(copy.with_suffix(".lock"), "make test"):
        _rehearse(layout, copy)
    return copy


def _rehearse(layout: Layout, copy: Path) -> None:
    stamp, state = copy / _STAMP, digest(layout.root)
    if stamp.is_file() and stamp.read_text() == state:
        print("rehearsal: no input of the run has changed, reusing its results", flush=True)
        for name in _NOT_INPUTS:
            shutil.rmtree(copy / name, ignore_errors=True)
        copy_checkout(layout.root, copy)
        return
    print(f"rehearsal: a run in a copy of the checkout, {layout.shown(copy)}", flush=True)
    shutil.rmtree(copy, ignore_errors=True)
    copy_checkout(layout.root, copy)
    link_installed(layout.root, copy)
    environ = {name: value for name, value in os.environ.items() if name not in _UNSET} | _STRICT
    if subprocess.run([sys.executable, "-m", "twinlab", "run"], cwd=copy, env=environ, check=False).returncode != 0:
        raise UserError(
            f"The run failed in {layout.shown(copy)}, a copy of the checkout.",
            "Its output above has the reason: fix it, then run `make test` again.",
        )
    stamp.write_text(state)


def copy_checkout(root: Path, copy: Path) -> None:
    """Copy the files that git would commit, and make the copy a repository.

    Parameters
    ----------
    root : Path
        The checkout.
    copy : Path
        Target folder; existing files are overwritten.
    """
    for file in _files(root):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / file, copy / file)
    _git(copy, "init", "--quiet")


def link_installed(root: Path, copy: Path) -> None:
    """Link the installed packages of a checkout into its copy."""
    for name in _INSTALLED:
        (copy / name).symlink_to(root / name)


def digest(root: Path) -> str:
    """Return a hexadecimal digest of the files of a checkout that a run depends on."""
    total = hashlib.sha256()
    for file in _files(root):
        if file.parts[0] not in _NOT_INPUTS and (file.suffix != ".md" or file.parts[0] == "reports"):
            total.update(f"{file}\0{hashlib.sha256((root / file).read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _files(root: Path) -> list[Path]:
    """Return tracked and new files, except ignored and deleted ones."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = sorted({Path(os.fsdecode(name)) for name in listed.split(b"\0") if name})
    return [name for name in names if (root / name).is_file()]


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        stderr = getattr(error, "stderr", b"").decode(errors="replace").strip()
        raise UserError(
            f"`git {arguments[0]}` failed in {folder}: {stderr or 'git is not installed'}",
            "`make test` tests what git would commit. Install git, and run it in a clone.",
        ) from error
