"""Tools of those who change the project: the rehearsal of tests, Chromium, locked requirements, linting.

No command of a user needs anything here.
"""
