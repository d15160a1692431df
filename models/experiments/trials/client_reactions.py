from ml.trials import reactions
from ml.trials.outcomes import COLUMNS


def model(dbt, session):
    """Estimate the reaction of each client to each feature."""
    arms = dbt.ref("experiment_arms")
    outcomes = dbt.ref("experiment_outcomes")
    results = dbt.ref("feature_results")
    by_portrait = results.filter("portrait_code is not null").to_arrow_table()
    return reactions.client_estimates(
        arms.to_arrow_table(), outcomes.project(", ".join(COLUMNS)).to_arrow_table(), by_portrait
    )
