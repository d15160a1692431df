import pyarrow as pa

from ml.tables.features import read_features
from ml.trials import analysis, pilots
from ml.trials.outcomes import COLUMNS


def model(dbt, session):
    """Estimate each feature from its experiment, or by the rules without one.

    Rows without a portrait are for the whole feature.
    """
    outcomes = dbt.ref("experiment_outcomes").project(", ".join(COLUMNS)).to_arrow_table()
    profiles = dbt.ref("client_profiles")
    rules = dbt.ref("int_rules")
    economics = dbt.ref("stg_reference__economics")
    features = dbt.ref("stg_reference__features").to_arrow_table()
    horizons = dbt.ref("pilot_horizons").project("feature_code, horizon_weeks")
    settings, weeks = read_features(features), features["horizon_weeks"][0].as_py()
    if dbt.config.meta_get("source") == "synthetic":
        results = analysis.analyse(outcomes, settings, horizon_weeks=weeks)
    else:
        options = {"pilot_weeks": dict(horizons.fetchall()), "horizon_weeks": weeks}
        options["seed"] = int(dbt.config.meta_get("seed"))
        options["shop_margin_share"] = economics.to_arrow_table()["shop_margin_share"][0].as_py()
        tables = outcomes, profiles.to_arrow_table(), rules.to_arrow_table()
        results = pilots.estimate(*tables, settings, **options)
    return pa.concat_tables(results, promote_options="default")
