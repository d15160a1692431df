from ml.forecast.portraits import forecast_portraits


def model(dbt, session):
    """Forecast each portrait without any feature."""
    outlooks = dbt.ref("portrait_outlooks")
    return forecast_portraits(outlooks.to_arrow_table())
