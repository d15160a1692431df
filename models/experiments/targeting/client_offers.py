from ml.tables.features import read_features
from ml.targeting import offers


def model(dbt, session):
    """Choose the best personal offer of each client who agreed to offers."""
    targets = dbt.ref("client_targets")
    features = dbt.ref("stg_reference__features")
    clients = dbt.ref("int_clients")
    limits = dbt.ref("stg_reference__offers")
    # Unknown consent counts as no consent.
    agreed = clients.filter("has_marketing_consent").select("client_id").to_arrow_table()
    budget, contacts_limit = limits.fetchone()
    settings = read_features(features.to_arrow_table())
    return offers.best_offers(
        targets.to_arrow_table(), agreed["client_id"], settings, budget=budget, contacts_limit=contacts_limit
    )
