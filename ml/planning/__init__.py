"""How many clients and weeks a trial needs, computed before there is one.

Power formulas, the spread of each metric, and the table of plans.
"""
