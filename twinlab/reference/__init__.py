"""Checks of the JSON files in ``data/reference``: syntax, schema, and references between files.

The messages are for the person who edits the files.
"""
