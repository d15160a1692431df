"""The long grading: what is planned, what is kept, what the summary says. dbt itself: tests/integration."""

import subprocess
import sys

import pytest

from twinlab import evaluate
from twinlab.errors import UserError
from twinlab.evaluation_plan import SEEDS, SEPARATIONS, Setting, plan
from twinlab.evaluation_store import Results, inputs_digest
from twinlab.evaluation_summary import portrait_table, quality_table, separation_table, summary
from twinlab.layout import Layout
from twinlab.parameters import Parameters


def setting(clients=300, seed=1, separation=1.0, grades=("twin_quality", "ceiling")):
    return Setting(Parameters(clients=clients, seed=seed), separation, grades)


def quality(check, value, is_passed, clients=300, low=0.5, high=1.5):
    """Return a row of twin_quality.csv."""
    bounds = {"target_low": str(low), "target_high": str(high)}
    return {"clients": str(clients), "check_code": check, "value": str(value), "is_passed": is_passed} | bounds


def figure(code, value, portrait="", predicted="", seed=1, separation=1.0, clients=300):
    """Return a row of ceiling.csv."""
    key = {"clients": str(clients), "seed": str(seed), "separation": f"{separation:g}"}
    return key | {"grade_code": code, "portrait_code": portrait, "predicted_code": predicted, "value": str(value)}


def cells(table, row):
    return [cell.strip() for cell in table.splitlines()[2 + row].strip("|").split("|")]


def test_the_twin_is_graded_at_each_seed_and_size_and_the_ceiling_at_each_separation():
    settings = plan(separation=1.0)
    runs = {(each.parameters.clients, each.parameters.seed, each.separation): each.grades for each in settings}
    assert len(runs) == len(settings)
    for seed in SEEDS:
        assert runs[2_000, seed, 1.0] == ("twin_quality",)
        assert runs[100_000, seed, 1.0] == ("twin_quality", "ceiling")
    others = {separation for clients, seed, separation in runs if separation != 1.0}
    assert others == set(SEPARATIONS) - {1.0}
    assert all(runs[100_000, SEEDS[0], separation] == ("ceiling",) for separation in others)
    assert len(settings) == 2 * len(SEEDS) + len(others)


def test_a_full_evaluation_adds_a_million_clients():
    more = set(plan(separation=1.0, is_full=True)) - set(plan(separation=1.0))
    assert more == {setting(1_000_000, SEEDS[0], 1.0, ("twin_quality",))}


def test_a_small_evaluation_has_one_size_and_one_seed():
    settings = plan(500, 9, separation=0.9)
    assert {(each.parameters.clients, each.parameters.seed) for each in settings} == {(500, 9)}
    assert settings[0] == setting(500, 9, 0.9)
    assert [each.separation for each in settings[1:]] == list(SEPARATIONS)


def test_results_are_kept_for_the_same_setting_and_inputs(tmp_path):
    path = tmp_path / "grades.csv"
    results = Results(path, "abc")
    results.add(setting(), [{"check_code": "one", "value": 0.1, "is_passed": True, "target_low": None}])
    results.add(setting(seed=2), [{"check_code": "one", "value": 2, "is_passed": False, "target_low": 1.5}])
    again = Results(path, "abc")
    assert again.rows == results.rows
    (row,) = again.of(setting())
    assert (row["value"], row["is_passed"], row["target_low"]) == ("0.1", "true", "")
    for other in (setting(seed=3), setting(clients=301), setting(separation=2.0)):
        assert again.of(other) == []
    assert Results(path, "abd").rows == []
    assert [file.name for file in tmp_path.iterdir()] == ["grades.csv"]


