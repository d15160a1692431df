from ml import experiments
from ml.features import read_features


def model(dbt, session):
    """Randomise eligible clients of a synthetic run into offered and control; own data has no experiment."""
    profiles = dbt.ref("client_profiles")
    features = dbt.ref("stg_reference__features")
    clients, settings = profiles.to_arrow_table(), read_features(features.to_arrow_table())
    if dbt.config.meta_get("source") != "synthetic":
        return experiments.without_arms(clients, settings)
    return experiments.assign_arms(clients, settings, seed=int(dbt.config.meta_get("seed")))
