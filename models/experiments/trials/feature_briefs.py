from ml.briefs.render import write_briefs


def model(dbt, session):
    """Write the manager's brief of each feature."""
    features = dbt.ref("stg_reference__features")
    results = dbt.ref("feature_results")
    curves = dbt.ref("interest_curves")
    plans = dbt.ref("ab_plans")
    portraits = dbt.ref("dim_portraits")
    return write_briefs(
        features.to_arrow_table(),
        results.to_arrow_table(),
        curves.to_arrow_table(),
        plans.to_arrow_table(),
        portraits.to_arrow_table(),
    )
