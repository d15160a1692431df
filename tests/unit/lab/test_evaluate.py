"""The long grading: what is planned, what is kept, what the summary says. dbt itself: tests/integration."""

import subprocess
import sys
from datetime import date

import pytest

from ingest import IngestError
from ingest.evaluation import FILE, SCHEMA, kept_grades
from lab import evaluate
from lab.mart import mart_rows, write_mart
from lab.plan import MORE_SEEDS, SEEDS, SEPARATIONS, Setting, plan
from lab.store import Results, inputs_digest
from lab.summary.page import portrait_table, quality_table, separation_table, summary
from lab.summary.portraits import difference_table, method_table, reliability_table, stability_table
from lab.summary.settings import settings_table
from lab.summary.targeting import feature_table, targeting_table
from twinlab.errors import UserError
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
    key = {"clients": str(clients), "months": "12", "seed": str(seed), "separation": f"{separation:g}"}
    return key | {"grade_code": code, "portrait_code": portrait, "predicted_code": predicted, "value": str(value)}


def found(method, code, value, low="", high="", bin_number="", **where):
    """Return a row of portraits.csv."""
    more = {"method_code": method, "bin_number": str(bin_number), "low": str(low), "high": str(high)}
    return figure(code, value, **where) | more


def chosen(method, code, value, seed, feature=""):
    """Return a row of targeting.csv."""
    key = {"clients": "300", "months": "12", "seed": str(seed), "separation": "1"}
    return key | {"feature_code": feature, "method_code": method, "grade_code": code, "value": str(value)}


def cells(table, row):
    return [cell.strip() for cell in table.splitlines()[2 + row].strip("|").split("|")]


def test_portraits_are_graded_at_each_seed_and_separation_and_what_is_slow_at_the_first():
    settings = plan(separation=1.0)
    runs = {(each.parameters.clients, each.parameters.seed, each.separation): each.grades for each in settings}
    assert len(runs) == len(settings) == len(SEEDS) * (1 + len(SEPARATIONS)) + 2 + len(MORE_SEEDS) - len(SEEDS)
    assert {seed for (_, seed, _), grades in runs.items() if "targeting" in grades} == set(MORE_SEEDS)
    assert runs[100_000, MORE_SEEDS[-1], 1.0] == ("targeting",)
    assert {run for run, grades in runs.items() if "settings" in grades} == {(30_000, 1, 0.5), (30_000, 1, 1.0)}
    for seed in SEEDS:
        assert runs[2_000, seed, 1.0] == (("twin_quality", "trials") if seed == SEEDS[0] else ("twin_quality",))
        for separation in SEPARATIONS:
            grades = runs[100_000, seed, separation]
            assert "portraits" in grades
            assert ("twin_quality" in grades) == (separation == 1.0)
            assert ("ceiling" in grades) == (separation == 1.0 or seed == SEEDS[0])
            assert ("stability" in grades) == (seed == SEEDS[0])


def test_a_full_evaluation_adds_a_million_clients():
    more = set(plan(separation=1.0, is_full=True)) - set(plan(separation=1.0))
    assert more == {setting(1_000_000, SEEDS[0], 1.0, ("twin_quality",))}


def test_a_small_evaluation_has_one_size_and_one_seed():
    settings = plan(500, 9, separation=0.9)
    assert {(each.parameters.clients, each.parameters.seed) for each in settings} == {(500, 9)}
    assert settings[0] == setting(
        500, 9, 0.9, ("twin_quality", "portraits", "ceiling", "stability", "targeting", "settings")
    )
    assert [each.separation for each in settings[1:]] == list(SEPARATIONS)
    assert settings[1].grades == ("portraits", "ceiling", "stability", "settings")
    assert {each.grades for each in settings[2:]} == {("portraits", "ceiling", "stability")}


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
    text = summary("a machine", {"twin_quality": [quality("friday_index", 1.0, "true")], "ceiling": []}, 1.0)
    assert "friday_index" in text
    assert "Gradient boosting" not in text
    assert summary("a machine", {"ceiling": [figure("accuracy", 0.9, separation=2.0)]}, 1.0).count("|---") == 5
    apart = [found("twinlab", "accuracy", 0.9, separation=2.0)]
    assert "separation 1" not in summary("a machine", {"portraits": apart}, 1.0)
    here = summary("a machine", {"portraits": [found("twinlab", "accuracy", 0.9)], "stability": apart}, 1.0)
    assert "### By portrait, at separation 1\n" in here
    assert "Whether the portraits stay" in here
    assert "What the settings decide" not in here
    assert "What the settings decide" in summary("a machine", {"settings": apart}, 1.0)


