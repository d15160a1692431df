"""Forecasts of visits, churn, litres and revenue, per client and per portrait, with and without a feature.

Evaluation of the forecasts and baseline methods belong in `lab.forecast`.
"""

from ml.forecast.forecaster import VisitForecaster

__all__ = ["VisitForecaster"]
