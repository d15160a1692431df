from lab.portraits.grades import grade_portraits


def model(dbt, session):
    """Grade portraits and baselines against the truth; no rows for own data."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    found = dbt.ref("client_portraits")
    latent = dbt.ref("truth_client_portraits")
    reference = dbt.ref("stg_reference__portraits")
    return grade_portraits(
        metrics.to_arrow_table(),
        criteria.to_arrow_table(),
        found.to_arrow_table(),
        latent.to_arrow_table(),
        reference.order("portrait_number").to_arrow_table()["portrait_code"].to_pylist(),
        seed=int(dbt.config.meta_get("seed")),
        min_confidence=float(dbt.config.meta_get("min_confidence")),
    )
