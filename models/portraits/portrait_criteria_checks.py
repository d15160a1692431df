from ml.portraits.checks import check_criteria


def model(dbt, session):
    """Check each criterion of the portraits against the clients."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    names = dbt.ref("metrics")
    labels = dict(names.project("metric_code, label_ru").fetchall())
    return check_criteria(metrics.to_arrow_table(), criteria.to_arrow_table(), labels)
