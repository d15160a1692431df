"""Assignment of clients to portraits: probabilities, the decision, its reasons, moves by month, checks of the criteria.

Grading against the truth belongs in `lab.portraits`.
"""
