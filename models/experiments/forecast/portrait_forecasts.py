from ml.forecast import portraits as portrait_forecast


def model(dbt, session):
    """Forecast each portrait without any feature."""
    outlooks = dbt.ref("portrait_outlooks")
    return portrait_forecast.forecast_portraits(outlooks.to_arrow_table())