def test_inputs_change_with_code_and_reference_and_with_nothing_else(tmp_path):
    for name in ("generator", "ingest", "ml", "models", "dbt_project", "twinlab", "data/reference", "tests"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file.py").write_text("1")
    (tmp_path / "twinlab" / "evaluation_grades.py").write_text("1")
    (tmp_path / "requirements.txt").write_text("1")
    layout = Layout(tmp_path, tmp_path / "twinlab.duckdb", tmp_path / "data" / "reference")
    digest = inputs_digest(layout)
    for name in ("tests/file.py", "twinlab/file.py", "ml/__pycache__/file.pyc", "dbt_project/target/manifest.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("2")
        assert inputs_digest(layout) == digest, name
    seen = {digest}
    for name in ("generator/file.py", "data/reference/file.py", "models/new.sql", "requirements.txt"):
        (tmp_path / name).write_text("2")
        assert inputs_digest(layout) not in seen, name
        seen.add(inputs_digest(layout))


def test_checks_of_the_twin_stand_with_their_targets_the_sizes_side_by_side():
    table = quality_table(
        [
            quality("friday_index", 1.0, "true"),
            quality("friday_index", 2.0, "false"),
            quality("friday_index", 1.25, "true", clients=2000),
            quality("above_tank", 0.0, "true", low=0.0, high=0.0),
        ]
    )
    assert cells(table, -2) == ["check", "wanted", "300 clients", "passed", "2,000 clients", "passed"]
    assert cells(table, 0) == ["friday_index", "0.5 – 1.5", "1.5 (1 – 2)", "1 of 2", "1.25", "1 of 1"]
    assert cells(table, 1) == ["above_tank", "0", "0", "1 of 1", "–", "–"]


def test_ceilings_stand_by_separation_over_their_seeds():
    table = separation_table(
        [
            figure("accuracy", 0.9, separation=2.0),
            figure("macro_f1", 0.8, separation=2.0),
            figure("accuracy", 0.7),
            figure("macro_f1", 0.6),
            figure("accuracy", 0.8, seed=2),
            figure("macro_f1", 0.6, seed=2),
        ]
    )
    assert cells(table, 0) == ["1", "300", "2", "0.750 (0.700 – 0.800)", "0.600"]
    assert cells(table, 1) == ["2", "300", "1", "0.900", "0.800"]


def test_each_portrait_stands_with_what_it_is_taken_for():
    rows = [
        figure("precision", 1.0, "eco"),
        figure("recall", 0.5, "eco"),
        figure("clients_count", 10, "eco", "eco"),
        figure("clients_count", 3, "eco", "new"),
        figure("clients_count", 7, "eco", "rare"),
        figure("recall", 1.0, "new"),
        figure("clients_count", 4, "new", "new"),
    ]
    table = portrait_table(rows)
    assert cells(table, 0) == ["eco", "rare (35.0%)", "20", "1.000", "0.500"]
    assert cells(table, 1) == ["new", "–", "4", "–", "1.000"]


def test_summary_leaves_out_what_was_not_graded():
    text = summary("a machine", [quality("friday_index", 1.0, "true")], [], 1.0)
    assert "friday_index" in text
    assert "Gradient boosting" not in text
    assert summary("a machine", [], [figure("accuracy", 0.9, separation=2.0)], 1.0).count("|---") == 5


@pytest.fixture
def layout(tmp_path, root):
    """Return a layout whose results lie apart, on the code of the checkout."""
    for name in ("generator", "ingest", "ml", "models", "dbt_project", "twinlab", "requirements.txt"):
        (tmp_path / name).symlink_to(root / name)
    (tmp_path / "data").mkdir()
    return Layout(tmp_path, tmp_path / "twinlab.duckdb", root / "data" / "reference")


def test_a_failure_keeps_what_was_graded_and_the_next_call_goes_on_from_there(layout, monkeypatch):
    asked, graded = [], ("twin_quality",)

    def grade_some(_layout, _scratch, each, left, _separation):
        asked.append((each.parameters.seed, tuple(left)))
        if each.parameters.seed == 3 and len(asked) == 3:
            raise UserError("dbt build failed.")
        for results in left.values():
            results.add(each, [{"check_code": "x", "value": 1, "is_passed": True, "target_low": 0, "target_high": 2}])

    monkeypatch.setattr(evaluate, "_grade", grade_some)
    settings = [setting(seed=seed, grades=graded) for seed in (1, 2, 3)]
    with pytest.raises(UserError):
        evaluate.grade(layout, settings, 1.0)
    assert "| 3 of 3 |" in evaluate.grade(layout, settings, 1.0)
    assert asked == [(1, graded), (2, graded), (3, graded), (3, graded)]


@pytest.mark.parametrize("typed", ["--clients=-5", "--clients=1e5", "--seed=abc"])
def test_a_wrong_value_is_told_before_anything_is_built(root, typed):
    done = subprocess.run(
        [sys.executable, "-m", "twinlab", "evaluate", typed], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "is not possible" in done.stderr
    assert "Allowed: a whole number" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
