from ml import planner
from ml.features import read_features
from ml.rules import TRAITS


def model(dbt, session):
    """Plan a trial of each feature in each portrait from the metrics window alone: own data needs no trial for it."""
    blocks = dbt.ref("client_window_blocks")
    profiles = dbt.ref("client_profiles")
    run = dbt.ref("int_run")
    arms = dbt.ref("experiment_arms")
    rules = dbt.ref("int_rules")
    features = dbt.ref("stg_reference__features")
    window_days = run.fetchone()[run.columns.index("window_days")]
    people = profiles.project(
        f"client_id, observed_days >= {window_days} as has_pre_period, home_station_id, {', '.join(TRAITS)}"
    )
    tables = [table.to_arrow_table() for table in (blocks, people, arms, rules, features)]
    weeks = tables[-1]["horizon_weeks"][0].as_py()
    return planner.plan(*tables[:-1], read_features(tables[-1]), horizon_weeks=weeks)
