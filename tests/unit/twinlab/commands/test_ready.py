"""A bare Python installs what a command needs and hands the command over to the environment."""

import os
import subprocess
import sys

import pytest

from twinlab.supported import NEWEST, OLDEST, problem

# Record the calls; `import pip` is the check of the environment. A file `fail` lets installations fail.
FAKE_PYTHON = """#!/bin/sh
[ "$1" = -c ] && exit {usable}
echo "python $*" >> {calls}
[ "$2" = pip ] && [ -e {fail} ] && exit 1
exit 0
"""
FAKE_NPM = """[ "$1" = --version ] && exit 0
echo "npm $*" >> {calls}
[ -e {fail} ] && exit 1
mkdir -p node_modules
"""
PIP = "python -m pip install --disable-pip-version-check --no-input --require-hashes --quiet -r"
RUN, TESTS = f"{PIP} requirements.txt", f"{PIP} requirements-dev.txt"
SITE = "npm ci --no-audit --no-fund --loglevel=error"


class Bare:
    """A checkout with a fake environment, on a machine with a fake npm."""

    def __init__(self, root, machine):
        self.root = root
        self.calls, self.fail = root / "calls", root / "fail"
        paths = {"calls": self.calls, "fail": self.fail}
        self.path = machine(node="echo v22.1.0", npm=FAKE_NPM.format(**paths))
        python = root / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(FAKE_PYTHON.format(usable=0, **paths))
        python.chmod(0o755)

    def run(self, *arguments, module="twinlab"):
        """Return the finished process and the installations and commands that it led to."""
        self.calls.write_text("")
        # -S hides site-packages, and with them the environment of the tests: a bare Python.
        done = subprocess.run(
            [sys.executable, "-S", "-m", module, *arguments],
            cwd=self.root,
            env={"PATH": self.path},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done, self.calls.read_text().splitlines()

    def calls_of(self, *arguments, **options):
        done, calls = self.run(*arguments, **options)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return calls


@pytest.fixture
def checkout(bare, machine):
    return Bare(bare, machine)


def handed_over(*arguments, module="twinlab"):
    return " ".join(("python", "-S", "-m", module, *arguments))


def test_a_command_is_handed_over_once_its_packages_are_there(checkout):
    command = ("run", "--clients=200", "--source=synthetic")
    assert checkout.calls_of(*command) == [RUN, SITE, handed_over(*command)]
    assert checkout.calls_of(*command) == [handed_over(*command)]


@pytest.mark.parametrize("command", ["export", "docs", "validate", "summary", "evaluate"])
def test_some_commands_need_no_site(checkout, command):
    (checkout.root / "reports" / "package.json").unlink()
    assert checkout.calls_of(command) == [RUN, handed_over(command)]


@pytest.mark.parametrize("command", ["run", "simulate", "serve", "dev", "bench", "rehearse"])
def test_others_need_the_site(checkout, command):
    assert checkout.calls_of(command) == [RUN, SITE, handed_over(command)]


@pytest.mark.parametrize("command", ["lint", "check", "test", "test-full"])
def test_checks_need_everything(checkout, command):
    assert checkout.calls_of(command) == [RUN, TESTS, SITE, handed_over(command)]


@pytest.mark.parametrize("command", ["types", "browser", "lock"])
def test_some_developers_commands_need_no_site(checkout, command):
    assert checkout.calls_of(command) == [RUN, TESTS, handed_over(command)]


def test_the_lab_is_handed_over_too(checkout):
    assert checkout.calls_of("backtest-visits", module="lab") == [RUN, handed_over("backtest-visits", module="lab")]


def test_setup_installs_and_says_so(checkout):
    done, calls = checkout.run("setup")
    assert calls == [RUN, SITE]
    assert done.stdout.splitlines() == [
        "setup: Python packages (about a minute; 1 GB on disk)",
        "setup: packages of the report site (about a minute and a half; 650 MB on disk)",
        "setup: everything is installed.",
    ]
    assert checkout.calls_of("setup", "--dev") == [TESTS]
    done, calls = checkout.run("setup", "--dev")
    assert (done.stdout, calls) == ("setup: everything is installed.\n", [])


@pytest.mark.parametrize(
    ("lock", "repeated"),
    [
        ("requirements.txt", [RUN, TESTS]),
        ("requirements-dev.txt", [TESTS]),
        ("reports/package-lock.json", [SITE]),
        ("reports/package.json", [SITE]),
    ],
)
def test_a_changed_lock_is_installed_once(checkout, lock, repeated):
    checkout.calls_of("setup", "--dev")
    file = checkout.root / lock
    # Only what it says counts: a checkout by git gives it another date.
    os.utime(file)
    assert checkout.calls_of("setup", "--dev") == []
    file.write_text(file.read_text() + "\n")
    assert checkout.calls_of("setup", "--dev") == repeated
    assert checkout.calls_of("setup", "--dev") == []


@pytest.mark.parametrize(("step", "said"), [(RUN, "the Python packages were not"), (SITE, "packages of the report")])
def test_a_failed_installation_is_repeated(checkout, step, said):
    if step == SITE:
        checkout.calls_of("export")
    checkout.fail.touch()
    for _ in range(2):
        done, calls = checkout.run("run")
        assert (done.returncode, calls) == (2, [step])
        assert said in done.stderr
    checkout.fail.unlink()
    assert checkout.calls_of("run")[0] == step


def test_a_failed_update_is_repeated_though_the_old_lock_is_back(checkout):
    """What is half installed is of no lock at all."""
    checkout.calls_of("setup")
    lock = checkout.root / "requirements.txt"
    old = lock.read_text()
    checkout.fail.touch()
    lock.write_text(old + "\n")
    checkout.run("setup")
    checkout.fail.unlink()
    lock.write_text(old)
    assert checkout.calls_of("setup") == [RUN]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("run", "--clients=-5"), "CLIENTS=-5 is not valid"),
        (("run", "--source=/no/such folder"), "SOURCE=/no/such folder does not exist"),
        (("evaluate", "--seed=x"), "SEED=x is not valid"),
        (("serve", "--port=0"), "PORT='0' is not a port"),
        (("run", "--client=5", "--no-such-option"), "unrecognized arguments"),
        (("no-such-command",), "invalid choice"),
    ],
)
def test_wrong_arguments_are_rejected_before_anything_is_installed(checkout, command, said):
    done, calls = checkout.run(*command)
    assert (done.returncode, calls) == (2, [])
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("test-full", "--help"), ("clean",)])
def test_help_and_clean_need_nothing_installed(checkout, arguments):
    assert checkout.calls_of(*arguments) == []


