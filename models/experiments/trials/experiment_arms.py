from ml.tables.features import read_features
from ml.trials.assignment import assign_arms, without_arms
from ml.trials.pilots import with_pilots


def model(dbt, session):
    """Randomise eligible clients of a synthetic run into treated and control; own data only has pilot arms."""
    profiles = dbt.ref("client_profiles")
    features = dbt.ref("stg_reference__features")
    participants = dbt.ref("pilot_outcomes")
    clients, settings = profiles.to_arrow_table(), read_features(features.to_arrow_table())
    if dbt.config.meta_get("source") != "synthetic":
        return with_pilots(without_arms(clients, settings), participants.to_arrow_table())
    return assign_arms(clients, settings, seed=int(dbt.config.meta_get("seed")))
