"""Development tools: checks and their stages, the rehearsal for tests, Chromium, locked requirements, cleaning.

No user command needs them.
"""
