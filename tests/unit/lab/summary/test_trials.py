"""Tables of repeated trials."""

import pytest

from lab.summary.trials import coverage_table, discovery_table
from lab.trials.figures import covered
from tests.unit.lab.rows import cells, repeated

COST = "cost_rub_per_month"


def intervals(world, share, count, kind="fleet"):
    """Rows of trials.csv for the intervals of the cost."""
    figures = {"covered_share": share, "lowest_share": share - 0.1, "highest_share": share, "intervals_count": count}
    return [repeated(world, code, value, kind, COST) for code, value in figures.items()]


def test_coverage_is_pooled_over_the_worlds_by_the_number_of_intervals():
    rows = [*intervals("rules", 0.9, 100), *intervals("none", 1.0, 300)]
    assert covered(rows, "fleet", COST) == pytest.approx((0.975, 0.8, 1.0))
    (row,) = [line for line in coverage_table(rows).splitlines() if line.startswith(f"| {COST} ")]
    assert row == f"| {COST} | – | – | 0.975 (0.80–1.00) |"


def test_calls_are_means_over_the_seeds():
    rows = [repeated("rules", "any_share", value, seed=seed) for seed, value in ((1, 0.2), (2, 0.4))]
    rows.append(repeated("none", "found_share", "nan"))
    table = discovery_table(rows)
    assert cells(table, 0) == ["rules", "0.300", "–", "–", "–"]
    assert cells(table, 2) == ["none", "–", "–", "–", "–"]
