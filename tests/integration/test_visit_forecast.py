"""The visit forecast on the twin: backtests on its history, and the weeks after it, known only to the truth."""

import pytest

from lab.forecast.portraits_backtest import churn, portraits, score
from lab.forecast.visits_backtest import HORIZONS, ORIGINS_BACK, twin

pytestmark = pytest.mark.statistical


@pytest.fixture(scope="module")
def scores(warehouse):
    frame = twin(warehouse).to_pandas()
    assert len(frame) == 4 * len(HORIZONS) * len(ORIGINS_BACK)
    return frame.groupby(["method", "horizon_days"])[
        ["wape", "total_error", "coverage", "brier_visit", "brier_alive"]
    ].mean()


@pytest.mark.parametrize("horizon", HORIZONS)
def test_forecaster_beats_baselines(scores, horizon):
    found = scores.loc[("forecaster", horizon)]
    for method in ("last_90_days", "three_gaps"):
        other = scores.loc[(method, horizon)]
        assert found["wape"] < other["wape"]
        assert found["brier_visit"] < other["brier_visit"]
        assert found["brier_alive"] < other["brier_alive"]
    assert found["brier_alive"] < scores.loc[("bg_nbd", horizon), "brier_alive"]
    assert found["wape"] < scores.loc[("bg_nbd", horizon), "wape"] + 0.02


@pytest.mark.parametrize("horizon", HORIZONS)
def test_intervals_have_their_coverage(scores, horizon):
    assert 0.92 <= scores.loc[("forecaster", horizon), "coverage"] <= 0.99


def test_months_of_portraits_in_the_warehouse(warehouse):
    """Forecasts of the marts for the months after the run, compared with the truth."""
    found = portraits(warehouse)
    assert set(found["month_number"]) == {1, 2, 3} and found["low"].notna().all()
    scores = score(found).set_index(["quantity", "month_number"])
    assert (scores["coverage"] >= 0.8).all()
    assert (scores["half_width"] < 0.6).all()
    assert scores["wape"].mean() < scores["wape_last_90_days"].mean()


def test_churn_probabilities_are_calibrated(warehouse):
    bins = churn([warehouse])
    assert len(bins) >= 5 and (bins["said"].diff().dropna() > 0).all()
    error = 4 * (bins["said"] * (1 - bins["said"]) / bins["clients_count"]) ** 0.5 + 0.02
    assert ((bins["said"] - bins["came_true"]).abs() < error).all()
    assert (bins["brier"] * bins["clients_count"]).sum() / bins["clients_count"].sum() < 0.08
