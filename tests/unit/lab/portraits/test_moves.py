"""Grades of the moves between portraits, counted by hand."""

from datetime import date

import pyarrow as pa
import pytest

from lab.portraits.moves import grade_moves

DAYS = [date(2025, month, 28) for month in range(1, 9)]


def followed(*paths):
    rows = [
        {"as_of_on": day, "client_id": client, "portrait_code": code}
        for client, path in enumerate(paths)
        for day, code in zip(DAYS, path, strict=False)
    ]
    return pa.Table.from_pylist(rows)


def spells(*rows):
    schema = pa.schema(
        {"client_id": pa.int64(), "portrait_code": pa.string(), "valid_from": pa.date32(), "valid_to": pa.date32()}
    )
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def graded(found, true):
    return {row["grade_code"]: row["value"] for row in grade_moves(found, true).to_pylist()}


def test_grades_of_moves_equal_a_count_by_hand():
    true = spells(
        (0, "eco", date(2024, 1, 1), date(2025, 2, 10)),  # moves in February, found in April: late, but counts
        (0, "rare", date(2025, 2, 11), None),
        (1, "eco", date(2024, 1, 1), None),  # never moves, but a move is reported
        (2, "new", date(2024, 1, 1), date(2025, 2, 10)),  # leaves `new`: not counted
        (2, "rare", date(2025, 2, 11), None),
        (3, "eco", date(2024, 1, 1), date(2025, 3, 10)),  # moves, not found
        (3, "rare", date(2025, 3, 11), None),
        (4, "eco", date(2024, 1, 1), date(2025, 3, 10)),  # leaves the network: no move
        (5, "eco", date(2024, 1, 1), date(2025, 3, 10)),  # moves to a portrait other than reported
        (5, "taxi_fleet", date(2025, 3, 11), None),
    )
    found = followed(
        ["eco", "eco", "eco", "rare"], ["eco", "rare", "rare", "rare"], ["new", "rare", "rare", "rare"], ["eco"] * 4,
        ["eco", "eco", "silent", "silent"], ["eco", "eco", "rare", "rare"],
    )  # fmt: skip
    assert graded(found, true) == {
        "moves_found_count": 3.0,
        "moves_true_count": 3.0,
        "moves_precision": pytest.approx(1 / 3),
        "moves_recall": pytest.approx(1 / 3),
    }


def test_nothing_to_grade_gives_no_share():
    true = spells((0, "eco", date(2024, 1, 1), None))
    assert graded(followed(["eco"] * 3), true) == {"moves_found_count": 0.0, "moves_true_count": 0.0}
    assert grade_moves(followed(["eco"]), true.slice(0, 0)).num_rows == 0
