from ml import portraits


def model(dbt, session):
    """Score each client on each portrait from the metrics and the business criteria."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    seed = int(dbt.config.meta_get("seed"))
    return portraits.score_clients(metrics.to_arrow_table(), criteria.to_arrow_table(), seed=seed)
