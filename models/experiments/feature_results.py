import pyarrow as pa

from ml import analysis, scenario
from ml.features import read_features


def model(dbt, session):
    """Estimate every feature: from its experiment, or by the rules where there was none.

    Rows without a portrait are of the whole feature.
    """
    outcomes = dbt.ref("experiment_outcomes")
    profiles = dbt.ref("client_profiles")
    rules = dbt.ref("int_rules")
    economics = dbt.ref("stg_reference__economics")
    features = dbt.ref("stg_reference__features")
    settings = read_features(features.to_arrow_table())
    weeks = features.to_arrow_table()["horizon_weeks"][0].as_py()
    if dbt.config.meta_get("source") == "synthetic":
        results = analysis.analyse(outcomes.to_arrow_table(), settings, horizon_weeks=weeks)
    else:
        seed = int(dbt.config.meta_get("seed"))
        margin = economics.to_arrow_table()["shop_margin_share"][0].as_py()
        tables = profiles.to_arrow_table(), rules.to_arrow_table()
        results = scenario.by_rules(*tables, settings, horizon_weeks=weeks, seed=seed, shop_margin_share=margin)
    return pa.concat_tables(results, promote_options="default")
