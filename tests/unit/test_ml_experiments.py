"""Arms: balanced in every stratum, independent of other features and of order."""

import numpy as np
import pyarrow as pa
import pytest

from ml.errors import DuplicateKeyError, InvalidValueError, MissingColumnError
from ml.experiments import assign_arms, without_arms

COFFEE = {
    "feature_code": "free_coffee",
    "treated_share": 0.5,
    "eligibility": [{"metric_code": "home_station_has_cafe", "values": [True]}],
}
DISCOUNT = {"feature_code": "fuel_discount", "treated_share": 0.2, "eligibility": []}


def clients(portraits: list[str], cafe: list[bool | None] | None = None) -> pa.Table:
    count = len(portraits)
    return pa.table(
        {
            "client_id": np.arange(1, count + 1),
            "portrait_code": portraits,
            "home_station_has_cafe": pa.array(cafe or [True] * count, pa.bool_()),
        }
    )


def test_share_is_exact_in_every_portrait():
    table = clients(["rare"] * 101 + ["eco"] * 40 + ["new"] * 2 + ["undefined"])
    arms = assign_arms(table, [DISCOUNT, COFFEE], seed=1).to_pandas()
    treated = arms.groupby(["feature_code", "portrait_code"])["is_treated"].sum().to_dict()
    assert treated["fuel_discount", "rare"] == 20
    assert treated["fuel_discount", "eco"] == 8
    assert treated["fuel_discount", "new"] == 1  # at least one in each arm
    assert treated["free_coffee", "eco"] == 20
    assert treated["free_coffee", "new"] == 1


def test_not_eligible_has_no_arm():
    arms = assign_arms(clients(["rare"] * 4, [True, False, None, True]), [COFFEE], seed=1)
    assert arms["is_eligible"].to_pylist() == [True, False, False, True]
    assert [arm is None for arm in arms["is_treated"].to_pylist()] == [False, True, True, False]
    assert arms.schema.names == ["client_id", "feature_code", "portrait_code", "is_eligible", "is_treated"]


def test_assignment_is_random_over_seeds():
    table = clients(["rare"] * 10)
    share = np.mean([assign_arms(table, [COFFEE], seed=s)["is_treated"].to_numpy(False) for s in range(400)], axis=0)
    assert (np.abs(share.astype(float) - 0.5) < 0.12).all()


def test_features_are_assigned_independently():
    table = clients(["rare"] * 4000)
    other = DISCOUNT | {"treated_share": 0.5}
    arms = assign_arms(table, [COFFEE, other], seed=1)["is_treated"].to_numpy(False).astype(float).reshape(2, -1)
    assert abs(np.corrcoef(arms)[0, 1]) < 0.06


def test_without_a_trial_nobody_is_assigned():
    arms = without_arms(clients(["rare"] * 3, [True, False, True]), [COFFEE])
    assert arms["is_eligible"].to_pylist() == [True, False, True]
    assert arms["is_treated"].null_count == 3


@pytest.mark.parametrize("features", [[], [COFFEE]])
def test_no_clients_or_no_features_give_an_empty_table(features):
    table = clients(["rare"] * 3)
    empty = assign_arms(table if not features else table.slice(0, 0), features, seed=1)
    assert empty.num_rows == 0
    assert empty.schema.field("is_treated").type == pa.bool_()


@pytest.mark.parametrize("share", [0, 1, 1.5, float("nan")])
def test_share_outside_0_to_1_is_refused(share):
    with pytest.raises(InvalidValueError, match="treated_share.*free_coffee"):
        assign_arms(clients(["rare"]), [COFFEE | {"treated_share": share}], seed=1)


def test_bad_clients_are_refused():
    with pytest.raises(InvalidValueError, match="client_id 2"):
        assign_arms(clients(["rare", None]), [COFFEE], seed=1)
    with pytest.raises(MissingColumnError, match="portrait_code"):
        assign_arms(clients(["rare"]).drop_columns(["portrait_code"]), [COFFEE], seed=1)
    twice = pa.concat_tables([clients(["rare"]), clients(["rare"])])
    with pytest.raises(DuplicateKeyError, match="client_id"):
        assign_arms(twice, [COFFEE], seed=1)
    with pytest.raises(DuplicateKeyError, match="feature_code"):
        assign_arms(clients(["rare"]), [COFFEE, COFFEE], seed=1)
