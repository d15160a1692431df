"""The page of an evaluation: its parts, the twin's checks, the ceiling."""

from lab.summary.page import portrait_table, quality_table, separation_table, summary
from tests.unit.lab.rows import cells, figure, found, quality


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
    assert "Stability of the portraits" in here
    assert "Sensitivity to the settings" not in here
    assert "Sensitivity to the settings" in summary("a machine", {"settings": apart}, 1.0)
