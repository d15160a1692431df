"""The command line: parses arguments, calls the other packages, prints the result.

Everything that can be tested without a command line belongs elsewhere.
"""
