"""The programs that a benchmark measures, one stage of the product each, run as separate processes.

Each prints one line of JSON.
"""
