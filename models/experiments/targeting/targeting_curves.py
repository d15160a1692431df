from ml.tables.features import read_features
from ml.targeting.policies import targeting_curves


def model(dbt, session):
    """Estimate the profit of targeting policies for each feature by the share of clients targeted."""
    targets = dbt.ref("client_targets")
    features = dbt.ref("stg_reference__features")
    settings = read_features(features.to_arrow_table())
    return targeting_curves(targets.to_arrow_table(), settings, seed=int(dbt.config.meta_get("seed")))
