"""The warehouse file: build, publish, and read for summaries and exports.

Nothing here writes to a published warehouse.
"""
