from ml.portraits.checks import check_portraits


def model(dbt, session):
    """Count the clients who meet the criteria of two portraits."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    return check_portraits(metrics.to_arrow_table(), criteria.to_arrow_table())
