from ml.portraits import model as portraits
from ml.portraits import storage as portrait_model


def model(dbt, session):
    """Score each client on each portrait."""
    metrics = dbt.ref("client_metrics")
    fitted = dbt.ref("portrait_model")
    return portraits.score(portrait_model.from_table(fitted.to_arrow_table()), metrics.to_arrow_table())