def test_the_environment_itself_goes_on(root):
    """No command installs anything into the environment it runs in."""
    done = subprocess.run(
        [sys.executable, "-c", "from twinlab.commands.ready import ready; ready(site=True, tests=True); print('here')"],
        cwd=root,
        env={**os.environ, "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "here\n"), done.stderr


def test_a_broken_environment_is_made_anew(checkout):
    """A real one, without packages: the Python that made the old one is gone."""
    python = checkout.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/no/such/python")
    (checkout.root / ".venv" / ".run-packages").write_text("of the old one")
    (checkout.root / "requirements.txt").write_text("")
    done, calls = checkout.run("setup")
    assert (done.returncode, done.stderr, calls) == (0, "", [SITE])
    assert "setup: virtual environment in .venv (" in done.stdout
    answer = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(checkout.root / ".venv")


def test_a_supported_python_has_no_problem():
    assert problem() is None


@pytest.mark.parametrize("version", [(3, 10), (NEWEST[0], NEWEST[1] + 1), (2, 7)])
def test_another_version_is_named(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    assert f"Python {version[0]}.{version[1]} is not supported" in problem()


def test_a_missing_venv_module_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert "no venv module" in problem()


def test_the_readable_versions_are_those_of_the_project(root):
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={OLDEST[0]}.{OLDEST[1]}"' in text
