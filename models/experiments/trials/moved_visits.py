from ml.tables.features import read_features
from ml.trials import dynamics


def model(dbt, session):
    """Tell for each feature of stations how many visits only move from one of our stations to another."""
    outcomes = dbt.ref("experiment_outcomes")
    places = dbt.ref("raw_experiment_outcomes")
    profiles = dbt.ref("client_profiles")
    features = dbt.ref("stg_reference__features")
    settings = features.to_arrow_table()
    weeks = settings["horizon_weeks"][0].as_py()
    home = places.project("client_id, feature_code, home_visits_count")
    before = "visits_per_month * (1 - coalesce(home_station_share, 1)) as pre_away_visits_per_month"
    away = profiles.project(f"client_id, {before}")
    observed = outcomes.join(home, "client_id, feature_code").join(away, "client_id")
    return dynamics.moved_visits(observed.to_arrow_table(), read_features(settings), horizon_weeks=weeks)
