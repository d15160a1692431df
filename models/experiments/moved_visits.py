from ml import dynamics
from ml.features import read_features


def model(dbt, session):
    """Tell for each feature of stations how many visits only move from one of our stations to another."""
    outcomes = dbt.ref("experiment_outcomes")
    features = dbt.ref("stg_reference__features")
    settings = features.to_arrow_table()
    weeks = settings["horizon_weeks"][0].as_py()
    return dynamics.moved_visits(outcomes.to_arrow_table(), read_features(settings), horizon_weeks=weeks)
