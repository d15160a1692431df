"""One best offer per client: limits, ties and fixed costs; and its value by the scores."""

import numpy as np
import pyarrow as pa
import pytest

from ml.tables.errors import InvalidValueError, UnknownCodeError
from ml.targeting.offer_values import VALUES, offer_values
from ml.targeting.offers import OFFERS, best_offers
from ml.targeting.policies import TARGETS


def targets(rows):
    """Estimates of (client_id, feature_code, margin, cost[, score])."""
    columns = {name: [] for name in TARGETS.names}
    for client, feature, margin, cost, *score in rows:
        values = (client, feature, "rare" if client % 2 else "taxi", None, 0.5, margin, cost, *(score or [0.0]), True)
        for name, value in zip(TARGETS.names, values, strict=True):
            columns[name].append(value)
    return pa.table(columns, schema=TARGETS)


def feature(code, unit="client", fixed=0.0):
    return {"feature_code": code, "randomization_unit": unit, "cost": {"rub_per_month": fixed}}


FEATURES = [feature("b"), feature("a"), feature("fleet", "contract"), feature("station", "home_station")]
ROWS = [
    (1, "a", 50.0, 10.0),
    (1, "b", 70.0, 40.0),
    (2, "a", 90.0, 30.0),
    (2, "station", 900.0, 0.0),
    (3, "fleet", 30.0, 5.0),
    (4, "a", 100.0, 1.0),
    (5, "a", 5.0, 5.0),
]
EVERYONE = pa.array([1, 2, 3, 4, 5, 99])


def given(table):
    return list(zip(table["client_id"].to_pylist(), table["feature_code"].to_pylist(), strict=True))


def test_each_client_has_its_best_offer_by_rank():
    """No station features and no offers without profit; highest profit first."""
    found = best_offers(targets(ROWS), EVERYONE, FEATURES)
    assert found.schema == OFFERS
    assert given(found) == [(4, "a"), (2, "a"), (1, "a"), (3, "fleet")]
    assert found["predicted_profit_rub_per_month"].to_pylist() == [99.0, 60.0, 40.0, 25.0]
    assert found["predicted_cost_rub_per_month"].to_pylist() == [1.0, 30.0, 10.0, 5.0]
    assert found["portrait_code"].to_pylist() == ["taxi", "taxi", "rare", "rare"]
    assert found["rank_number"].to_pylist() == [1, 2, 3, 4]


def test_only_consenting_clients_get_offers():
    assert given(best_offers(targets(ROWS), pa.array([2, 3]), FEATURES)) == [(2, "a"), (3, "fleet")]
    assert best_offers(targets(ROWS), pa.array([], pa.int64()), FEATURES).num_rows == 0


def test_limits_bind():
    assert given(best_offers(targets(ROWS), EVERYONE, FEATURES, budget=16.0)) == [(4, "a"), (1, "a"), (3, "fleet")]
    assert given(best_offers(targets(ROWS), EVERYONE, FEATURES, contacts_limit=2)) == [(4, "a"), (2, "a")]
    assert given(best_offers(targets(ROWS), EVERYONE, FEATURES, budget=30.0, contacts_limit=2)) == [(4, "a"), (1, "a")]
    assert best_offers(targets(ROWS), EVERYONE, FEATURES, budget=0).num_rows == 0
    assert best_offers(targets(ROWS), EVERYONE, FEATURES, contacts_limit=0).num_rows == 0


def test_ties_go_to_the_first_feature_and_client():
    rows = [(client, code, 20.0, 10.0) for client in (8, 7, 9) for code in ("b", "a")]
    assert given(best_offers(targets(rows), pa.array([7, 8, 9]), FEATURES, contacts_limit=2)) == [(7, "a"), (8, "a")]
    assert given(best_offers(targets(rows[::-1]), pa.array([9, 8, 7]), FEATURES, budget=20)) == [(7, "a"), (8, "a")]


