"""Scores of the forecast of portraits, by hand."""

import numpy as np
import pandas as pd
import pytest

from lab.forecast import portraits_backtest
from lab.forecast.portraits_backtest import backtest_portraits, score


def months(**columns):
    """Two portraits in the first month ahead, the second without an interval."""
    frame = {"run": "a", "quantity": "visits_count", "portrait_code": ["eco", "new"], "month_number": 1}
    frame |= {"value": [100.0, 50.0], "low": [80.0, np.nan], "high": [120.0, np.nan], "actual": [110.0, 40.0]}
    return pd.DataFrame(frame | {"last_90_days": [90.0, 40.0]} | columns)


def test_portraits_without_an_interval_have_an_error_and_no_coverage():
    (row,) = score(months()).to_dict("records")
    assert row == {
        "quantity": "visits_count",
        "month_number": 1,
        "coverage": 1.0,
        "half_width": pytest.approx(0.2),
        "wape": pytest.approx(20 / 150),
        "wape_last_90_days": pytest.approx(20 / 150),
    }
    assert score(months(actual=[130.0, 40.0]))["coverage"].tolist() == [0.0]


def test_runs_are_scored_together(monkeypatch):
    churned = pd.DataFrame(
        {"up_to": [0.1], "clients_count": [7], "said": [0.05], "came_true": [0.0], "brier": [0.0025]}
    )
    frames = {"a": months(), "b": months(actual=[130.0, 40.0])}
    monkeypatch.setattr(portraits_backtest, "portraits", frames.get)
    monkeypatch.setattr(portraits_backtest, "churn", lambda _: churned)
    scores, bins = backtest_portraits(["a", "b"]).split("\n\n")
    assert scores.splitlines()[-1] == "| visits_count | 1 | 0.500 | 0.200 | 0.188 | 0.188 |"
    assert bins.splitlines()[-1] == "| 0.100 | 7 | 0.050 | 0.000 | 0.003 |"
