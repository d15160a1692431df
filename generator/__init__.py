"""Synthetic customers of a petrol-station network, and the ground truth about them.

Pure functions of ``(config, block)`` that return Arrow tables. This package knows nothing of dbt, DuckDB, the criteria
in ``portraits.json``, or how anything is estimated later.
"""
