"""Rows of figures: as a grade returns them, and as they are read from the CSV files."""

from collections.abc import Mapping, Sequence

Row = dict[str, str | float | None]
"""A figure with the codes that name it."""

Rows = Sequence[Mapping[str, str]]
"""Rows of a CSV file: texts by column."""
