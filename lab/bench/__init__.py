"""``make bench``: time and memory of the product, each with a floor measured in the same run.

What is measured runs in a process of its own, in `lab.bench.stages`.
"""
