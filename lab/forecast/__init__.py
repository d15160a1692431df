"""Backtests of the forecasts against simpler methods, on worlds whose truth is known.

The forecasts themselves belong to `ml.forecast`.
"""
