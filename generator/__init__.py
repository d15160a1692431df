"""Synthetic customers of a petrol-station network, and the truth behind them.

Pure functions of ``(config, block)`` that return Arrow tables. Nothing here knows of dbt or DuckDB, of the criteria of
``portraits.json`` or of how anything is estimated later.
"""
