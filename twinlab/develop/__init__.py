"""Development tools: the rehearsal for tests, Chromium, locked requirements, linting.

No user command needs them.
"""
