from ml import portrait_forecast


def model(dbt, session):
    """Carry each portrait's last full months on, with and without each feature."""
    months = dbt.ref("portrait_months")
    results = dbt.ref("feature_results")
    by_portrait = results.filter("portrait_code is not null").to_arrow_table()
    return portrait_forecast.forecast(months.to_arrow_table(), by_portrait, months_ahead=3)
