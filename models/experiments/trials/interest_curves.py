from ml.trials import interest


def model(dbt, session):
    """Fit how interest in each feature rises and fades."""
    responses = dbt.ref("weekly_responses")
    return interest.fit_interest(responses.to_arrow_table())
