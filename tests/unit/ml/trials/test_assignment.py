"""Arms: balanced in every stratum, independent of other features and of order."""

import numpy as np
import pyarrow as pa
import pytest

from ml.tables.errors import DuplicateKeyError, InvalidValueError, MissingColumnError
from ml.trials.assignment import assign_arms, without_arms

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


def test_ineligible_clients_have_no_arm():
    arms = assign_arms(clients(["rare"] * 4, [True, False, None, True]), [COFFEE], seed=1)
    assert arms["is_eligible"].to_pylist() == [True, False, False, True]
    assert [arm is None for arm in arms["is_treated"].to_pylist()] == [False, True, True, False]
    assert arms.schema.names == ["client_id", "feature_code", "portrait_code", "is_eligible", "is_treated", "group_id"]


@pytest.mark.statistical
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


def fleets(count: int) -> pa.Table:
    """Clients of one portrait: every tenth a large fleet, at one of 30 home stations; every seventh without one."""
    number = np.arange(count)
    return (
        clients(["rare"] * count)
        .append_column("vehicles_count", pa.array(np.where(number % 10 == 0, 60, 1)))
        .append_column("home_station_id", pa.array(number % 30, mask=number % 7 == 0))
    )


def test_fleets_are_balanced_between_the_arms():
    table = fleets(205)
    is_fleet = table["vehicles_count"].to_numpy() > 1
    for seed in range(20):
        treated = assign_arms(table, [DISCOUNT], seed=seed)["is_treated"].to_numpy(False).astype(bool)
        assert treated.sum() == 41
        assert abs(treated[is_fleet].sum() - 0.2 * is_fleet.sum()) < 1.5


@pytest.mark.statistical
def test_every_client_has_the_same_probability_in_its_stratum():
    table = fleets(25)
    share = np.mean([assign_arms(table, [DISCOUNT], seed=s)["is_treated"].to_numpy(False) for s in range(1500)], axis=0)
    assert np.abs(share.astype(float) - 0.2).max() < 0.045


def test_all_clients_of_a_station_are_in_one_arm():
    table = fleets(600)
    arms = assign_arms(table, [DISCOUNT | {"randomization_unit": "home_station"}], seed=3).to_pandas()
    assert (arms["is_eligible"] == (np.arange(600) % 7 != 0)).all()
    eligible = arms[arms["is_eligible"]]
    by_station = eligible.groupby("group_id")["is_treated"].agg(["min", "max"])
    assert (by_station["min"] == by_station["max"]).all()
    assert by_station["max"].sum() == 6
    assert arms.loc[~arms["is_eligible"], "group_id"].isna().all()


def test_stations_of_all_sizes_are_in_both_arms():
    station = np.repeat(np.arange(40), np.arange(1, 41))
    table = clients(["rare"] * len(station)).append_column("home_station_id", pa.array(station))
    feature = DISCOUNT | {"randomization_unit": "home_station", "treated_share": 0.5}
    arms = [assign_arms(table, [feature], seed=seed)["is_treated"].to_numpy(False) for seed in range(50)]
    shares = [arm.astype(bool).mean() for arm in arms]
    assert min(shares) > 0.4
    assert max(shares) < 0.6


def test_a_contract_is_a_client_that_has_one():
    table = clients(["rare"] * 4).append_column("has_contract", pa.array([True, False, None, True]))
    arms = assign_arms(table, [DISCOUNT | {"randomization_unit": "contract"}], seed=1)
    assert arms["is_eligible"].to_pylist() == [True, False, False, True]
    with pytest.raises(MissingColumnError, match="has_contract"):
        assign_arms(clients(["rare"]), [DISCOUNT | {"randomization_unit": "contract"}], seed=1)


def test_an_unknown_unit_is_rejected():
    with pytest.raises(InvalidValueError, match="randomization_unit.*home_station"):
        assign_arms(clients(["rare"]), [DISCOUNT | {"randomization_unit": "city"}], seed=1)


@pytest.mark.parametrize("features", [[], [COFFEE]])
def test_no_clients_or_no_features_give_an_empty_table(features):
    table = clients(["rare"] * 3)
    empty = assign_arms(table if not features else table.slice(0, 0), features, seed=1)
    assert empty.num_rows == 0
    assert empty.schema.field("is_treated").type == pa.bool_()


@pytest.mark.parametrize("share", [0, 1, 1.5, float("nan")])
def test_share_outside_0_to_1_is_rejected(share):
    with pytest.raises(InvalidValueError, match="treated_share.*free_coffee"):
        assign_arms(clients(["rare"]), [COFFEE | {"treated_share": share}], seed=1)


def test_invalid_clients_are_rejected():
    with pytest.raises(InvalidValueError, match="client_id 2"):
        assign_arms(clients(["rare", None]), [COFFEE], seed=1)
    with pytest.raises(MissingColumnError, match="portrait_code"):
        assign_arms(clients(["rare"]).drop_columns(["portrait_code"]), [COFFEE], seed=1)
    twice = pa.concat_tables([clients(["rare"]), clients(["rare"])])
    with pytest.raises(DuplicateKeyError, match="client_id"):
        assign_arms(twice, [COFFEE], seed=1)
    with pytest.raises(DuplicateKeyError, match="feature_code"):
        assign_arms(clients(["rare"]), [COFFEE, COFFEE], seed=1)
