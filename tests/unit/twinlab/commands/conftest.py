"""A bare machine and a checkout with nothing installed."""

import shutil

import pytest


@pytest.fixture
def machine(tmp_path):
    """Return a function that makes a PATH with the tools of a bare machine and the given scripts."""

    def build(**scripts):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("sh", "sed", "make", "mkdir"):
            (folder / name).symlink_to(shutil.which(name))
        for name, script in scripts.items():
            path = folder / name.replace("_", ".")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return str(folder)

    return build


@pytest.fixture
def bare(root, tmp_path):
    """Return a checkout with nothing installed: what runs before the installation, and files that decide it."""
    project = tmp_path / "project"
    for name in ("documents", "lab", "twinlab", "vocabulary"):
        shutil.copytree(root / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(root / name, project)
    (project / "reports").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / "reports" / name, project / "reports")
    return project
