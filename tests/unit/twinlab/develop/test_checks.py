"""What the check commands run."""

import json
import os
from pathlib import Path

import pytest
import yaml

from twinlab.develop import checks
from twinlab.develop.rehearsal import rehearse
from twinlab.layout import Layout

LAYOUT = Layout.here({})


def stages(command, layout=LAYOUT):
    return [stage for group in checks.stages_of_commands(layout)[command] for stage in group]


def names(command):
    return [stage.name for stage in stages(command)]


def test_check_is_lint_types_and_the_quick_tests():
    assert names("check") == [*names("lint"), *names("types"), "quick tests"]
    assert not any(stage.is_costly for stage in stages("check"))


@pytest.mark.parametrize("command", ["test", "test-full"])
def test_the_long_commands_stop_before_the_rehearsal_when_a_check_fails(command):
    costly = [stage.is_costly for stage in stages(command)]
    assert costly[-2:] == [True, True]
    assert not any(costly[:-2])
    assert {*names("lint"), *names("types")} <= set(names(command))


def test_tests_of_the_copy_run_where_the_rehearsal_makes_it(monkeypatch, tmp_path):
    monkeypatch.setattr("twinlab.develop.rehearsal._rehearse", lambda layout, copy: None)
    layout = Layout(tmp_path, tmp_path / "data" / "twinlab.duckdb", tmp_path / "reference")
    assert {stages(command, layout)[-1].folder for command in ("test", "test-full")} == {rehearse(layout)}


def test_what_is_linted_exists():
    for stage in stages("lint"):
        for word in stage.command:
            if "/" in word and not Path(word).is_absolute():
                assert (stage.folder / word).is_dir(), word


def test_the_hooks_of_git_run_the_same_tools(root):
    """The hooks add the names of changed files, and take the two programs of `npm run lint` apart."""
    hooks = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    of_hooks = {hook["entry"].removeprefix(".venv/bin/python -m ") for hook in hooks}
    scripts = json.loads((root / "reports" / "package.json").read_text(encoding="utf-8"))["scripts"]
    for stage in stages("lint") + stages("types"):
        if stage.command[0] == "npm":
            assert scripts["lint"] == "eslint --max-warnings 0 && npm run --silent check"
            assert {
                "reports/node_modules/.bin/eslint --max-warnings 0",
                "npm --prefix reports run --silent check",
            } <= of_hooks
        else:
            module, *options = (word for word in stage.command[2:] if "/" not in word and word not in (".", "models"))
            assert any(entry.split()[: 1 + len(options)] == [module, *options] for entry in of_hooks), stage


def test_settings_of_the_callers_runs_do_not_count(monkeypatch):
    given = {}
    monkeypatch.setattr(checks, "run_stages", lambda groups, environ: given.update(environ) or 0)
    monkeypatch.setenv("TWINLAB_DUCKDB", "/elsewhere/twinlab.duckdb")
    monkeypatch.setenv("TWINLAB_REFERENCE", "/elsewhere")
    monkeypatch.setenv("TWINLAB_CCS", "/given")
    assert checks.run_checks(LAYOUT, "types") == 0
    assert set(os.environ) - set(given) == {"TWINLAB_DUCKDB", "TWINLAB_REFERENCE"}
    assert given["TWINLAB_CCS"] == "/given"
