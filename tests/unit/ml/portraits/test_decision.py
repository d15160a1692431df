"""One portrait per client: ties, low confidence and runners-up, against the rule written out client by client."""

import numpy as np
import pyarrow as pa
import pytest

from ml.portraits.decision import DECISIONS, decide
from ml.tables.errors import MissingColumnError

CODES = ["rare", "eco", "undefined", "new"]
SPECIAL = [[0.25] * 4, [0.45, 0.45, 0.1, 0], [0.3, 0.4, 0.3, 0], [0, 0, 1, 0], [0.1, 0.4, 0.4, 0.1], [0, 0, 0.4, 0.6]]


def scores_of(probs):
    clients = len(probs)
    order = np.random.default_rng(8).permutation(clients)
    return pa.table(
        {
            "client_id": np.repeat(order, len(CODES)),
            "portrait_code": CODES * clients,
            "score_prob": np.asarray(probs, dtype=float).ravel(),
            "cluster_id": pa.array(np.repeat(order % 3, len(CODES)), pa.int32()),
        }
    )


def by_hand(prob, min_confidence):
    """Portrait, confidence, runner-up, its probability, likeliest portrait."""
    first, second = sorted(prob, key=lambda code: (-prob[code], code))[:2]
    likeliest = first if first != "undefined" else second if prob[second] > 0 else None
    if prob[first] >= min_confidence or first == "undefined":
        return first, prob[first], second, prob[second], likeliest
    return "undefined", prob["undefined"], first, prob[first], likeliest


@pytest.mark.parametrize(
    ("prob", "expected"),
    [
        ((0.2, 0.1, 0.0, 0.7), ("new", 0.7, "rare", 0.2, "new")),
        ((0.28, 0.26, 0.21, 0.25), ("undefined", 0.21, "rare", 0.28, "rare")),
        ((0.45, 0.45, 0.1, 0.0), ("eco", 0.45, "rare", 0.45, "eco")),
    ],
    ids=["clear", "a portrait below min_confidence becomes the runner-up", "a tie goes to the first code"],
)
def test_examples(prob, expected):
    [row] = decide(scores_of([prob]), 0.3).to_pylist()
    assert tuple(row.values())[1:6] == expected


@pytest.mark.parametrize("min_confidence", [0.0, 0.3, 0.42, 1.0])
def test_each_client_gets_the_portrait_of_the_rule(min_confidence):
    probs = np.vstack([SPECIAL, np.random.default_rng(8).dirichlet(np.ones(4), 500)])
    scores = scores_of(probs)
    found = decide(scores, min_confidence)
    assert found.schema == DECISIONS
    assert found["client_id"].to_pylist() == scores["client_id"].to_pylist()[::4]
    for row, prob in zip(found.to_pylist(), probs.tolist(), strict=True):
        assert tuple(row.values())[1:6] == by_hand(dict(zip(CODES, prob, strict=True)), min_confidence)
        assert row["cluster_id"] == row["client_id"] % 3


def test_without_clusters_or_clients_the_columns_are_the_same():
    scores = scores_of(SPECIAL)
    assert decide(scores.drop_columns(["cluster_id"]), 0.3)["cluster_id"].null_count == len(SPECIAL)
    assert decide(scores.slice(0, 0), 0.3).schema == DECISIONS


def test_a_missing_column_is_reported():
    with pytest.raises(MissingColumnError, match="score_prob"):
        decide(scores_of(SPECIAL).drop_columns(["score_prob"]), 0.3)
