from ml import reactions


def model(dbt, session):
    """Estimate for each client how it would respond to each feature."""
    arms = dbt.ref("experiment_arms")
    outcomes = dbt.ref("experiment_outcomes")
    results = dbt.ref("feature_results")
    by_portrait = results.filter("portrait_code is not null").to_arrow_table()
    observed = outcomes.to_arrow_table() if dbt.config.meta_get("source") == "synthetic" else None
    return reactions.client_estimates(arms.to_arrow_table(), observed, by_portrait)
