"""What the behaviour rules predict when nobody has tried: draws of the rules, responses, scenarios.

Nothing here reads an outcome.
"""
