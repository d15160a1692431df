"""The visit forecast: who is active, how many visits to expect, how certain that is."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.forecast.worlds import START, WORLDS, simulate
from ml.forecast.forecaster import VisitForecaster
from ml.tables.errors import ColumnTypeError, InvalidValueError, MissingColumnError

HISTORY, FUTURE = 365, 91
UNTIL = START.view("datetime64[us]") + np.timedelta64(HISTORY, "D")


def world(name: str, clients: int = 600, seed: int = 3) -> tuple[pa.Table, pa.Table]:
    return simulate(WORLDS[name], clients, HISTORY + FUTURE, np.random.default_rng(seed))


def table(days_by_client: dict[object, list[float]]) -> pa.Table:
    """Visits on days counted from `START`."""
    rows = [(client, day) for client, days in days_by_client.items() for day in days]
    times = np.array([START + round(day * 86_400e6) for _, day in rows], dtype=np.int64).view("datetime64[us]")
    return pa.table({"client_id": [client for client, _ in rows], "occurred_at": pa.array(times)})


def by_client(found: pa.Table) -> dict[object, dict]:
    return {row["client_id"]: row for row in found.to_pylist()}


@pytest.fixture(scope="module")
def mixed() -> pa.Table:
    return world("mixed")[0]


@pytest.fixture(scope="module")
def fitted(mixed) -> VisitForecaster:
    return VisitForecaster().fit(mixed, UNTIL)


def test_arrow_in_arrow_out_and_pandas_in_pandas_out(mixed, fitted):
    found = fitted.predict(91)
    assert found.column_names[:3] == ["client_id", "expected_visits", "alive_prob"]
    known = mixed.filter(pa.array(mixed["occurred_at"].to_numpy() < UNTIL))["client_id"]
    assert found["client_id"].to_pylist() == sorted(set(known.to_pylist()))
    frame = VisitForecaster().fit(mixed.to_pandas(), pd.Timestamp(UNTIL)).predict(91)
    assert isinstance(frame, pd.DataFrame)
    pd.testing.assert_frame_equal(frame, found.to_pandas())


def test_order_other_columns_and_later_visits_do_not_matter(mixed, fitted):
    shuffled = mixed.take(pa.array(np.random.default_rng(1).permutation(mixed.num_rows)))
    shuffled = shuffled.append_column("amount", pa.array(np.ones(mixed.num_rows)))
    past = shuffled.filter(pa.array(shuffled["occurred_at"].to_numpy() < UNTIL))
    assert VisitForecaster().fit(shuffled, UNTIL).predict(28).equals(fitted.predict(28))
    assert VisitForecaster().fit(past, UNTIL).predict(28).equals(fitted.predict(28))


def test_unit_of_time_does_not_matter(mixed, fitted):
    """With all times and the horizon doubled, the expected visits are the same."""
    slow = START + 2 * (mixed["occurred_at"].to_numpy().astype(np.int64) - START)
    slow = mixed.set_column(1, "occurred_at", pa.array(slow.view("datetime64[us]")))
    found = VisitForecaster().fit(slow, UNTIL + np.timedelta64(HISTORY, "D")).predict(2 * 28)
    for name in ("expected_visits", "alive_prob"):
        np.testing.assert_allclose(found[name].to_numpy(), fitted.predict(28)[name].to_numpy(), rtol=1e-3, atol=1e-6)


def test_observed_until_a_date_includes_the_whole_day():
    visits = table({1: [0, 7, 14, 21, 28.5]})
    day = dt.date(2024, 1, 29)
    whole = VisitForecaster().fit(visits, day)
    assert whole.statistics_.span[0] == 28.5
    assert VisitForecaster().fit(visits, dt.datetime(2024, 1, 29)).statistics_.span[0] == 21
    assert VisitForecaster().fit(visits, "2024-01-29").predict(28).equals(whole.predict(28))
    zoned = dt.datetime(2024, 1, 30, 3, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    assert VisitForecaster().fit(visits, zoned).predict(28).equals(whole.predict(28))


def test_rows_before_the_observation_and_without_a_client_are_ignored(mixed, fitted):
    early = pa.table(
        {"client_id": [1, 1], "occurred_at": pa.array([START - 10**12, START - 10**13]).cast(pa.timestamp("us"))}
    )
    anonymous = pa.table({"client_id": pa.array([None], pa.int64()), "occurred_at": mixed["occurred_at"].slice(0, 1)})
    more = pa.concat_tables([early, mixed, anonymous.cast(mixed.schema)])
    found = VisitForecaster().fit(more, UNTIL, observed_from=dt.date(2024, 1, 1))
    assert found.predict(28).equals(fitted.predict(28))


def test_regular_client_is_given_up_sooner_than_an_irregular_one():
    """Both have a mean gap of 7 days and a silence of 14; the others define the population."""
    rng = np.random.default_rng(8)
    others = {f"regular {i}": 7 * np.arange(50) + rng.normal(0, 0.7, 50) + rng.uniform(0, 7) for i in range(40)}
    others |= {f"random {i}": np.cumsum(rng.exponential(7, 60)) for i in range(40)}
    others |= {name: days[: rng.integers(5, 40)] for name, days in others.items() if name.endswith(("1", "2", "3"))}
    end = 364.0
    others["clock"] = np.arange(end - 14 - 7 * 45, end - 13, 7.0)
    gaps = rng.permutation(7 * -np.log(1 - (np.arange(45) + 0.5) / 45))
    others["irregular"] = end - 14 - np.cumsum(gaps * 7 / gaps.mean())
    visits = table({client: list(days[(days >= 0) & (days < end)]) for client, days in others.items()})
    found = by_client(
        VisitForecaster().fit(visits, START.view("datetime64[us]") + np.timedelta64(364, "D")).predict(28)
    )
    assert found["clock"]["alive_prob"] < 0.15
    assert found["irregular"]["alive_prob"] > 0.5
    assert found["clock"]["expected_visits"] < 0.6 < 1.5 < found["irregular"]["expected_visits"]


def test_regular_client_is_expected_at_its_rate(fitted, mixed):
    """A client with gaps of exactly 7 days, last seen 3 days ago: 4 visits in 28 days."""
    clock = table({10**6: list(HISTORY - 3 - 7.0 * np.arange(50))})
    found = by_client(VisitForecaster().fit(pa.concat_tables([mixed, clock]), UNTIL).predict(28))[10**6]
    assert found["alive_prob"] > 0.98
    assert found["expected_visits"] == pytest.approx(4, abs=0.15)
    assert found["visit_prob"] > 0.97
    assert 3 <= found["visits_low"] <= 4 <= found["visits_high"] <= 5


def test_longer_silence_lowers_the_forecast(mixed):
    base = 7.0 * np.arange(30) + np.random.default_rng(2).normal(0, 1.5, 30)
    clones = table(
        {10**6 + i: list(base + HISTORY - base.max() - silence) for i, silence in enumerate(range(1, 90, 8))}
    )
    found = VisitForecaster().fit(pa.concat_tables([mixed, clones]), UNTIL).predict(91)
    found = found.filter(pa.array(found["client_id"].to_numpy() >= 10**6))
    assert (np.diff(found["alive_prob"].to_numpy()) <= 1e-9).all()
    assert (np.diff(found["expected_visits"].to_numpy()[1:]) < 0).all()
    assert found["alive_prob"][0].as_py() > 0.97 and found["alive_prob"][-1].as_py() < 0.05


@pytest.mark.statistical
@pytest.mark.parametrize("name", sorted(WORLDS))
def test_forecast_matches_the_truth(name):
    """Active clients, total visits and coverage of the intervals; the model has no season."""
    visits, truth = world(name, clients=1500)
    found = VisitForecaster().fit(visits, UNTIL).predict(FUTURE).to_pandas()
    later = visits.filter(pa.array(visits["occurred_at"].to_numpy() >= UNTIL)).to_pandas()
    actual = found["client_id"].map(later["client_id"].value_counts()).fillna(0)
    left = truth.to_pandas().set_index("client_id")["left_at"]
    alive = ~(found["client_id"].map(left) < UNTIL)
    error = found["expected_visits"].sum() / actual.sum() - 1
    assert abs(error) < (0.2 if name == "mixed, season" else 0.06)
    inside = (actual >= found["visits_low"]) & (actual <= found["visits_high"])
    assert inside.mean() > (0.88 if name == "mixed, season" else 0.94)
    # Probabilities match the shares within four standard errors, overall and between 0.1 and 0.9.
    for prob, outcome in ((found["alive_prob"], alive), (found["visit_prob"], actual > 0)):
        for among in (prob >= 0, (prob > 0.1) & (prob < 0.9)):
            error = 4 * np.sqrt((prob * (1 - prob))[among].sum() + 0.25)
            assert abs(prob[among].sum() - outcome[among].sum()) < error + 0.01 * among.sum()


def test_unusual_input_gives_valid_numbers():
    cases = {
        "one client, one visit": {1: [3.0]},
        "one visit each": {i: [float(i)] for i in range(1, 60)},
        "all at one moment": {i: [5.0] * 4 for i in range(1, 60)},
        "a minute apart": {1: [5.0, 5.0007]},
        "the last moment": {1: [HISTORY - 1e-6]},
        "only two days": {i: [HISTORY - 2.0, HISTORY - 1.0] for i in range(1, 60)},
    }
    for name, days in cases.items():
        found = VisitForecaster().fit(table(days), UNTIL).predict(91).to_pandas()
        assert len(found) == len(days), name
        assert np.isfinite(found.to_numpy(dtype=float)).all(), name
        assert (found.drop(columns="client_id") >= 0).all(axis=None), name
        assert found["alive_prob"].max() <= 1, name


def test_no_visits_give_an_empty_forecast():
    empty = table({1: [3.0]}).slice(0, 0)
    assert VisitForecaster().fit(empty, UNTIL).predict(28).num_rows == 0
    assert VisitForecaster().fit(table({1: [HISTORY + 3.0]}), UNTIL).predict(28).num_rows == 0
    assert len(VisitForecaster().fit(empty.to_pandas(), UNTIL).predict(28)) == 0


def test_dates_and_text_ids_are_accepted():
    """Visits at noon give the same forecast as dates."""
    noon = {f"c{i}": [7.0 * j + 0.5 + i % 7 for j in range(50 - i % 3)] for i in range(60)}
    visits = table(noon)
    dates = visits.set_column(1, "occurred_at", visits["occurred_at"].cast(pa.date32(), safe=False))
    until = START.view("datetime64[us]") + np.timedelta64(360, "D")
    by_time, by_date = (VisitForecaster().fit(each, until).predict(28) for each in (visits, dates))
    assert by_time["client_id"].to_pylist() == sorted(noon)
    assert by_date.equals(by_time)


def test_invalid_input_is_rejected(mixed, fitted):
    with pytest.raises(MissingColumnError, match="occurred_at"):
        VisitForecaster().fit(mixed.drop_columns(["occurred_at"]), UNTIL)
    with pytest.raises(ColumnTypeError, match="occurred_at"):
        VisitForecaster().fit(pa.table({"client_id": [1], "occurred_at": ["yesterday"]}), UNTIL)
    with pytest.raises(InvalidValueError, match="observed_until"):
        VisitForecaster().fit(mixed, "soon")
    for days in (0, -1, np.nan, np.inf):
        with pytest.raises(InvalidValueError, match="horizon_days"):
            fitted.predict(days)


@given(st.dictionaries(st.integers(1, 99), st.lists(st.floats(0, HISTORY - 0.01), min_size=1, max_size=8), min_size=1))
@settings(max_examples=25)
def test_any_visits_give_values_within_bounds(days):
    found = VisitForecaster().fit(table(days), UNTIL).predict(28).to_pandas()
    assert list(found["client_id"]) == sorted(days)
    assert np.isfinite(found.to_numpy(dtype=float)).all()
    assert found["alive_prob"].between(0, 1).all() and (found["visit_prob"] <= found["alive_prob"] + 1e-9).all()
    assert (found["expected_visits"] >= 0).all() and (found["visits_low"] <= found["visits_high"]).all()