def test_methods_stand_by_separation_beside_the_ceiling_of_the_same_runs():
    portraits = [
        found("twinlab", "macro_f1", 0.8),
        found("twinlab", "macro_f1", 0.9, seed=2),
        found("twinlab", "ece", 0.05),
        found("kmeans", "macro_f1", 0.4),
        found("twinlab", "macro_f1", 0.5, separation=0.5),
    ]
    # The second seed has no ceiling, and the third no portraits.
    table = method_table(portraits, [figure("macro_f1", 0.9), figure("macro_f1", 0.5, seed=3)])
    assert cells(table, 0)[:6] == ["0.5", "twinlab", "300", "1", "–", "0.500"]
    assert cells(table, 0)[6] == "–"
    ours = cells(table, 4)
    assert ours[1:4] == ["twinlab", "300", "2"]
    assert ours[5:] == ["0.850 (0.800 – 0.900)", "0.889", "–", "–", "0.050"]
    assert cells(table, 6)[1:7] == ["kmeans", "300", "1", "–", "0.400", "0.444"]


def test_differences_stand_with_the_intervals_of_all_seeds():
    table = difference_table(
        [
            found("kmeans", "macro_f1_difference", 0.3, 0.2, 0.4),
            found("kmeans", "macro_f1_difference", 0.1, -0.05, 0.25, seed=2),
            found("twinlab", "macro_f1", 0.9, 0.8, 1.0),
        ]
    )
    assert cells(table, 0) == ["1", "kmeans", "300", "0.200 (0.100 – 0.300)", "-0.050 – 0.400", "1 of 2"]
    assert len(table.splitlines()) == 3


def test_probabilities_stand_by_bin_and_stability_by_separation():
    curve = [
        found("twinlab", code, value, bin_number=number)
        for number, values in ((15, (0.98, 0.9, 1200)), (9, (0.57, 0.6, 30)))
        for code, value in zip(("bin_mean_prob", "bin_right_share", "bin_clients_count"), values, strict=True)
    ]
    table = reliability_table([*curve, found("criteria_only", "bin_mean_prob", 0.1, bin_number=2)])
    assert cells(table, 0) == ["9", "0.570", "0.600", "30"]
    assert cells(table, 1) == ["15", "0.980", "0.900", "1,200"]
    assert len(table.splitlines()) == 4
    table = stability_table([found("twinlab", "stability_ari", 0.9), found("twinlab", "stability_share", 0.95)])
    assert cells(table, 0) == ["1", "300", "1", "0.950", "0.900"]


def test_settings_stand_with_the_worst_that_comes_of_them_the_separations_side_by_side():
    def tried(code, macro_f1, same, ece, **where):
        values = {"macro_f1": macro_f1, "same_share": same, "ece": ece}
        return [found(code, name, value, **where) for name, value in values.items()]

    table = settings_table(
        [
            *tried("twinlab", 0.9, 1.0, 0.01),
            *tried("degrees_4", 0.88, 0.97, 0.02),
            *tried("degrees_20", 0.91, 0.96, 0.015),
            *tried("left_out_is_corporate", 0.7, 0.8, 0.1),
            *tried("twinlab", 0.7, 1.0, 0.05, separation=0.5),
        ]
    )
    header, usual = cells(table, -2), cells(table, 0)
    assert header[2::3] == ["macro-F1 at 0.5, 300 clients", "macro-F1 at 1, 300 clients"]
    assert usual[2:] == ["0.700", "1.000", "0.050", "0.900", "1.000", "0.010"]
    by_name = {row[0]: row[1:] for row in (cells(table, number) for number in range(len(table.splitlines()) - 2))}
    assert by_name["degrees"][0] == "4, 20, 1000000"
    assert by_name["degrees"][1:] == ["–", "–", "–", "0.880 (4) – 0.910 (20)", "0.960", "0.020"]
    assert by_name["left_out"][0] == "12, one at a time"
    assert by_name["criteria_weight"][4] == "–"


