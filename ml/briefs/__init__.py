"""The manager's brief of each feature: Russian text rendered from tables.

Nothing is estimated here.
"""
