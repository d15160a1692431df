"""The backtest of the visit forecast as a command: every world, method and horizon, and tables of them."""

from lab.forecast.backtest import SCORES
from lab.forecast.baselines import FORECASTERS
from lab.forecast.visits_backtest import HORIZONS, tables, worlds
from lab.forecast.worlds import WORLDS


def test_regular_clients_are_forecast_better_than_by_the_others(monkeypatch):
    for name in set(WORLDS) - {"regular"}:
        monkeypatch.delitem(WORLDS, name)
    results = worlds(clients=300)
    frame = results["regular"].to_pandas()
    assert sorted(set(frame["method"])) == sorted(FORECASTERS)
    assert len(frame) == 2 * len(FORECASTERS) * len(HORIZONS)
    means = frame.groupby("method")[["wape", "brier_visit", "brier_alive"]].mean()
    assert (means.drop("forecaster") > means.loc["forecaster"]).all(axis=None)
    text = tables(results)
    assert all(f"{score}\n\n| visits | days | forecaster |" in text for score in SCORES)
    first = frame[(frame["horizon_days"] == 28) & (frame["method"] == "forecaster")]["wape"].mean()
    assert f"| regular | 28 | {first:.3f} |" in text
