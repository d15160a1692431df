"""Machine-learning steps of the twin: pure functions, pyarrow tables in and out.

Nothing here imports dbt, DuckDB or the generator, and only what grades sees the truth.

=====================  ================================================================================
``portraits``          score of every client on every portrait (criteria × mixture)
``migration``          who moves from portrait to portrait, month by month
``eligibility``        who can be offered a feature
``experiments``        random assignment to the offered arm and to control
``analysis``           difference to control with intervals, tests and verdicts
``interest``           how interest in a feature rises and fades
``dynamics``           effect on visits week by week, and visits that only move between stations
``whatif``             what a profit is made of: coefficients for other costs, margins and horizons
``uplift``             what a treatment does to each client: T, X and DR learners, the Qini coefficient
``offers``             one best offer per client under a budget, and what these offers would earn
``planner``            clients and weeks that a trial needs
``scenario``           the columns of the analysis from the behaviour rules, without a trial
``reactions``          estimates per client, shrunk towards the feature's mean
``forecast``           visits of each client ahead, and whether it still comes
``backtest``           that forecast beside simpler ones, from days of the past
``client_forecast``    calendar months ahead of each client, and the same from earlier days
``portrait_forecast``  months ahead of portraits, with intervals learned from those earlier days
``feature_forecast``   months ahead of portraits with a feature
``briefs``             the manager's brief of each feature
``portrait_grades``    portraits against the truth and against simpler methods
``experiment_grades``  repeated trials against the truth
``ceiling``            how far portraits can be told apart at all
=====================  ================================================================================
"""
