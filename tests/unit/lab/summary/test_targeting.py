"""Tables of the effects of single clients."""

from lab.summary.targeting import feature_table, targeting_table
from tests.unit.lab.rows import cells, chosen


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
