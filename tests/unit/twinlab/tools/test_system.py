"""Locks and groups of processes on this system; on Windows, what is called, as its documentation describes it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from twinlab.tools import system


@pytest.fixture
def windows(monkeypatch):
    """Pretend to be on Windows."""
    monkeypatch.setattr(sys, "platform", "win32")


def test_a_program_is_started_by_its_path(tmp_path, monkeypatch):
    npm = tmp_path / "npm"
    npm.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert system.program("npm") == str(npm)
    assert system.program("node") == "node"


def test_a_lock_is_held_until_the_file_is_closed(tmp_path):
    path = tmp_path / "x.lock"
    with path.open("a+") as first, path.open("a+") as second:
        assert system.take_lock(first)
        assert not system.take_lock(second)
    with path.open("a+") as third:
        assert system.take_lock(third)


def test_a_group_ends_with_the_children_of_its_program(tmp_path):
    beat = tmp_path / "beat"
    script = f"(while :; do echo >> {beat}; sleep 0.05; done) & wait"
    child = subprocess.Popen(["sh", "-c", script], **system.own_group())
    while not beat.exists():
        time.sleep(0.05)
    system.end_group(child)
    assert child.returncode != 0
    size = beat.stat().st_size
    time.sleep(0.3)
    assert beat.stat().st_size == size
    # Nothing happens to a process that has ended.
    system.end_group(child)


def test_the_python_of_an_environment(windows):
    assert system.venv_python(Path(".venv")) == Path(".venv", "Scripts", "python.exe")


def test_windows_locks_a_byte_that_nobody_reads(windows, monkeypatch, tmp_path):
    locked = set()

    def locking(number, mode, count):
        place = (os.fstat(number).st_ino, file.tell())
        if place in locked:
            raise PermissionError(13, "Permission denied")
        locked.add(place)

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with (tmp_path / "x.lock").open("a+") as file:
        assert system.take_lock(file)
        assert not system.take_lock(file)
        file.write("holder")
    assert (tmp_path / "x.lock").read_text() == "holder"


def test_windows_ends_a_tree_of_processes(windows, monkeypatch):
    calls = []
    monkeypatch.setattr(system.subprocess, "run", lambda arguments, **_: calls.append(arguments))
    monkeypatch.setattr(system.subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    assert system.own_group() == {"creationflags": 512}
    child = SimpleNamespace(pid=17, poll=lambda: None, wait=lambda: calls.append("waited"))
    system.end_group(child)
    assert calls == [["taskkill", "/T", "/F", "/PID", "17"], "waited"]


def test_windows_passes_on_the_status_of_another_program(windows):
    with pytest.raises(SystemExit) as ended:
        system.become([sys.executable, "-c", "raise SystemExit(7)"])
    assert ended.value.code == 7


def test_another_program_takes_the_place_of_this_one():
    script = (
        "import os, sys; from twinlab.tools.system import become; print(os.getpid())\n"
        "become([sys.executable, '-c', 'import os; print(os.getpid()); raise SystemExit(7)'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[4], capture_output=True, text=True, check=False
    )
    first, second = done.stdout.split()
    assert done.returncode == 7
    assert first == second
