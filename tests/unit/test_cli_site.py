"""The last good site survives whatever happens to the next one."""

import os
import time

import pytest

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.progress import Progress
from twinlab.site import build_site, last_good_kept, site_environ


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path, tmp_path / "data" / "twinlab.duckdb", tmp_path / "data" / "reference")


@pytest.fixture
def good(layout):
    """Return a function that tells whether the good site stands, and nothing beside it."""
    page = layout.site / "portraits" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("good")

    def stands():
        files = [path for path in layout.site.rglob("*") if path.is_file()]
        return files == [page] and page.read_text() == "good" and not (layout.reports / ".build-kept").exists()

    assert stands()
    return stands


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
    with last_good_kept(layout, "make run"), Progress("site") as progress:
        build_site(layout, layout.published, progress)


def test_a_new_site_takes_the_place_of_the_old_one(layout, good, npm):
    npm('[ "$3" = build ] && { rm -rf build; mkdir build; echo new > build/index.html; }; exit 0')
    build(layout)
    assert [path.name for path in layout.site.iterdir()] == ["index.html"]
    assert not (layout.reports / ".build-kept").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("rm -rf build; echo 'Error in Query! no such table'; exit 1", "Error in Query! no such table"),
        ("mkdir -p build; echo half > build/index.html; exit 3", "ended with status 3"),
        ('[ "$3" = build ] && rm -rf build; exit 0', "there is no reports/build/index.html"),
    ],
)
def test_a_failed_build_puts_the_good_site_back(layout, good, npm, script, said):
    npm(script)
    with pytest.raises(UserError) as caught:
        build(layout)
    assert said in caught.value.render()
    assert "data/.build/site.log" in caught.value.render()
    assert good()


def test_an_interrupt_puts_the_good_site_back(layout, good):
    with pytest.raises(KeyboardInterrupt), last_good_kept(layout, "make run"):
        (layout.site / "portraits" / "index.html").write_text("half")
        raise KeyboardInterrupt
    assert good()


def test_after_a_kill_the_next_build_puts_the_good_site_back(layout, good, npm):
    # What a killed build leaves: the good site aside, half of a new one in its place.
    layout.site.rename(layout.reports / ".build-kept")
    layout.site.mkdir()
    (layout.site / "index.html").write_text("half")
    (layout.reports / ".build-kept.part").mkdir()
    npm("exit 1")
    with pytest.raises(UserError):
        build(layout)
    assert good()


def test_a_first_build_that_fails_leaves_nothing(layout, npm):
    layout.reports.mkdir()
    npm("mkdir -p build; echo half > build/index.html; exit 1")
    with pytest.raises(UserError):
        build(layout)
    assert not layout.site.exists()


def test_a_build_that_hangs_is_stopped_with_its_children(layout, good, npm, monkeypatch, tmp_path):
    beat = tmp_path / "beat"
    npm(f"(while :; do echo x >> {beat}; sleep 0.1; done) & wait")
    monkeypatch.setenv("TWINLAB_TIMEOUT_MINUTES", "0.02")
    with pytest.raises(UserError, match="did not end within"):
        build(layout)
    beats = beat.stat().st_size
    assert beats > 0
    time.sleep(0.5)
    assert beat.stat().st_size == beats
    assert good()


def test_missing_npm_is_told(layout, good, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="npm is missing"):
        build(layout)
    assert good()


@pytest.mark.parametrize("minutes", ["soon", "0", "-1", "nan", "inf"])
def test_wrong_timeout_is_told(layout, good, npm, monkeypatch, minutes):
    npm("exit 0")
    monkeypatch.setenv("TWINLAB_TIMEOUT_MINUTES", minutes)
    with pytest.raises(UserError, match="TWINLAB_TIMEOUT_MINUTES"):
        build(layout)


def test_evidence_is_given_a_relative_file(layout):
    environ = site_environ(layout, layout.side)
    assert environ["EVIDENCE_SOURCE__warehouse__filename"] == "../../../data/.build/twinlab.duckdb"
    assert environ["SEND_ANONYMOUS_USAGE_STATS"] == "no"
