from lab.targeting.grades import grade_targeting
from ml.tables.features import read_features
from ml.tables.periods import months


def model(dbt, session):
    """Grade effects per client, and the offers chosen by them, against the truth; no rows for own data."""
    targets = dbt.ref("client_targets")
    pooled = dbt.ref("client_reactions")
    effects = dbt.ref("truth_client_effects")
    outcomes = dbt.ref("truth_potential_outcomes")
    features = dbt.ref("stg_reference__features").to_arrow_table()
    paid = outcomes.project("client_id, feature_code, cost_rub_with").set_alias("paid")
    with_costs = effects.set_alias("effects").join(
        paid, "effects.client_id = paid.client_id and effects.feature_code = paid.feature_code"
    )
    length = months(features["horizon_weeks"][0].as_py())
    known = with_costs.project(
        "effects.client_id, effects.feature_code, uplift_margin_rub_per_month, "
        f"cost_rub_with / {length} as cost_rub_per_month"
    )
    tables = targets.to_arrow_table(), pooled.to_arrow_table(), known.to_arrow_table()
    return grade_targeting(*tables, read_features(features))
