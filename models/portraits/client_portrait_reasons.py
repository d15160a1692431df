from ml.portraits import reasons
from ml.portraits import storage as portrait_model


def model(dbt, session):
    """Say which criteria of its portrait each client matches, and how much each weighed."""
    metrics = dbt.ref("client_metrics")
    fitted = dbt.ref("portrait_model")
    likeliest = dbt.ref("client_portraits").project("client_id, likeliest_portrait_code as portrait_code")
    model = portrait_model.from_table(fitted.to_arrow_table())
    return reasons.explain(model, metrics.to_arrow_table(), likeliest.to_arrow_table())
