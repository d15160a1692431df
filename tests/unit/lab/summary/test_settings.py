"""The table of the portraits' settings."""

from lab.summary.settings import settings_table
from tests.unit.lab.rows import cells, found


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
