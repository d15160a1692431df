from ml.planning.planner import plan
from ml.tables.features import read_features
from ml.trials.assignment import without_arms
from vocabulary.rules import TRAITS


def model(dbt, session):
    """Plan a trial of each feature in each portrait from the metrics window alone, without data from earlier trials."""
    blocks = dbt.ref("client_window_blocks")
    profiles = dbt.ref("client_profiles")
    run = dbt.ref("int_run")
    rules = dbt.ref("int_rules")
    features = dbt.ref("stg_reference__features")
    window_days = run.fetchone()[run.columns.index("window_days")]
    people = profiles.project(
        f"client_id, observed_days >= {window_days} as has_pre_period, home_station_id, {', '.join(TRAITS)}"
    )
    flat, clients = features.to_arrow_table(), profiles.to_arrow_table()
    settings, weeks = read_features(flat), flat["horizon_weeks"][0].as_py()
    # Clients eligible for the next trial, whether or not they took part in an earlier one.
    candidates = without_arms(clients, settings)
    tables = blocks.to_arrow_table(), people.to_arrow_table(), candidates, rules.to_arrow_table()
    return plan(*tables, settings, horizon_weeks=weeks)
