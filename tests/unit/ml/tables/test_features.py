"""The flat table of features is read back as it is in the JSON."""

import json
from pathlib import Path

import pyarrow as pa

from ml.tables.features import COSTS, read_features

DOCUMENT = json.loads(
    (Path(__file__).parents[4] / "data" / "reference" / "feature_hypotheses.json").read_text(encoding="utf-8")
)


def test_flat_table_is_read_back_as_the_json():
    features = DOCUMENT["features"]
    flat = [
        {name: feature[name] for name in ("feature_code", "primary_metric_code", "randomization_unit", "treated_share")}
        | {"aimed_portraits": feature["aimed_portraits"]}
        | {"eligibility_json": json.dumps(feature["eligibility"])}
        | {f"cost_{name}": feature["cost"][name] for name in COSTS}
        | feature["adoption"]
        for feature in features
    ]
    for found, expected in zip(
        read_features(pa.Table.from_pylist(flat)), sorted(features, key=lambda f: f["feature_code"]), strict=True
    ):
        assert found == {name: expected[name] for name in found}
