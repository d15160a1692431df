from ml import targeting
from ml.features import read_features


def model(dbt, session):
    """Estimate what each feature changes for each client of its trial, and what the offer costs."""
    outcomes = dbt.ref("experiment_outcomes")
    profiles = dbt.ref("client_profiles")
    features = dbt.ref("stg_reference__features")
    settings = features.to_arrow_table()
    weeks = settings["horizon_weeks"][0].as_py()
    # A pilot of own data began within its history: these profiles hold what the offer did.
    trials = outcomes if dbt.config.meta_get("source") == "synthetic" else outcomes.limit(0)
    tables = trials.to_arrow_table(), profiles.to_arrow_table()
    seed = int(dbt.config.meta_get("seed"))
    return targeting.find_targets(*tables, read_features(settings), horizon_weeks=weeks, seed=seed)