DAY = date(2026, 11, 23)


def kept(rows, grade_code, method_code="twinlab"):
    (row,) = [row for row in rows if (row["method_code"], row["grade_code"]) == (method_code, grade_code)]
    return row


def test_figures_for_the_warehouse_are_means_over_the_seeds():
    portraits = [
        found("twinlab", "macro_f1", 0.8, 0.7, 0.9),
        found("twinlab", "macro_f1", 0.9, 0.8, 1.0, seed=2),
        found("twinlab", "clients_count", 6.0, portrait="eco", predicted="new"),
        found("twinlab", "recall", 0.5, portrait="eco", seed=2),
    ]
    stability = [found("twinlab", "stability_ari", 0.9, 0.8, 1.0)]
    settings = [found("degrees_4", "macro_f1", 0.7, clients=200)]
    ceiling = [figure("macro_f1", 1.0, seed=2)]
    targeting = [chosen("oracle", "policy_rub", value, seed) for seed, value in ((1, 7.0), (2, 9.0))]
    targeting.append(chosen("oracle", "policy_rub", 1.0, 1, feature="free_coffee"))
    figures = {
        "portraits": portraits,
        "ceiling": ceiling,
        "stability": stability,
        "settings": settings,
        "targeting": targeting,
    }
    rows = mart_rows(figures, inputs="abc", day=DAY)
    assert {tuple(row) for row in rows} == {tuple(row) for row in rows[:1]}
    assert set(rows[0]) == set(SCHEMA.names)
    whole = kept(rows, "macro_f1")
    assert (whole["value"], whole["low"], whole["high"], whole["seeds_count"]) == (pytest.approx(0.85), 0.8, 0.9, 2)
    assert (whole["clients_count"], whole["separation"], whole["portrait_code"]) == (300, 1.0, None)
    # A pair that the second seed has not is 0 of it; a share that the first has not is of the second alone.
    pair, share = kept(rows, "clients_count"), kept(rows, "recall")
    assert (pair["value"], pair["low"], pair["high"], pair["seeds_count"]) == (3.0, 0.0, 6.0, 2)
    assert (share["value"], share["seeds_count"], share["portrait_code"]) == (0.5, 1, "eco")
    assert kept(rows, "ceiling_share")["value"] == pytest.approx(0.9)
    assert kept(rows, "macro_f1", "ceiling")["value"] == 1.0
    assert kept(rows, "stability_ari")["value"] == 0.9
    changed = kept(rows, "macro_f1", "degrees_4")
    assert (changed["subject_code"], changed["value"], changed["clients_count"]) == ("settings", 0.7, 200)
    # Of offers only what holds of all features goes in.
    oracle = kept(rows, "policy_rub", "oracle")
    assert (oracle["subject_code"], oracle["value"], oracle["low"], oracle["high"]) == ("targeting", 8.0, 7.0, 9.0)
    assert {row["subject_code"] for row in rows if row not in (changed, oracle)} == {"portraits"}


def test_sizes_and_separations_are_not_mixed():
    portraits = [
        found("twinlab", "ece", value, clients=clients, separation=separation)
        for value, clients, separation in ((0.1, 300, 1.0), (0.2, 300, 0.5), (0.3, 400, 1.0))
    ]
    rows = mart_rows({"portraits": portraits}, inputs="abc", day=DAY)
    assert {(row["clients_count"], row["separation"], row["value"]) for row in rows} == {
        (300, 1.0, 0.1),
        (300, 0.5, 0.2),
        (400, 1.0, 0.3),
    }


def repeated(world, code, value, kind="all", estimate="", seed=1):
    """Return a row of trials.csv."""
    key = {"clients": "300", "months": "12", "seed": str(seed), "separation": "1"}
    where = {"world_code": world, "kind_code": kind, "estimate_code": estimate}
    return key | where | {"grade_code": code, "value": str(value)}


