"""Shared by the packages of `ml`: column access, conditions, errors, random streams, intervals, table layouts.

No modelling code: what only portraits, rules or trials need belongs in their packages.
"""
