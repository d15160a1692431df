"""What the behaviour rules predict before any trial: draws of the rules, responses, scenarios.

Nothing here reads an outcome.
"""
