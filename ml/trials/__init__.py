"""From random assignment to verdicts: arms, outcomes, contrasts, intervals, and how effects change over time.

Own pilots pass through the same functions; planning a trial belongs to `ml.planning`.
"""
