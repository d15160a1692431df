"""A site is built in a folder of its own, and the last good one survives whatever happens to the next."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.tools.site import build_site, site_environ


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path, tmp_path / "data" / "twinlab.duckdb", tmp_path / "data" / "reference")


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Return a function that puts a script in npm's place."""

    def install(script):
        (tmp_path / "bin").mkdir(exist_ok=True)
        path = tmp_path / "bin" / "npm"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")

    return install


def build(layout):
    layout.reports.mkdir(exist_ok=True)
    with Progress("site") as progress:
        build_site(layout, layout.published, progress)


PUBLISH = Path(__file__).parents[4] / "reports" / "scripts" / "publish.mjs"


def script(root, call):
    """Run one function of publish.mjs on a folder."""
    code = f"import * as site from {str(PUBLISH.as_uri())!r}; site.{call}(process.argv[1]);"
    subprocess.run([shutil.which("node"), "--input-type=module", "-e", code, str(root)], check=True, timeout=60)


def put(folder, text):
    """Make a site of one page."""
    folder.mkdir()
    (folder / "index.html").write_text(text)


def test_a_new_site_takes_the_place_of_the_old_one(tmp_path):
    put(tmp_path / "build", "good")
    (tmp_path / "build" / "gone.html").write_text("of a page that is no more")
    put(tmp_path / ".build-next", "new")
    script(tmp_path, "publish")
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
    assert [path.read_text() for path in (tmp_path / "build").iterdir()] == ["new"]


def test_a_first_site_needs_no_old_one(tmp_path):
    put(tmp_path / ".build-next", "new")
    script(tmp_path, "publish")
    assert (tmp_path / "build" / "index.html").read_text() == "new"


def test_after_a_kill_between_the_renames_the_good_site_comes_back(tmp_path):
    put(tmp_path / ".build-last", "good")
    put(tmp_path / ".build-next", "half")
    script(tmp_path, "recover")
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
    assert (tmp_path / "build" / "index.html").read_text() == "good"


def test_leftovers_of_a_failed_build_are_cleared_and_the_good_site_stays(tmp_path):
    put(tmp_path / "build", "good")
    put(tmp_path / ".build-last", "older")
    put(tmp_path / ".build-next", "half")
    script(tmp_path, "recover")
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
    assert (tmp_path / "build" / "index.html").read_text() == "good"


def test_a_failed_build_is_reported_with_its_last_words_and_the_log(layout, npm):
    npm("echo 'Error in Query! no such table'; exit 3")
    with pytest.raises(UserError) as caught:
        build(layout)
    assert "Error in Query! no such table" in caught.value.render()
    assert "ended with status 3" in caught.value.render()
    assert "data/.build/site.log" in caught.value.render()


def test_a_build_that_hangs_is_stopped_with_its_children(layout, npm, monkeypatch, tmp_path):
    beat = tmp_path / "beat"
    npm(f"(while :; do echo x >> {beat}; sleep 0.1; done) & wait")
    monkeypatch.setenv("TWINLAB_TIMEOUT_MINUTES", "0.02")
    with pytest.raises(UserError, match="did not end within"):
        build(layout)
    beats = beat.stat().st_size
    assert beats > 0
    time.sleep(0.5)
    assert beat.stat().st_size == beats


def test_missing_npm_is_reported(layout, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="npm is missing"):
        build(layout)


@pytest.mark.parametrize("minutes", ["soon", "0", "-1", "nan", "inf"])
def test_wrong_timeout_is_reported(layout, npm, monkeypatch, minutes):
    npm("exit 0")
    monkeypatch.setenv("TWINLAB_TIMEOUT_MINUTES", minutes)
    with pytest.raises(UserError, match="TWINLAB_TIMEOUT_MINUTES"):
        build(layout)


def test_evidence_is_given_a_relative_file(layout):
    environ = site_environ(layout, layout.side)
    assert environ["EVIDENCE_SOURCE__warehouse__filename"] == "../../../data/.build/twinlab.duckdb"
    assert environ["SEND_ANONYMOUS_USAGE_STATS"] == "no"
