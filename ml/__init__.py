"""Machine-learning steps of the twin: pure functions, pyarrow tables in and out.

Nothing here imports dbt, DuckDB or the generator, and only what grades sees the truth.

===================  ================================================================================
``portraits``        score of every client on every portrait (criteria × mixture)
``eligibility``      who can be offered a feature
``experiments``      random assignment to the offered arm and to control
``analysis``         difference to control with intervals, tests and verdicts
``uplift``           what a treatment does to each client: T, X and DR learners, the Qini coefficient
``scenario``         the same columns from the behaviour rules, without a trial
``reactions``        estimates per client, shrunk towards the feature's mean
``forecast``         months ahead with and without a feature
``portrait_grades``  portraits against the truth and against simpler methods
``ceiling``          how far portraits can be told apart at all
===================  ================================================================================
"""
