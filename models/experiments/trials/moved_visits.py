from ml.tables.features import read_features
from ml.trials import dynamics
from ml.trials.outcomes import COLUMNS


def model(dbt, session):
    """Estimate the visits that features acting on stations merely move between our stations."""
    outcomes = dbt.ref("experiment_outcomes")
    profiles = dbt.ref("client_profiles")
    features = dbt.ref("stg_reference__features")
    settings = features.to_arrow_table()
    weeks = settings["horizon_weeks"][0].as_py()
    before = "visits_per_month * (1 - coalesce(home_station_share, 1)) as pre_away_visits_per_month"
    away = profiles.project(f"client_id, {before}")
    # Home station visits are unknown for pilots.
    known = outcomes.filter("home_visits_count is not null").project(", ".join((*COLUMNS, "home_visits_count")))
    observed = known.join(away, "client_id")
    return dynamics.moved_visits(observed.to_arrow_table(), read_features(settings), horizon_weeks=weeks)
