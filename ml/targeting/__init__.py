"""Whom to offer what: individual effects from trials, targeting policies, one best offer per client.

Generic learners belong to `ml.uplift`.
"""
