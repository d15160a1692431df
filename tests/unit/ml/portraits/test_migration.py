"""Moves between portraits: planted moves are found, borderline months are not moves, chunks do not matter."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ml.portraits import migration
from ml.portraits.decision import decide
from ml.portraits.migration import follow, most_probable_path
from ml.portraits.model import fit, score
from ml.tables.errors import MissingColumnError
from tests import toy

ROOT = Path(__file__).parents[4]
CRITERIA = toy.read_criteria(ROOT / "data" / "reference" / "portraits.json")
COUNT, MONTHS, MOVED = 1200, 8, 40
DAYS = [date(2025, month, 28) for month in range(1, MONTHS + 1)]


NOISY = ("visits_per_month", "volume_l_per_visit", "shop_rub_per_visit", "gap_days_cv")


@pytest.fixture(scope="module")
def year():
    """Months of toy clients with noisy metrics; 40 take over the behaviour of another after four."""
    metrics, true = toy.clients(CRITERIA, np.random.default_rng(100), COUNT, spread=0.4)
    rng, months = np.random.default_rng(7), []
    for number, day in enumerate(DAYS):
        rows = np.arange(COUNT)
        if number >= 4:
            rows[:MOVED] = rows[MOVED - 1 :: -1]
        columns = {name: metrics[name].to_numpy()[rows] for name in NOISY}
        columns = {name: values * np.exp(rng.normal(0, 0.3, COUNT)) for name, values in columns.items()}
        table = metrics.take(pa.array(rows)).drop_columns(["client_id", *NOISY])
        columns |= {"client_id": np.arange(COUNT), "visits_count": np.full(COUNT, 9)}
        months.append((day, pa.table(columns | dict(zip(table.column_names, table.columns, strict=True)))))
    return months, true


@pytest.fixture(scope="module")
def model(year):
    return fit(year[0][0][1], CRITERIA, seed=1)


def with_visits(table, visits):
    return table.set_column(table.column_names.index("visits_count"), "visits_count", pa.array(visits))


def grid(table):
    return np.array(table["portrait_code"].to_pylist()).reshape(len(DAYS), -1)


@pytest.mark.statistical
def test_planted_moves_are_found_and_borderline_months_are_not_moves(year, model):
    months, true = year
    found = grid(follow(model, months))
    plain = grid(pa.concat_tables([decide(score(model, table), 0.0) for _, table in months]))
    settled = slice(MOVED, None)
    assert (plain[1:, settled] != plain[:-1, settled]).mean() > 0.02
    assert (found[1:, settled] != found[:-1, settled]).mean() < 0.002
    truly = true[:MOVED] != true[MOVED - 1 :: -1]
    assert truly.sum() > 20
    jumped = found[4, :MOVED][truly] != found[3, :MOVED][truly]
    assert jumped.mean() > 0.7


def test_a_client_without_visits_is_silent_and_returns_to_its_portrait(year, model):
    months = []
    for number, (day, table) in enumerate(year[0]):
        visits = np.where((np.arange(COUNT) % 3 == 0) & (number in (3, 4)), 0, 9)
        months.append((day, with_visits(table, visits)))
    found = grid(follow(model, months))
    gone = np.arange(COUNT) % 3 == 0
    assert (found[3:5, gone] == "silent").all()
    assert (found[:, ~gone] != "silent").all()
    unmoved = gone & (np.arange(COUNT) >= MOVED)
    assert (found[2, unmoved] == found[5, unmoved]).mean() > 0.99


def test_chunks_and_the_order_of_rows_do_not_matter(year, model, monkeypatch):
    expected = follow(model, year[0])
    monkeypatch.setattr(migration, "CHUNK", 77)
    backwards = [(day, table.take(pa.array(np.arange(COUNT)[::-1]))) for day, table in year[0]]
    assert follow(model, backwards).equals(expected)


def test_clients_may_appear_later_or_never_visit(year, model):
    few = [(day, table.slice(0, 100 + 50 * number)) for number, (day, table) in enumerate(year[0][:3])]
    found = follow(model, few)
    assert found["as_of_on"].value_counts().to_pylist() == [
        {"values": day, "counts": 100 + 50 * number} for number, day in enumerate(DAYS[:3])
    ]
    nobody = [(day, with_visits(table, [0] * table.num_rows)) for day, table in few]
    assert set(follow(model, nobody)["portrait_code"].to_pylist()) == {"silent"}
    assert follow(model, []).num_rows == 0
    with pytest.raises(MissingColumnError, match="visits_count"):
        follow(model, [(day, table.drop_columns("visits_count")) for day, table in few])


def test_the_path_is_the_most_probable_of_all_paths():
    rng = np.random.default_rng(3)
    months, states, moves = 4, 3, 0.1
    gain, share = rng.normal(0, 3, (months, 1, states)), np.array([0.5, 0.3, 0.2])
    paths = np.array(np.meshgrid(*[range(states)] * months, indexing="ij")).reshape(months, -1).T

    def log_prob(path):
        total = np.log(share[path[0]]) + gain[0, 0, path[0]]
        for month in range(1, months):
            step = np.log(moves * share[path[month]])
            if path[month] == path[month - 1]:
                step = max(step, np.log(1 - moves))
            total += step + gain[month, 0, path[month]]
        return total

    best = max(paths.tolist(), key=log_prob)
    assert most_probable_path(gain, share, moves)[:, 0].tolist() == best
