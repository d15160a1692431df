from ml.rules import whatif
from ml.tables.features import read_features
from ml.trials import profit
from ml.trials.outcomes import COLUMNS


def model(dbt, session):
    """Decompose the profit of each feature, from its experiment or by the rules without one."""
    outcomes = dbt.ref("experiment_outcomes")
    profiles = dbt.ref("client_profiles")
    rules = dbt.ref("int_rules")
    economics = dbt.ref("stg_reference__economics")
    features = dbt.ref("stg_reference__features")
    settings = read_features(features.to_arrow_table())
    options = {
        "horizon_weeks": features.to_arrow_table()["horizon_weeks"][0].as_py(),
        "shop_margin_share": economics.to_arrow_table()["shop_margin_share"][0].as_py(),
    }
    if dbt.config.meta_get("source") == "synthetic":
        observed = outcomes.project(", ".join((*COLUMNS, *profit.SERVED)))
        return profit.measured(observed.to_arrow_table(), settings, **options)
    tables = profiles.to_arrow_table(), rules.to_arrow_table()
    return whatif.by_rules(*tables, settings, seed=int(dbt.config.meta_get("seed")), **options)
