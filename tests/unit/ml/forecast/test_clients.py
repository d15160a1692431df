"""Months ahead of each client: known answers, trials without later visits, short histories."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from lab.forecast.worlds import START, WORLDS, simulate
from ml.forecast.clients import TRIAL_CLIENTS, forecast_clients, months_after
from ml.forecast.forecaster import VisitForecaster
from ml.forecast.prediction import forecast_periods
from ml.tables.errors import InvalidValueError

SINCE, UNTIL = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
DAYS = 366
AUTUMN = [dt.date(2024, 10, 31), dt.date(2024, 11, 30)]


def visits(days_by_client: dict[int, np.ndarray]) -> pa.Table:
    """Visits on days counted from `SINCE`."""
    rows = [(client, day) for client, days in days_by_client.items() for day in days]
    start = np.datetime64(SINCE, "us").astype(np.int64)
    times = np.array([start + round(day * 86_400e6) for _, day in rows], dtype=np.int64).view("datetime64[us]")
    return pa.table({"client_id": pa.array([client for client, _ in rows], pa.int64()), "occurred_at": pa.array(times)})


def of_last(found: pa.Table) -> pa.Table:
    return found.filter(pc.equal(found["origin_on"], pc.max(found["origin_on"])))


@pytest.fixture(scope="module")
def weekly() -> pa.Table:
    """Thirty clients with a visit every 7 days all year, thirty with visits in the first weeks only."""
    rng = np.random.default_rng(4)
    stay = {i: np.arange(i % 7, DAYS, 7) + rng.uniform(0, 0.9, len(range(i % 7, DAYS, 7))) for i in range(30)}
    gone = {100 + i: np.arange(i % 7, 15 + i % 7, 7) + rng.uniform(0, 0.9, 3) for i in range(30)}
    return visits(stay | gone)


def test_full_months_after_a_day():
    assert months_after(dt.date(2024, 12, 31), 2) == [dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)]
    assert months_after(dt.date(2024, 11, 30), 1) == [dt.date(2024, 12, 1), dt.date(2025, 1, 1)]
    assert months_after(dt.date(2024, 11, 29), 1) == [dt.date(2024, 12, 1), dt.date(2025, 1, 1)]
    assert months_after(dt.date(2024, 12, 1), 1) == [dt.date(2025, 1, 1), dt.date(2025, 2, 1)]


def test_weekly_client_stays_and_one_silent_for_a_year_does_not(weekly):
    found = forecast_clients(weekly, SINCE, UNTIL).to_pandas()
    assert list(found["month_number"].unique()) == [1, 2, 3]
    assert list(found["month_start_on"].unique()) == [dt.date(2025, month, 1) for month in (1, 2, 3)]
    stays = found[found["client_id"] < 100]
    by_month = stays.groupby("month_number")["expected_visits"].mean()
    np.testing.assert_allclose(by_month, [31 / 7, 28 / 7, 31 / 7], atol=0.15)
    assert (stays["visits_variance"] < 1.5).all()
    assert (stays["churn_prob"] < 0.02).all() and (stays["alive_prob"] > 0.98).all()
    gone = found[found["client_id"] >= 100]
    assert (gone["churn_prob"] > 0.98).all() and (gone["expected_visits"] < 0.02).all()


def test_periods_add_up_to_the_whole_horizon():
    known = simulate(WORLDS["mixed"], 300, 400, np.random.default_rng(3))[0]
    fitted = VisitForecaster().fit(known, START.view("datetime64[us]") + np.timedelta64(365, "D"))
    found = forecast_periods(fitted.statistics_, fitted.population_, [0, 10, 31, 90], 90)
    whole = fitted.predict(90)
    np.testing.assert_allclose(found.expected_visits.sum(axis=1), whole["expected_visits"].to_numpy(), rtol=1e-9)
    for name in ("alive_prob", "visit_prob"):
        np.testing.assert_allclose(getattr(found, name), whole[name].to_numpy(), rtol=1e-9)
    later = forecast_periods(fitted.statistics_, fitted.population_, [31, 90], None)
    np.testing.assert_allclose(later.expected_visits[:, 0], found.expected_visits[:, 2])
    np.testing.assert_allclose(later.variance[:, 0], found.variance[:, 2])
    assert np.isnan(later.visit_prob).all()


@pytest.mark.statistical
@pytest.mark.parametrize("name", ["poisson", "mixed"])
def test_variance_matches_the_squared_errors(name):
    """Squared errors of the second month ahead match the predicted variance."""
    visits_, _ = simulate(WORLDS[name], 1200, 460, np.random.default_rng(6))
    until = START.view("datetime64[us]") + np.timedelta64(365, "D")
    fitted = VisitForecaster().fit(visits_, until)
    found = forecast_periods(fitted.statistics_, fitted.population_, [31, 59], None)
    days = (visits_["occurred_at"].to_numpy() - until) / np.timedelta64(1, "D")
    counts = visits_.filter(pa.array((days >= 31) & (days < 59)))["client_id"].to_pandas().value_counts()
    actual = counts.reindex(fitted.client_ids_.to_pylist()).fillna(0).to_numpy()
    squares = (actual - found.expected_visits[:, 0]) ** 2
    assert squares.mean() == pytest.approx(found.variance[:, 0].mean(), rel=0.25)


def test_trials_use_no_later_visits_and_cover_only_past_months(weekly):
    found = forecast_clients(weekly, SINCE, UNTIL, AUTUMN)
    frame = found.to_pandas()
    assert list(frame["origin_on"].unique()) == [*AUTUMN, UNTIL]
    months = frame.groupby("origin_on")["month_number"].max()
    assert [months[day] for day in AUTUMN] == [2, 1]
    trial = frame[frame["origin_on"] == AUTUMN[1]]
    assert trial["churn_prob"].isna().all()
    stays = trial[trial["client_id"] < 100]
    np.testing.assert_allclose(stays["expected_visits"].mean(), 31 / 7, atol=0.15)
    assert of_last(found).equals(forecast_clients(weekly, SINCE, UNTIL))
    # A client new in December is in no trial, and there is no trial before the first visit.
    newcomer = visits({500: np.arange(340.0, DAYS, 3)})
    more = forecast_clients(pa.concat_tables([weekly, newcomer]), SINCE, UNTIL, [dt.date(2023, 6, 30), *AUTUMN])
    frame = more.to_pandas()
    assert list(frame.loc[frame["client_id"] == 500, "origin_on"].unique()) == [UNTIL]
    assert dt.date(2023, 6, 30) not in set(frame["origin_on"])


def test_trials_are_of_a_sample(monkeypatch, weekly):
    monkeypatch.setattr("ml.forecast.clients.TRIAL_CLIENTS", 20)
    found = forecast_clients(weekly, SINCE, UNTIL, AUTUMN[1:]).to_pandas()
    assert found.groupby("origin_on")["client_id"].nunique().tolist() == [20, 60]
    assert TRIAL_CLIENTS > 20


def test_months_ahead_need_history():
    days = {i: np.arange(0.5 + i % 3, 40, 3) for i in range(40)}
    start = DAYS - 40
    known = visits({client: start + d for client, d in days.items()})
    found = forecast_clients(known, UNTIL - dt.timedelta(days=39), UNTIL).to_pandas()
    is_known = found.groupby("month_number")["expected_visits"].apply(lambda values: values.notna().all())
    assert is_known.tolist() == [True, False, False]
    assert found["churn_prob"].isna().all() and found["alive_prob"].notna().all()
    week = forecast_clients(known, UNTIL - dt.timedelta(days=6), UNTIL)
    assert week.num_rows == 120
    for name in ("expected_visits", "visits_variance", "alive_prob", "churn_prob"):
        assert week[name].null_count == 120


def test_no_client_and_one_client(weekly):
    nothing = forecast_clients(weekly.slice(0, 0), SINCE, UNTIL, AUTUMN)
    assert nothing.num_rows == 0
    one = forecast_clients(visits({7: np.array([300.0])}), SINCE, UNTIL, AUTUMN)
    assert one.schema == nothing.schema
    assert one["month_number"].to_pylist() == [1, 2, 1, 1, 2, 3]
    assert np.isfinite(of_last(one).to_pandas()[["expected_visits", "visits_variance", "churn_prob"]]).all(axis=None)


def test_invalid_input_is_rejected(weekly):
    with pytest.raises(InvalidValueError, match="months_ahead"):
        forecast_clients(weekly, SINCE, UNTIL, months_ahead=0)
