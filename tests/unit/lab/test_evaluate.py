"""The long grading: what is graded, kept and returned. dbt itself: tests/integration."""

import pytest

from ingest.evaluation import kept_grades
from lab import evaluate
from tests.unit.lab.rows import found, setting
from twinlab.errors import UserError
from twinlab.layout import Layout


@pytest.fixture
def layout(tmp_path, root):
    """Return a layout whose results lie apart, on the code of the checkout."""
    for path in root.iterdir():
        if path.name != "data":
            (tmp_path / path.name).symlink_to(path)
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


def test_a_small_evaluation_takes_nothing_out_of_the_warehouse(layout, monkeypatch):
    def grade_some(_layout, _scratch, each, left, _separation):
        for results in left.values():
            names = ("method_code", "grade_code", "portrait_code", "predicted_code", "bin_number", "value")
            results.add(each, [{name: found("twinlab", "macro_f1", 0.9)[name] for name in names}])

    monkeypatch.setattr(evaluate, "_grade", grade_some)
    for clients in (500, 300):
        evaluate.grade(layout, [setting(clients, grades=("portraits",))], 1.0)
    table = kept_grades(layout.data / "evaluation")
    assert sorted(table["clients_count"].to_pylist()) == [300, 500]


def test_with_a_published_warehouse_it_says_how_to_take_the_figures_in(layout, monkeypatch):
    monkeypatch.setattr(evaluate, "_separation", lambda _: 1.0)
    monkeypatch.setattr(evaluate, "grade", lambda *_: "the summary")
    assert evaluate.evaluate(layout, 300, 1) == "the summary"
    layout.published.touch()
    assert evaluate.evaluate(layout, 300, 1).startswith("the summary\n\nThe next `make run`")


def test_one_grade_can_be_asked_for(layout, monkeypatch):
    monkeypatch.setattr(evaluate, "_separation", lambda _: 1.0)
    asked = []
    monkeypatch.setattr(evaluate, "grade", lambda _, settings, __: asked.extend(settings) or "the summary")
    evaluate.evaluate(layout, only="settings")
    assert asked == [setting(30_000, 1, 1.0, ("settings",)), setting(30_000, 1, 0.5, ("settings",))]
    with pytest.raises(UserError, match="GRADE=beauty is not valid.\n.*twin_quality, portraits"):
        evaluate.evaluate(layout, only="beauty")


def test_trials_have_a_size_of_their_own(layout, monkeypatch):
    monkeypatch.setattr(evaluate, "_separation", lambda _: 1.0)
    with pytest.raises(UserError, match="GRADE=trials is not graded at CLIENTS=500"):
        evaluate.evaluate(layout, 500, only="trials")
