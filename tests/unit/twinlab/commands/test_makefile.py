"""The commands of make: all are listed, wrong values and missing tools are reported before anything long starts."""

import os
import re
import shutil
import subprocess
import sys

import pytest

TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.M)
# Steps of other commands, of no use alone.
INNER = {"preflight", "parameters"}


def make(root, *arguments, **environ):
    return subprocess.run(
        ["make", *arguments],
        cwd=root,
        env={**os.environ, "MAKEFLAGS": "", "MAKELEVEL": "", **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def machine(tmp_path):
    """Return a function that makes a PATH with the tools of a bare machine and the given scripts."""

    def build(**scripts):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("sh", "sed", "env", "make", "rm", "touch", "dirname"):
            (folder / name).symlink_to(shutil.which(name))
        for name, script in scripts.items():
            path = folder / name.replace("_", ".")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return str(folder)

    return build


@pytest.fixture
def bare(root, tmp_path):
    """Return a checkout with nothing installed: what the preflight needs of it."""
    project = tmp_path / "project"
    for name in ("documents", "lab", "twinlab", "vocabulary"):
        shutil.copytree(root / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "Makefile", project)
    shutil.copy(root / "requirements.txt", project)
    return project


def test_help_lists_every_target(root):
    targets = set(TARGET.findall((root / "Makefile").read_text(encoding="utf-8"))) - INNER
    listed = make(root, "help").stdout
    assert targets == set(re.findall(r"^  ([a-z-]+) ", listed, re.M))
    assert {"run", "test", "simulate", "evaluate", "serve", "dev", "export", "bench", "lint", "help"} <= targets
    assert make(root).stdout == listed


def test_every_target_is_phony_or_a_stamp(root):
    text = (root / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.M))
    assert set(TARGET.findall(text)) == phony


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
    path = machine(python3=f'exec "{sys.executable}" "$@"', node="echo v20.1.0", npm="echo 10")
    done = make(bare, "run", "CLIENTS=-5", PATH=path)
    assert "CLIENTS=-5 is not valid" in done.stderr, done.stdout + done.stderr
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "no Python 3 on PATH"),
        ({"python3": 'case "$1" in -V) echo Python 3.9.6;; *) exit 1;; esac'}, "python3 is Python 3.9.6"),
        ({"python3": "exit 2"}, "python3 has no venv module"),
        ({"python3": "exit 1", "python3_12": "exit 0"}, "Node is missing"),
        ({"python3": "exit 0"}, "Node is missing"),
        ({"python3": "exit 0", "node": "echo v18.19.0", "npm": "echo 9"}, "Node is too old: v18.19.0"),
        ({"python3": "exit 0", "node": "exit 127", "npm": "echo 9"}, "Node is too old: it does not start"),
        ({"python3": "exit 0", "node": "echo v22.1.0"}, "npm is missing"),
    ],
)
def test_what_is_missing_is_named_with_how_to_get_it(bare, machine, scripts, said):
    done = make(bare, "run", PATH=machine(**scripts))
    assert done.returncode != 0
    assert said in done.stderr
    assert "macOS" in done.stderr
    assert len(done.stderr.splitlines()) < 12
    assert not (bare / ".venv").exists()


def test_a_newer_python_is_found_where_the_usual_one_is_old(bare, machine):
    scripts = {"python3": "exit 1", "python3_12": "exit 0"}
    done = subprocess.run(
        ["sh", "twinlab/preflight.sh", "venv"],
        cwd=bare,
        env={"PATH": machine(**scripts)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith("/python3.12")


def test_tests_of_a_file_stay_in_one_process(request):
    """The groups of conftest.py reach the process that deals out the tests: else each one makes its own fixtures."""
    is_dealt_out = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith(
        f"@{request.path.relative_to(request.config.rootpath)}" if is_dealt_out else request.node.name
    )
