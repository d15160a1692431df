"""What every package of `ml` shares: typed reading of columns, errors, random streams, intervals, result layouts.

Nothing here knows a portrait, a rule or a trial.
"""
