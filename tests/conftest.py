"""Shared fixtures: the checkout, warehouses, and copies of the checkout to break."""

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

from tests.builds import NO_UNIT_TESTS, dbt
from tests.unusual import OWN_NAME, edit_reference, write_own_files
from twinlab.develop.rehearsal import copy_checkout
from twinlab.layout import Layout
from twinlab.parameters import Parameters
from twinlab.progress import Progress
from twinlab.reference.load import load_reference
from twinlab.tools.dbt import run_dbt

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Replaces npm where the site itself is not tested: builds a site of one page with the path of the warehouse it read.
FAKE_NPM = """#!/bin/sh
[ "$FAKE_NPM" = fail ] && [ "$3" = build ] && { echo "Error: no such chart"; exit 7; }
[ "$3" = build ] && { rm -rf build; mkdir build; echo "$EVIDENCE_SOURCE__warehouse__filename" > build/index.html; }
exit 0
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process the tests of a file, those of a page of the site, and those of an expensive fixture."""
    shared = {"unusual": "unusual", "own_run": "own", "empty": "empty"}
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        groups = [group for fixture, group in shared.items() if fixture in fixtures]
        if "visit" in fixtures and "path" in fixtures:
            groups.append(f"page {item.callspec.params['path']}")
        item.add_marker(pytest.mark.xdist_group(groups[0] if groups else str(item.path.relative_to(ROOT))))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the checkout under test."""
    return ROOT


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a DuckDB file with the default run, built once; read-only.

    Under `make test` it is the one published by `make run` in the copy under test, otherwise dbt builds it.
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
class Edited:
    """A copy of the reference folder and a small warehouse built from it."""

    folder: Path

    @property
    def reference(self) -> Path:
        return self.folder / "reference"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def edit(self, name, change):
        """Change a document in place."""
        path = self.reference / f"{name}.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    def build(self, *arguments):
        """Validate the files as a run does, build, and return a connection."""
        load_reference(self.reference, ROOT / "data" / "reference" / "schemas")
        dbt(self.folder, "build", *arguments, reference=self.reference, clients=300, months=4)
        return duckdb.connect(str(self.warehouse), read_only=True)


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that creates an `Edited` from the shipped files."""

    def copy(name: str) -> Edited:
        folder = tmp_path_factory.mktemp(name)
        shutil.copytree(ROOT / "data" / "reference", folder / "reference")
        return Edited(folder)

    return copy


@pytest.fixture(scope="session")
def unusual(copied) -> Edited:
    """Return a small run with a twelfth portrait and two more features with hostile texts; read-only."""
    edited = copied("unusual")
    edit_reference(edited.reference)
    edited.build(*NO_UNIT_TESTS).close()
    return edited


@pytest.fixture(scope="session")
def own_run(new_checkout, tmp_path_factory: pytest.TempPathFactory):
    """Return a checkout with a published run on own files without a pilot, and the number of visits in the files."""
    source = tmp_path_factory.mktemp("source") / OWN_NAME
    visits = write_own_files(source)
    checkout = new_checkout("own_checkout")
    done = checkout.run("run", f"--source={source}")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout, visits


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout with the real dbt and a fake npm."""

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
        """Run a command of the command line to completion."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environ(**more),
            capture_output=True,
            text=True,
            timeout=600,
        )

    def state(self) -> dict[str, bytes]:
        """Return the bytes of everything published."""
        files = [self.published, *(path for path in self.site.rglob("*") if path.is_file())]
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}


@pytest.fixture(scope="session")
def new_checkout(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that creates a `Checkout`."""

    def make(name: str) -> Checkout:
        folder = tmp_path_factory.mktemp(name)
        (folder / "bin").mkdir()
        npm = folder / "bin" / "npm"
        npm.write_text(FAKE_NPM)
        npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
        copy_checkout(ROOT, folder / "project")
        return Checkout(folder / "project", folder / "bin")

    return make
