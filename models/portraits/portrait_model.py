from ml.portraits import model as portraits
from ml.portraits import storage as portrait_model


def model(dbt, session):
    """Learn the portraits from the metrics and the business criteria."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    seed = int(dbt.config.meta_get("seed"))
    fitted = portraits.fit(metrics.to_arrow_table(), criteria.to_arrow_table(), seed=seed)
    return portrait_model.to_table(fitted)
