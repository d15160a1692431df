"""The visit forecast on the twin: its own history, and the weeks after it, which only the truth knows."""

import pytest

from twinlab.forecast_backtest import HORIZONS, ORIGINS_BACK, twin


@pytest.fixture(scope="module")
def scores(warehouse):
    frame = twin(warehouse).to_pandas()
    assert len(frame) == 4 * len(HORIZONS) * len(ORIGINS_BACK)
    return frame.groupby(["method", "horizon_days"])[
        ["wape", "total_error", "coverage", "brier_visit", "brier_alive"]
    ].mean()


@pytest.mark.parametrize("horizon", HORIZONS)
def test_simple_forecasts_are_beaten(scores, horizon):
    found = scores.loc[("forecaster", horizon)]
    for method in ("last_90_days", "three_gaps"):
        other = scores.loc[(method, horizon)]
        assert found["wape"] < other["wape"]
        assert found["brier_visit"] < other["brier_visit"]
        assert found["brier_alive"] < other["brier_alive"]
    assert found["brier_alive"] < scores.loc[("bg_nbd", horizon), "brier_alive"]
    assert found["wape"] < scores.loc[("bg_nbd", horizon), "wape"] + 0.02


@pytest.mark.parametrize("horizon", HORIZONS)
def test_interval_covers_what_comes(scores, horizon):
    assert 0.92 <= scores.loc[("forecaster", horizon), "coverage"] <= 0.99
