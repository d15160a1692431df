"""Fixtures of all tests: the checkout, a warehouse, and copies of the checkout to break."""

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from twinlab.dbt import run_dbt
from twinlab.layout import Layout
from twinlab.parameters import Parameters
from twinlab.progress import Progress
from twinlab.rehearsal import copy_checkout

ROOT = Path(__file__).resolve().parents[1]

# Stands in for npm where the site itself is not what is tested: a site of one page that names the warehouse it read.
FAKE_NPM = """#!/bin/sh
[ "$FAKE_NPM" = fail ] && [ "$3" = build ] && { echo "Error: no such chart"; exit 7; }
[ "$3" = build ] && { rm -rf build; mkdir build; echo "$EVIDENCE_SOURCE__warehouse__filename" > build/index.html; }
exit 0
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, for its fixtures; those that share what pages show, together."""
    for item in items:
        shared = "pages" if "facts_of" in getattr(item, "fixturenames", ()) else item.path.name
        item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the checkout that is tested."""
    return ROOT


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a DuckDB file with the default run, built once: read it, do not write.

    Under `make test` it is what `make run` has published in the copy that is tested; else dbt builds it.
    """
    if (ROOT / ".rehearsed").is_file():
        return ROOT / "data" / "twinlab.duckdb"
    folder = tmp_path_factory.mktemp("warehouse")
    path = folder / "twinlab.duckdb"
    with Progress("dbt") as progress, pytest.MonkeyPatch.context() as environment:
        environment.setenv("TWINLAB_CALIBRATION_SEVERITY", "error")
        run_dbt(Layout.here({}), ["build"], Parameters(), warehouse=path, progress=progress, target=folder / "target")
    return path


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout with the real dbt and a stand-in for npm."""

    root: Path
    bin: Path

    @property
    def published(self) -> Path:
        return self.root / "data" / "twinlab.duckdb"

    @property
    def side(self) -> Path:
        return self.root / "data" / ".build" / "twinlab.duckdb"

    @property
    def site(self) -> Path:
        return self.root / "reports" / "build"

    def environ(self, **more: str) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TWINLAB_")}
        return {**ours, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **more}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "twinlab", *arguments]

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the command line to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environ(**more),
            capture_output=True,
            text=True,
            timeout=600,
        )

    def state(self) -> dict[str, bytes]:
        """Return the bytes of everything that is published."""
        files = [self.published, *(path for path in self.site.rglob("*") if path.is_file())]
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}


@pytest.fixture(scope="session")
def new_checkout(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that makes a `Checkout`."""

    def make(name: str) -> Checkout:
        folder = tmp_path_factory.mktemp(name)
        (folder / "bin").mkdir()
        npm = folder / "bin" / "npm"
        npm.write_text(FAKE_NPM)
        npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
        copy_checkout(ROOT, folder / "project")
        return Checkout(folder / "project", folder / "bin")

    return make
