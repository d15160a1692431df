"""Clients and weeks that a trial needs, computed before the trial.

Power formulas, the variance components of each metric, and the table of plans.
"""
