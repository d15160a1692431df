"""Visits, churn and revenue in the months ahead, per client and per portrait, with and without a feature.

Backtests and simpler methods belong to `lab.forecast`.
"""

from ml.forecast.forecaster import VisitForecaster

__all__ = ["VisitForecaster"]
