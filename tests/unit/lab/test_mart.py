"""Figures for the warehouse: means over the seeds, and the file that it reads."""

from datetime import date

import pytest

from ingest import IngestError
from ingest.evaluation import FILE, SCHEMA, kept_grades
from lab.mart import mart_rows, write_mart
from tests.unit.lab.rows import chosen, figure, found, repeated

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
def test_a_file_of_another_version_is_refused(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(IngestError, match=f"{FILE} cannot be read.*\n.*make evaluate"):
        kept_grades(tmp_path)
