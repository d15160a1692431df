"""Which portrait each client belongs to, with what probability and for what reasons, month by month.

Fitting, scoring, the decision, its explanation and the checks of the criteria; grading belongs to `lab.portraits`.
"""
