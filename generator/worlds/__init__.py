"""The hidden truth: the future of each client with and without each feature, and the tables that record it.

Nothing outside schema `truth`, its gate and the grading reads what this package draws.
"""
