"""Management briefs of product features: Russian text rendered from result tables.

Rendering and number formats only; estimates belong in the packages that make the tables.
"""
