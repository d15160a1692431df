"""Codes, units and limits shared by the generator, estimators and commands: constants only.

A constant used by a single package belongs in that package.
"""
