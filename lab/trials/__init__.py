"""Repeated trials in worlds with a known truth: coverage of intervals, false discoveries, power.

The analysis itself belongs to `ml.trials`.

============  ==========================================================================
``replays``   replicates: new assignments and new outcomes of a warehouse's clients
``grades``    true values of what a trial estimates
``coverage``  how often intervals hold the truth, and verdicts are false
``repeat``    runs a thousand replicates in each world
``figures``   the results over worlds and seeds
============  ==========================================================================
"""
