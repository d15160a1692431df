"""The published DuckDB file: building beside it, swapping, reading it for summaries and exports.

Nothing here writes into a published warehouse.
"""
