"""Stages: in order or side by side, each timed, and what happens after one has failed."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from twinlab.develop.stages import Stage, run_stages
from twinlab.errors import UserError


def stage(name, script, is_costly=False):
    return Stage(name, (sys.executable, "-c", script), Path.cwd(), is_costly)


def table(printed):
    """Names and results of the closing table."""
    rows = re.findall(r"^  (\S.*?)  +(?:[\d.]+ s  )?(passed|not started|FAILED.*)$", printed, re.M)
    return dict(rows)


def test_the_table_names_every_stage_and_its_result(capfd):
    groups = [[stage("one", "print('said')"), stage("two", "raise SystemExit(3)")], [stage("three", "")]]
    assert run_stages(groups, os.environ) == 3
    printed = capfd.readouterr().out
    assert table(printed) == {"one": "passed", "two": "FAILED with status 3", "three": "passed"}
    assert list(table(printed)) == ["one", "two", "three"]
    assert "--- one\nsaid\n" in printed


def test_the_first_failure_gives_the_status(capfd):
    groups = [[stage("one", "raise SystemExit(5)")], [stage("two", "raise SystemExit(4)")]]
    assert run_stages(groups, os.environ) == 5
    assert run_stages([[stage("one", "")]], os.environ) == 0


def test_a_costly_stage_is_left_out_after_a_failure(capfd):
    costly = stage("costly", "print('it ran')", is_costly=True)
    assert run_stages([[stage("one", "raise SystemExit(1)")], [costly], [stage("cheap", "")]], os.environ) == 1
    printed = capfd.readouterr().out
    assert table(printed) == {"one": "FAILED with status 1", "costly": "not started", "cheap": "passed"}
    assert "it ran" not in printed
    assert run_stages([[stage("one", "")], [costly]], os.environ) == 0
    assert "it ran" in capfd.readouterr().out


def test_the_stages_of_a_group_run_side_by_side(capfd, tmp_path):
    """Each waits for the other; their outputs are not mixed."""
    script = (
        "import pathlib, sys, time; mine, other = (pathlib.Path({!r}, name) for name in {!r}); mine.touch()\n"
        "while not other.exists(): time.sleep(0.01)\n"
        "print(mine.name); print(mine.name)"
    )
    group = [stage(names[0], script.format(str(tmp_path), names)) for names in (("a", "b"), ("b", "a"))]
    assert run_stages([group], os.environ) == 0
    printed = capfd.readouterr().out
    assert "--- a\na\na\n" in printed
    assert "--- b\nb\nb\n" in printed


def test_errors_stand_among_the_output_of_a_stage(capfd):
    script = "import sys; print('first', flush=True); print('second', file=sys.stderr)"
    run_stages([[stage("one", script), stage("two", "")]], os.environ)
    assert "first\nsecond\n" in capfd.readouterr().out


def test_a_stage_gets_the_given_variables(capfd):
    environ = {**os.environ, "TWINLAB_MARK": "given"}
    run_stages([[stage("one", "import os; print(os.environ['TWINLAB_MARK'])")]], environ)
    assert "given" in capfd.readouterr().out


def test_a_missing_program_is_named(tmp_path):
    with pytest.raises(UserError, match="no-such-program is missing"):
        run_stages([[Stage("one", ("no-such-program",), tmp_path)]], os.environ)


def test_an_interrupt_ends_every_running_stage(root, tmp_path):
    beat = tmp_path / "beat"
    script = (
        "import os, sys, pathlib; from twinlab.commands.dispatch import _interrupt; import signal\n"
        "signal.signal(signal.SIGTERM, _interrupt)\n"
        "from twinlab.develop.stages import Stage, run_stages\n"
        f"code = 'while :; do echo >> {beat}; sleep 0.05; done'\n"
        "here = pathlib.Path.cwd()\n"
        "run_stages([[Stage('one', ('sh', '-c', code), here), Stage('two', ('sleep', '60'), here)]], os.environ)"
    )
    done = subprocess.Popen([sys.executable, "-c", script], cwd=root, stderr=subprocess.PIPE, text=True)
    while not beat.exists():
        time.sleep(0.05)
    done.send_signal(signal.SIGTERM)
    _, errors = done.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    size = beat.stat().st_size
    time.sleep(0.3)
    assert beat.stat().st_size == size
