"""Product features as the analysis takes them: rows of a table back to nested settings."""

import json
from typing import Any

import pyarrow as pa

COSTS = ("rub_per_visit", "rub_per_l", "rub_per_client_per_month", "rub_per_month")


def read_features(table: pa.Table) -> list[dict[str, Any]]:
    """Turn the flat table of features into the shape of ``feature_hypotheses.json``.

    Parameters
    ----------
    table : pyarrow.Table
        One row per feature: feature_code, primary_metric_code, randomization_unit, treated_share, eligibility_json,
        aimed_portraits, ``cost_…``, ramp_weeks, half_life_weeks.

    Returns
    -------
    list of dict
        Sorted by feature_code: feature_code, primary_metric_code, randomization_unit, treated_share, aimed_portraits,
        eligibility (list of conditions), cost (by the names of `COSTS`), adoption (ramp_weeks, half_life_weeks).
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
