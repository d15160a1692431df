"""The commands of make: all are listed, wrong values and missing tools are reported before anything long starts."""

import os
import re
import subprocess
import sys

import pytest

from twinlab.commands.cli import parser

TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.M)
ONLY_IN_MAKE = {"help", "setup-dev"}
ONLY_IN_PYTHON = {"validate", "summary", "rehearse"}


def make(root, *arguments, **environ):
    return subprocess.run(
        ["make", *arguments],
        cwd=root,
        env={**os.environ, "MAKEFLAGS": "", "MAKELEVEL": "", **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def targets(root):
    return set(TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))


def test_help_lists_every_target(root):
    listed = make(root, "help").stdout
    assert targets(root) == set(re.findall(r"^  ([a-z-]+) ", listed, re.M))
    assert make(root).stdout == listed


def test_every_target_is_a_command_of_the_same_name(root):
    commands = parser()._subparsers._group_actions[0].choices
    assert targets(root) - ONLY_IN_MAKE == set(commands) - ONLY_IN_PYTHON
    for target in targets(root) - {"help"}:
        called = re.search(rf"^{target}: .*\n\t\$\(TWINLAB\) (\S+(?: --dev)?)", (root / "Makefile").read_text(), re.M)
        assert called[1] == {"setup-dev": "setup --dev"}.get(target, target)


def test_every_target_is_phony(root):
    text = (root / "Makefile").read_text(encoding="utf-8")
    assert targets(root) == set(re.findall(r"^\.PHONY: (\S+)$", text, re.M))


def test_every_variable_of_a_command_is_exported(root):
    text = (root / "Makefile").read_text(encoding="utf-8")
    exported = set(re.search(r"^export (.+)$", text, re.M)[1].split())
    assert {*re.findall(r"\$\$\{(\w+):\+", text), "PYTHON"} == exported


@pytest.mark.parametrize("value", ["CLIENTS=-5", "SEED=abc", "MONTHS=0", "SOURCE=/no/such folder"])
def test_a_wrong_parameter_is_reported_without_a_traceback(root, value):
    done = make(root, "run", value)
    assert done.returncode != 0
    assert f"error: {value}" in done.stderr
    assert "Allowed" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) < 24


def test_a_value_is_never_read_as_a_command(root, tmp_path):
    trap = tmp_path / "trap"
    done = make(root, "run", f"CLIENTS=$(touch {trap})", f"SEED=1; touch {trap}", f"SOURCE=`touch {trap}`'\"")
    assert done.returncode != 0
    assert not trap.exists()


def test_a_wrong_parameter_is_reported_on_a_bare_machine(bare, machine):
    path = machine(python3=REAL)
    done = make(bare, "run", "CLIENTS=-5", PATH=path)
    assert "CLIENTS=-5 is not valid" in done.stderr, done.stdout + done.stderr
    assert not (bare / ".venv").exists()


OLD = 'echo "error: Python 3.9 is not supported" >&2; exit 2'
REAL = f'exec "{sys.executable}" -S "$@"'


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "python3 is missing"),
        ({"python3": "exit 127"}, "python3 is missing, or does not start"),
        ({"python3": OLD}, "Python 3.9 is not supported"),
        ({"python3": OLD, "python3_12": REAL}, "Node is missing"),
        ({"python3": REAL}, "Node is missing"),
        ({"python3": REAL, "node": "echo v18.19.0", "npm": "echo 9"}, "Node is too old: v18.19.0"),
        ({"python3": REAL, "node": "exit 127", "npm": "echo 9"}, "Node is too old: it does not start"),
        ({"python3": REAL, "node": "echo v22.1.0"}, "npm is missing"),
    ],
)
def test_what_is_missing_is_named_with_how_to_get_it(bare, machine, scripts, said):
    done = make(bare, "run", PATH=machine(**scripts))
    assert done.returncode != 0
    assert said in done.stderr
    assert ("macOS" in done.stderr) == (scripts.get("python3") != OLD or "python3_12" in scripts)
    assert len(done.stderr.splitlines()) < 12
    assert not (bare / ".venv").exists()


def test_the_named_python_is_the_only_one_tried(bare, machine):
    path = machine(python3=REAL, other="exit 127")
    done = make(bare, "run", "CLIENTS=-5", PATH=path, PYTHON="other")
    assert "other is missing, or does not start" in done.stderr


def test_the_python_of_the_environment_comes_before_those_on_path(bare, machine, tmp_path):
    path = machine(python3="exit 127", its_own=REAL)
    (bare / ".venv").mkdir()
    (bare / ".venv" / "pyvenv.cfg").write_text(f"home = {tmp_path}\nexecutable = {path}/its.own\n")
    done = make(bare, "run", "CLIENTS=-5", PATH=path)
    assert "CLIENTS=-5 is not valid" in done.stderr, done.stderr


def test_tests_of_a_file_stay_in_one_process(request):
    """The groups of conftest.py reach the process that deals out the tests: else each one makes its own fixtures."""
    is_dealt_out = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith(
        f"@{request.path.relative_to(request.config.rootpath)}" if is_dealt_out else request.node.name
    )
