"""Simpler forecasts and the backtest, against papers and figures worked out by hand."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from lab.forecast.backtest import backtest, score
from lab.forecast.baselines import last_90_days, three_gaps
from lab.forecast.bgnbd import BgNbd, fit
from lab.forecast.worlds import START
from ml.forecast.visits import DAY, read_visits
from ml.tables.errors import InvalidValueError


def visits_of(days: dict[int, list[float]], until: float = 100.0):
    clients = [client for client, each in days.items() for _ in each]
    times = np.array([START + round(day * DAY) for each in days.values() for day in each], dtype=np.int64)
    table = pa.table({"client_id": clients, "occurred_at": pa.array(times.view("datetime64[us]"))})
    return read_visits(table, int(START + until * DAY))


# ---- BG/NBD ----------------------------------------------------------------------------------------------------------


def test_bg_nbd_of_the_paper():
    """Parameters of CDNOW and what the authors' note and the R package BTYD get from them."""
    model = BgNbd(0.243, 4.414, 0.793, 2.426)

    def expected(horizon: float, *client: float) -> float:
        return float(model.expected(horizon, *(np.array([value]) for value in client))[0])

    assert expected(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)
    assert expected(52, 26, 30.86, 31.0) == pytest.approx(25.76, abs=5e-3)
    assert model.alive(np.array([0.0]), np.array([0.0]), np.array([39.0]))[0] == 1
    gone = 0.793 / (2.426 + 22)
    assert model.alive(np.array([23.0]), np.array([39.0]), np.array([39.0]))[0] == pytest.approx(1 / (1 + gone))


def test_bg_nbd_is_found_again():
    rng = np.random.default_rng(6)
    size, known = 6000, 52.0
    rate, leaving = rng.gamma(1.5, 1 / 5.0, size), rng.beta(1.0, 4.0, size)
    repeats, last, now = np.zeros(size), np.zeros(size), np.zeros(size)
    going = np.ones(size, dtype=bool)
    while going.any():
        now = now + rng.exponential(1 / rate)
        going &= now < known
        repeats, last = repeats + going, np.where(going, now, last)
        going &= rng.random(size) > leaving
    model = fit(repeats, last, np.full(size, known))
    assert model.r / model.alpha == pytest.approx(0.3, rel=0.1)
    assert model.r == pytest.approx(1.5, rel=0.2)
    assert model.a / (model.a + model.b) == pytest.approx(0.2, abs=0.03)


# ---- backtest --------------------------------------------------------------------------------------------------------


def test_plain_forecasts_by_hand():
    visits = visits_of({1: [0.5, 20.5, 40.5, 95.5], 2: [5.5]}, until=100.5)
    recent = last_90_days(visits)(45).to_pydict()
    assert recent["expected_visits"] == [3 / 90 * 45, 0]
    assert recent["alive_prob"] == [1, 0]
    overall = three_gaps(visits)(45).to_pydict()
    assert overall["expected_visits"] == pytest.approx([45 / (95 / 3), 0])
    assert overall["alive_prob"] == [1, 0]


def test_scores_by_hand():
    found = pa.table(
        {
            "client_id": [1, 2],
            "expected_visits": [3.0, 1.0],
            "alive_prob": [0.9, 0.5],
            "visit_prob": [0.8, 0.4],
            "visits_low": [1.0, 0.0],
            "visits_high": [4.0, 2.0],
        }
    )
    scores = score(found, np.array([5, 0]), np.array([True, False]))
    assert scores["visits_count"] == 5
    assert scores["wape"] == pytest.approx(3 / 5)
    assert scores["total_error"] == pytest.approx(-1 / 5)
    assert scores["coverage"] == 0.5
    assert scores["brier_visit"] == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert scores["brier_alive"] == pytest.approx((0.1**2 + 0.5**2) / 2)
    assert score(found, np.array([0, 0]))["wape"] is None


def test_backtest_knows_only_what_was_known():
    """Changing what comes after an origin changes the scores, not the forecasts."""
    seen = []

    def spy(visits):
        seen.append(visits)
        return last_90_days(visits)

    days = {1: [1.5, 8.5, 15.5, 22.5, 29.5], 2: [3.5, 33.5], 3: [40.5]}
    table = pa.table(
        {
            "client_id": [client for client, each in days.items() for _ in each],
            "occurred_at": [dt.datetime(2024, 1, 1) + dt.timedelta(days=day) for each in days.values() for day in each],
        }
    )
    gone = int(START + 20 * DAY)
    rows = backtest(
        table, ["2024-01-21", "2024-01-25"], [7, 14, 999], "2024-02-20", left={2: gone}, methods={"spy": spy}
    )
    assert [(row["origin"], row["horizon_days"]) for row in rows.to_pylist()] == [
        (origin, horizon) for origin in ("2024-01-21", "2024-01-25") for horizon in (7, 14)
    ]
    assert [len(visits.time) for visits in seen] == [4, 5]
    assert [row["clients_count"] for row in rows.to_pylist()] == [2] * 4
    assert [row["visits_count"] for row in rows.to_pylist()] == [1, 3, 1, 2]
    # Both came in the last 90 days, so both are taken for clients; one has left.
    assert rows["brier_alive"].to_pylist() == [0.5] * 4
    with pytest.raises(InvalidValueError, match="origin"):
        backtest(table, ["2023-12-01"], [7], "2024-02-20")