def test_a_feature_that_does_not_earn_its_fixed_cost_is_dropped():
    """Neither earns its fixed cost when they share the clients; without the worse one the other does."""
    rows = [(1, "a", 60.0, 0.0), (1, "b", 50.0, 0.0), (2, "b", 40.0, 0.0)]
    found = best_offers(targets(rows), EVERYONE, [feature("a", fixed=100.0), feature("b", fixed=80.0)])
    assert given(found) == [(1, "b"), (2, "b")]
    assert best_offers(targets(rows), EVERYONE, [feature("a", fixed=100.0), feature("b", fixed=91.0)]).num_rows == 0


def test_without_a_trial_there_are_no_offers():
    nobody = TARGETS.empty_table()
    found = best_offers(nobody, EVERYONE, FEATURES, budget=10.0)
    assert (found.schema, found.num_rows) == (OFFERS, 0)
    valued = offer_values(found, nobody, FEATURES)
    assert (valued.schema, valued.num_rows) == (VALUES, 0)


def test_invalid_input_is_named():
    with pytest.raises(InvalidValueError, match="budget_rub_per_month = -1"):
        best_offers(targets(ROWS), EVERYONE, FEATURES, budget=-1)
    with pytest.raises(UnknownCodeError, match="'b'"):
        best_offers(targets(ROWS), EVERYONE, [feature("a")])


def test_offers_are_valued_by_scores():
    """The interval is that of a sum over the whole trial, in which clients without the offer count as 0."""
    scores = np.random.default_rng(4).normal(10, 50, 121)
    rows = [(client, "a", 20.0, 5.0 if client < 90 else 30.0, score) for client, score in enumerate(scores)]
    table, settings = targets(rows), [feature("a", fixed=20.0)]
    consenting = pa.array([client for client in range(121) if client % 4 != 3])
    found = offer_values(best_offers(table, consenting, settings), table, settings).to_pylist()
    scores[[client for client in range(121) if client % 4 == 3 or client >= 90]] = 0
    assert [(row["portrait_code"], row["clients_count"]) for row in found] == [(None, 68), ("rare", 23), ("taxi", 45)]
    whole, rare, taxi = found
    assert whole["predicted_profit_rub_per_month"] == 68 * 15.0
    assert whole["predicted_cost_rub_per_month"] == 68 * 5.0
    assert (whole["fixed_cost_rub_per_month"], taxi["fixed_cost_rub_per_month"]) == (20.0, None)
    assert whole["profit_rub_per_month"] == pytest.approx(scores.sum() - 20)
    assert taxi["profit_rub_per_month"] == pytest.approx(scores[::2].sum())
    half = 1.979930 * np.sqrt(121 * scores.var(ddof=1))  # Student's with 120 degrees of freedom
    assert whole["profit_rub_per_month_high"] == pytest.approx(scores.sum() - 20 + half, rel=1e-6)
    assert whole["profit_rub_per_month_low"] == pytest.approx(scores.sum() - 20 - half, rel=1e-6)
    # Too few clients.
    assert [rare[f"profit_rub_per_month{bound}"] for bound in ("", "_low", "_high")] == [None] * 3


def test_scores_are_not_inflated_by_the_choice_between_features():
    """Ten features without effect: predictions of the best look profitable, scores of the chosen do not."""
    rng = np.random.default_rng(3)
    codes = [f"f{number}" for number in range(10)]
    rows = [
        (client, code, *rng.normal(0, 10, 1), 0.0, *rng.normal(0, 50, 1)) for client in range(2_000) for code in codes
    ]
    table, settings = targets(rows), [feature(code) for code in codes]
    found = offer_values(best_offers(table, pa.array(np.arange(2_000)), settings), table, settings)
    wholes = [row for row in found.to_pylist() if row["portrait_code"] is None]
    assert sum(row["predicted_profit_rub_per_month"] for row in wholes) > 2_000 * 10
    covered = [row["profit_rub_per_month_low"] < 0 < row["profit_rub_per_month_high"] for row in wholes]
    assert sum(covered) >= 9
