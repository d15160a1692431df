from ml.tables.features import read_features
from ml.trials import dynamics
from ml.trials.outcomes import COLUMNS


def model(dbt, session):
    """Estimate the effect of each feature on visits by week of its experiment."""
    outcomes = dbt.ref("experiment_outcomes")
    features = dbt.ref("stg_reference__features")
    # Weekly visits are unknown for pilots.
    observed = outcomes.filter("weekly_visits is not null").project(", ".join((*COLUMNS, "weekly_visits")))
    return dynamics.weekly_effects(observed.to_arrow_table(), read_features(features.to_arrow_table()))
