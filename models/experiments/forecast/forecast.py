from ml.forecast.features import forecast


def model(dbt, session):
    """Apply the effect of each feature to the baseline forecast of each portrait."""
    baselines = dbt.ref("portrait_forecasts")
    results = dbt.ref("feature_results")
    by_portrait = results.filter("portrait_code is not null").to_arrow_table()
    return forecast(baselines.to_arrow_table(), by_portrait)
