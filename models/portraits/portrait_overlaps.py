from ml.portraits import checks as portrait_checks


def model(dbt, session):
    """Count the clients whom the criteria of two portraits share."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    return portrait_checks.check_portraits(metrics.to_arrow_table(), criteria.to_arrow_table())
