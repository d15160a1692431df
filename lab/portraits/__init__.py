"""Portraits graded against the truth and against simpler methods; stability, settings, the attainable ceiling.

The method itself belongs to `ml.portraits`.
"""
