"""Product features as the analyses need them: a flat table converted to nested settings."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ml.tables.errors import InvalidValueError, UnknownCodeError

COSTS = ("rub_per_visit", "rub_per_l", "rub_per_client_per_month", "rub_per_month")
PRIMARY_OUTCOMES = {
    "visits_per_month": "visits_count",
    "volume_l_per_month": "volume_l",
    "spend_rub_per_month": "revenue_rub",
    "shop_rub_per_visit": "shop_rub_per_visit",
}
"""Primary metric of a feature → trial outcome; the last one is the ratio of shop sales to visits."""


def read_features(table: pa.Table) -> list[dict[str, Any]]:
    """Convert the flat table of features to the structure of ``feature_hypotheses.json``.

    Parameters
    ----------
    table : pyarrow.Table
        One row per feature: feature_code, primary_metric_code, randomization_unit, treated_share, eligibility_json,
        aimed_portraits, ``cost_…``, ramp_weeks, half_life_weeks.

    Returns
    -------
    list of dict
        Sorted by feature_code: feature_code, primary_metric_code, randomization_unit, treated_share, aimed_portraits,
        eligibility (list of conditions), cost (keys of `COSTS`), adoption (ramp_weeks, half_life_weeks).
    """
    features = [
        {
            "feature_code": row["feature_code"],
            "primary_metric_code": row["primary_metric_code"],
            "randomization_unit": row["randomization_unit"],
            "treated_share": row["treated_share"],
            "aimed_portraits": row["aimed_portraits"] or [],
            "eligibility": json.loads(row["eligibility_json"]),
            "cost": {name: row[f"cost_{name}"] for name in COSTS},
            "adoption": {name: row[name] for name in ("ramp_weeks", "half_life_weeks")},
        }
        for row in table.to_pylist()
    ]
    return sorted(features, key=lambda feature: feature["feature_code"])


def by_code(features: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Index features by code; raises UnknownCodeError for a primary metric that is not in `PRIMARY_OUTCOMES`."""
    for feature in features:
        if feature["primary_metric_code"] not in PRIMARY_OUTCOMES:
            where = f"feature '{feature['feature_code']}'"
            metric = feature["primary_metric_code"]
            raise UnknownCodeError("primary_metric_code", metric, where, PRIMARY_OUTCOMES)
    return {feature["feature_code"]: feature for feature in features}


def check_share(feature: Mapping[str, Any]) -> float:
    """Return the feature's `treated_share`; raises InvalidValueError unless it is strictly between 0 and 1."""
    share = float(feature["treated_share"])
    if not 0 < share < 1:
        where = f"feature '{feature['feature_code']}'"
        raise InvalidValueError("treated_share", share, where, "above 0 and below 1")
    return share
