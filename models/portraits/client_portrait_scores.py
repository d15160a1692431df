from ml.portraits.model import score
from ml.portraits.storage import from_table


def model(dbt, session):
    """Score each client on each portrait."""
    metrics = dbt.ref("client_metrics")
    fitted = dbt.ref("portrait_model")
    return score(from_table(fitted.to_arrow_table()), metrics.to_arrow_table())
