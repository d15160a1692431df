from ml.portraits.decision import decide


def model(dbt, session):
    """Decide on the portrait of each client."""
    scores = dbt.ref("client_portrait_scores")
    return decide(scores.to_arrow_table(), float(dbt.config.meta_get("min_confidence")))
