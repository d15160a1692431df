"""From random assignment to verdicts: arms, outcomes, contrasts, intervals, and effects over time.

Own pilots go through the same functions; planning a trial belongs to `ml.planning`.
"""
