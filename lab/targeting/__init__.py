"""Individual effects and targeting graded against the truth.

The method itself belongs to `ml.targeting`.
"""
