from ml.portraits.reasons import explain
from ml.portraits.storage import from_table


def model(dbt, session):
    """Explain each client's portrait: which criteria match and how much each contributes."""
    metrics = dbt.ref("client_metrics")
    fitted = dbt.ref("portrait_model")
    likeliest = dbt.ref("client_portraits").project("client_id, likeliest_portrait_code as portrait_code")
    model = from_table(fitted.to_arrow_table())
    return explain(model, metrics.to_arrow_table(), likeliest.to_arrow_table())
