from ml.tables.features import read_features
from ml.targeting.offer_values import offer_values


def model(dbt, session):
    """Estimate the profit of the personal offers by the doubly robust scores of the trials."""
    chosen = dbt.ref("client_offers")
    targets = dbt.ref("client_targets")
    features = dbt.ref("stg_reference__features")
    settings = read_features(features.to_arrow_table())
    return offer_values(chosen.to_arrow_table(), targets.to_arrow_table(), settings)
