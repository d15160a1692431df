"""Learners of `ml.uplift` compared on simulated trials with known effects.

``python -m lab uplift`` prints the comparison of docs/uplift.md.
"""
