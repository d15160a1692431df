from ml.portraits.model import fit
from ml.portraits.storage import to_table


def model(dbt, session):
    """Fit the portrait model to the metrics and the business criteria."""
    metrics = dbt.ref("client_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    seed = int(dbt.config.meta_get("seed"))
    fitted = fit(metrics.to_arrow_table(), criteria.to_arrow_table(), seed=seed)
    return to_table(fitted)
