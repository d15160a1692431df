from ml import dynamics
from ml.features import read_features


def model(dbt, session):
    """Tell for each feature of stations how many visits only move from one of our stations to another."""
    outcomes = dbt.ref("experiment_outcomes")
    places = dbt.ref("raw_experiment_outcomes")
    features = dbt.ref("stg_reference__features")
    settings = features.to_arrow_table()
    weeks = settings["horizon_weeks"][0].as_py()
    observed = outcomes.join(places.project("client_id, feature_code, home_visits_count"), "client_id, feature_code")
    return dynamics.moved_visits(observed.to_arrow_table(), read_features(settings), horizon_weeks=weeks)
