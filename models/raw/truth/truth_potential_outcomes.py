from generator import blocks
from generator.config import run_of_model


def model(dbt, session):
    """Stream the potential outcomes of each synthetic client and feature."""
    features = dbt.ref("stg_reference__features")
    rules = dbt.ref("int_rules")
    run = run_of_model(dbt.config.meta_get("run"))
    feature_rows = features.arrow().read_all().to_pylist()
    return blocks.potential_outcomes(
        run, feature_rows, rules.arrow().read_all().to_pylist(), feature_rows[0]["horizon_weeks"]
    )
