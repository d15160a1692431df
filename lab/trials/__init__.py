"""Repeated trials in worlds with a known truth: coverage of intervals, false discoveries, power.

The analysis itself belongs to `ml.trials`.
"""
