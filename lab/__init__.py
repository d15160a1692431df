"""What measures the product and is no part of it: grading against the truth, comparisons, benchmarks.

Models of `models/evaluation` and the commands import it; `generator`, `ingest` and `ml` never do.
"""