def test_intervals_of_trials_are_kept_by_kind_of_row_and_calls_by_world():
    cost = "cost_rub_per_month"
    trials = [
        repeated("rules", "any_share", 0.2),
        repeated("none", "any_share", 0.1),
        repeated("none", "found_share", "nan"),
    ]
    for world, covered, count in (("rules", 0.9, 100), ("none", 1.0, 300)):
        figures = {
            "covered_share": covered,
            "lowest_share": covered - 0.1,
            "highest_share": covered,
            "intervals_count": count,
        }
        trials += [repeated(world, code, value, "fleet", cost) for code, value in figures.items()]
    # A fee is known exactly: no interval in either world.
    nothing = {"covered_share": "nan", "lowest_share": "nan", "highest_share": "nan", "intervals_count": 0}
    trials += [repeated("rules", code, value, "private", cost) for code, value in nothing.items()]
    rows = mart_rows({"trials": trials}, inputs="abc", day=DAY)
    assert {row["subject_code"] for row in rows} == {"trials"}
    assert all(set(row) == set(SCHEMA.names) for row in rows)
    found = {(row["method_code"], row["grade_code"]): (row["value"], row["low"], row["high"]) for row in rows}
    assert found == {
        ("rows_fleet", f"covered_{cost}"): (pytest.approx(0.975), pytest.approx(0.8), 1.0),
        ("world_rules", "any_share"): (0.2, None, None),
        ("world_none", "any_share"): (0.1, None, None),
    }
    assert {(row["clients_count"], row["separation"], row["seeds_count"]) for row in rows} == {(300, 1.0, 1)}


def test_the_warehouse_reads_what_was_written_and_nothing_before_it(tmp_path):
    assert kept_grades(tmp_path).schema == SCHEMA
    assert kept_grades(tmp_path).num_rows == 0
    portraits = [found("twinlab", "ece", 0.1), found("twinlab", "bin_mean_prob", 0.3, bin_number=5)]
    # A digest may look like a number.
    rows = mart_rows({"portraits": portraits}, inputs="1234e5678901", day=DAY)
    write_mart(tmp_path, rows)
    table = kept_grades(tmp_path)
    assert table.schema == SCHEMA
    assert table.to_pylist() == [{name: row[name] for name in SCHEMA.names} for row in rows]
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    write_mart(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["subject_code,value\nportraits,1\n", ",".join(SCHEMA.names) + "\nportraits\n", ""])
def test_a_file_of_another_version_is_told(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(IngestError, match=f"{FILE} cannot be read.*\n.*make evaluate"):
        kept_grades(tmp_path)


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


def test_a_published_warehouse_is_told_how_to_take_the_figures_in(layout, monkeypatch):
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
    with pytest.raises(UserError, match="GRADE=beauty is not possible.\n.*twin_quality, portraits"):
        evaluate.evaluate(layout, only="beauty")


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


def test_trials_have_a_size_of_their_own(layout, monkeypatch):
    monkeypatch.setattr(evaluate, "_separation", lambda _: 1.0)
    with pytest.raises(UserError, match="GRADE=trials is not graded at CLIENTS=500"):
        evaluate.evaluate(layout, 500, only="trials")


def test_ways_to_choose_stand_side_by_side():
    rows = [
        chosen(method, "pehe_rub", value, seed)
        for method, value in (("client_effects", 2), ("oracle", 0))
        for seed in (1, 2)
    ]
    cell = {"client_effects": (1.0, 3.0), "portrait_mean": (2.0, 2.0), "response_model": (4.0, 4.0)}
    rows += [
        chosen(method, "pehe_rub", value, seed, feature="free_coffee")
        for method, values in cell.items()
        for seed, value in zip((1, 2), values, strict=True)
    ]
    assert cells(targeting_table(rows), 0)[:2] == ["client_effects", "2.0"]
    assert cells(feature_table(rows), 0) == ["free_coffee", "2.0 (1.0 – 3.0)", "2.0", "4.0", "1 of 2"]
