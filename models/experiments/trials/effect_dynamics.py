from ml.tables.features import read_features
from ml.trials import dynamics


def model(dbt, session):
    """Follow the effect of each feature on visits over the weeks of its experiment."""
    outcomes = dbt.ref("experiment_outcomes")
    weekly = dbt.ref("raw_experiment_outcomes")
    features = dbt.ref("stg_reference__features")
    visits = weekly.project("client_id, feature_code, weekly_visits")
    observed = outcomes.join(visits, "client_id, feature_code")
    return dynamics.weekly_effects(observed.to_arrow_table(), read_features(features.to_arrow_table()))
