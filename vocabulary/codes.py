"""Codes that stand in tables and in the JSON of ``data/reference``."""

UNDEFINED = "undefined"
"""Portrait of a client that is like none of ``portraits.json``."""

PERSONAL_UNITS = ("client", "contract")
"""Randomisation units at which a feature can be offered to one client; others are offered to whole stations."""
