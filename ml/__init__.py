"""Estimates, decisions and plans: pure functions with pyarrow tables in and out.

Nothing here imports dbt, DuckDB, the generator or the lab, and nothing here reads the ground truth. A package imports
only those listed above it.

=============  ====================================================================================
``tables``     shared tools: reading columns, errors, random streams, intervals
``portraits``  the portrait of each client, the reasons, and how clients move between portraits
``rules``      predictions from the behaviour rules, without a trial
``uplift``     generic learners of individual treatment effects, and the Qini coefficient
``trials``     assignment, outcomes, and the analysis of experiments and pilots
``planning``   clients and weeks that a trial needs
``targeting``  individual effects and offers
``forecast``   visits, churn and revenue of the coming months
``briefs``     the manager's brief on each feature, in Russian
=============  ====================================================================================
"""
