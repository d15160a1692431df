"""``python -m lab``: one definition with ``python -m twinlab``, the same errors and exit statuses."""

import subprocess
import sys

import duckdb
import pytest

from lab import commands
from twinlab.commands import cli


def run(root, *arguments, python=("-m", "lab")):
    return subprocess.run([sys.executable, *python, *arguments], cwd=root, capture_output=True, text=True, timeout=60)


def help_of(main, command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", ["evaluate", "bench"])
def test_what_make_calls_belongs_to_both_command_lines(command, capsys):
    ours, theirs = (help_of(main, command, capsys) for main in (commands.main, cli.main))
    assert "--full" in ours
    assert theirs.split("\n\n")[1:] == ours.split("\n\n")[1:]


@pytest.mark.parametrize("command", ["evaluate", "bench", "backtest-visits", "backtest-portraits", "uplift"])
def test_help_says_what_a_command_does(command, capsys):
    described = " ".join(help_of(commands.main, command, capsys).split("\n\n")[1].split())
    assert described[0].isupper()
    assert described.count(".") >= 2


def test_help_needs_no_installed_package(root):
    done = run(root, "--help", python=("-S", "-m", "lab"))
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("evaluate", "bench", "backtest-visits", "uplift"))


@pytest.mark.parametrize("package", ["lab", "twinlab"])
@pytest.mark.parametrize("typed", ["--clients=-5", "--clients=1e5", "--seed=abc"])
def test_a_wrong_value_is_refused_before_anything_is_built(root, package, typed):
    done = run(root, "evaluate", typed, python=("-m", package))
    assert done.returncode == 2
    assert "is not valid" in done.stderr
    assert "Allowed: a whole number" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("typed", ["0", "-5", "1.5", "many", "--seeds=0"])
def test_a_wrong_number_of_clients_or_seeds_is_refused(typed, capsys):
    with pytest.raises(SystemExit) as ended:
        commands.main(["uplift", typed])
    assert ended.value.code == 2
    assert "usage: python -m lab" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["backtest-portraits"], ["backtest-visits", "--warehouse"]])
def test_a_warehouse_without_truth_is_refused(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.setattr("lab.forecast.visits_backtest.worlds", dict)
    for name, said in (("no.duckdb", "does not exist"), ("own.duckdb", "has no truth"), ("text", "cannot be opened")):
        path = tmp_path / name
        if name == "own.duckdb":
            duckdb.connect(str(path)).close()
        elif name == "text":
            path.write_text("no DuckDB file")
        assert commands.main([*arguments, str(path)]) == 2
        assert f"{path} {said}" in capsys.readouterr().err


def test_an_empty_truth_is_that_of_own_data(tmp_path, capsys):
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        connection.execute("create schema truth")
        connection.execute("create table truth.client_futures (client_id bigint)")
    assert commands.main(["backtest-portraits", str(tmp_path / "own.duckdb")]) == 2
    assert "Own data has no truth" in capsys.readouterr().err


def test_learners_are_compared_as_asked(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("lab.uplift.benchmark.compare", lambda sizes, seeds: asked.append((sizes, seeds)) or ["a", "b"])
    assert commands.main(["uplift", "300", "400", "--seeds", "2"]) == 0
    assert commands.main(["uplift"]) == 0
    assert [(list(sizes), seeds) for sizes, seeds in asked] == [([300, 400], 2), ([2_000, 20_000], 10)]
    assert capsys.readouterr().out == "a\n\nb\n\n" * 2
