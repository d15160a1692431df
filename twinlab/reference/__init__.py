"""Checks of the JSON files in ``data/reference``: syntax, schema, and what one file says of another.

Messages go to the person who edits them.
"""
