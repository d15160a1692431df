"""Tables of the portraits' grades."""

from lab.summary.portraits import difference_table, method_table, reliability_table, stability_table
from tests.unit.lab.rows import cells, figure, found


def test_methods_stand_by_separation_with_the_ceiling_of_the_same_runs():
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
