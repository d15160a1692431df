"""Codes that occur in tables and in the JSON of ``data/reference``."""

SYNTHETIC = "synthetic"
"""Source of a run whose data are generated; any other source is a folder of own files."""

UNDEFINED = "undefined"
"""Portrait of a client that matches none of ``portraits.json``."""

PERSONAL_UNITS = ("client", "contract")
"""Randomisation units at which a feature can be offered to one client; others are offered to whole stations."""
