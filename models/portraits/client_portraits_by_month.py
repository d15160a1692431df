from ml.portraits.migration import follow
from ml.portraits.storage import from_table


def model(dbt, session):
    """Follow each client's portrait over the month ends, with one month's metrics in memory at a time."""
    metrics = dbt.ref("client_metrics_by_month")
    fitted = dbt.ref("portrait_model")
    followed = dbt.ref("int_as_of").filter("is_followed").project("as_of_on")
    days = [day for (day,) in metrics.project("as_of_on").distinct().intersect(followed).order("as_of_on").fetchall()]
    months = ((day, metrics.filter(f"as_of_on = date '{day}'").to_arrow_table()) for day in days)
    return follow(from_table(fitted.to_arrow_table()), months)
