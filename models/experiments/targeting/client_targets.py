from ml.tables.features import read_features
from ml.targeting.policies import find_targets
from ml.trials.outcomes import COLUMNS


def model(dbt, session):
    """Estimate the effect of each feature on each client of its trial, and the cost of the offer."""
    outcomes = dbt.ref("experiment_outcomes").project(", ".join(COLUMNS)).to_arrow_table()
    profiles = dbt.ref("client_profiles").to_arrow_table()
    features = dbt.ref("stg_reference__features").to_arrow_table()
    horizons = dbt.ref("pilot_horizons").project("feature_code, horizon_weeks")
    weeks = features["horizon_weeks"][0].as_py()
    if dbt.config.meta_get("source") != "synthetic":
        # Pilots of own data start within the history: these profiles already include their effects.
        profiles, weeks = None, dict(horizons.fetchall())
    seed = int(dbt.config.meta_get("seed"))
    return find_targets(outcomes, profiles, read_features(features), horizon_weeks=weeks, seed=seed)
