"""Codes, units and limits on which generator, estimators and commands must agree: constants, and nothing else.

A constant that one package needs stands in that package.
"""
