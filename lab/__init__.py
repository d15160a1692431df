"""Measurement of the product: grades against the truth, backtests, comparisons, benchmarks.

``python -m lab`` runs them. Only `models/evaluation` and the commands import it, never `generator`, `ingest` or `ml`.
"""
