"""The ground truth: the future of each client with and without each feature, and the tables that record it.

Only schema `truth`, its gate and the grading may read what this package draws.
"""
