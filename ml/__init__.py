"""Estimates, decisions and plans: pure functions, pyarrow tables in and out.

Nothing here imports dbt, DuckDB, the generator or the lab, and nothing here sees the truth. Packages import only those
listed above them.

=============  ====================================================================================
``tables``     what all packages share: reading columns, errors, random streams, intervals
``portraits``  which portrait each client belongs to, why, and how clients move between portraits
``rules``      what the behaviour rules predict, without a trial
``uplift``     generic learners of individual treatment effects, and the Qini coefficient
``trials``     assignment, outcomes, and what an experiment or a pilot shows
``planning``   how many clients and weeks a trial needs
``targeting``  individual effects, whom to offer what
``forecast``   visits, churn and revenue in the months ahead
``briefs``     the manager's brief of each feature, in Russian
=============  ====================================================================================
"""
