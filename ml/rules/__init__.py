"""What the behaviour rules predict before any trial: draws of the rules and of their modifiers, responses, scenarios.

Nothing here reads an outcome.
"""
