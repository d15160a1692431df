"""Effect by week and visits that move between stations: planted, by hand, and with too little data."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ml.tables.errors import InvalidValueError, MissingColumnError
from ml.tables.periods import months
from ml.trials.dynamics import moved_visits, weekly_effects
from tests import toy

COFFEE = {
    "feature_code": "free_coffee",
    "primary_metric_code": "visits_per_month",
    "randomization_unit": "home_station",
    "cost": {},
}
FADING = np.array([0.0, 0.4, 0.3, 0.2, 0.1, 0.0])
"""Planted relative effect of treatment, by week."""


def trial(seed: int, strata: dict[str, int], effects: np.ndarray = FADING, **options) -> pa.Table:
    """Draw a trial with the visits of each week: Poisson around the client rate, 5 per week on average."""
    rng = np.random.default_rng(seed)
    outcomes = toy.trial(rng, strata, **options)
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    rate = rng.gamma(4, 1.25, len(treated))
    visits = rng.poisson(rate[:, None] * (1 + np.outer(treated, effects)))
    outcomes = outcomes.set_column(
        outcomes.column_names.index("pre_visits_per_month"), "pre_visits_per_month", pa.array(4.0 * rate)
    )
    return outcomes.append_column("weekly_visits", pa.array(visits.tolist(), pa.list_(pa.int32())))


def weeks(outcomes: pa.Table) -> list[dict]:
    return weekly_effects(outcomes, [COFFEE]).to_pylist()


@pytest.mark.statistical
def test_intervals_cover_the_planted_weeks():
    covered = []
    for seed in range(60):
        rows = weeks(trial(seed, {"a": 150, "b": 60}))
        assert [row["week_number"] for row in rows] == [1, 2, 3, 4, 5, 6]
        covered += [
            row[f"{name}_low"] <= truth <= row[f"{name}_high"]
            for row, effect in zip(rows, FADING, strict=True)
            for name, truth in (("visits_per_client_effect", 5 * effect), ("effect_ratio", effect))
        ]
    assert 0.92 <= np.mean(covered) <= 0.98


def test_without_pre_period_it_is_the_difference_of_means():
    outcomes = trial(1, {"a": 12})
    visits = np.array(outcomes["weekly_visits"].to_pylist())
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    means = [visits[arm].mean(axis=0) for arm in (treated, ~treated)]
    for week, row in enumerate(weeks(outcomes)):
        assert row["treated_count"] + row["control_count"] == 12
        assert row["visits_per_client_control"] == pytest.approx(means[1][week])
        assert row["visits_per_client_effect"] == pytest.approx(means[0][week] - means[1][week])
        assert row["effect_ratio"] == pytest.approx(means[0][week] / means[1][week] - 1)


def test_the_order_of_clients_does_not_matter():
    outcomes = trial(2, {"a": 60, "b": 40})
    shuffled = outcomes.take(pa.array(np.random.default_rng(0).permutation(outcomes.num_rows)))
    assert weeks(outcomes) == weeks(shuffled)


def test_clients_of_a_station_are_a_cluster():
    """The same clients, ten per station with a common shock: the interval must be wider."""
    rng = np.random.default_rng(4)
    outcomes = toy.trial(rng, {"a": 400}, new_share=0)
    station = np.arange(400) // 10
    treated = station % 2 == 0
    visits = rng.poisson(5 * np.exp(rng.normal(0, 0.4, 40))[station][:, None] * np.ones(6))
    outcomes = outcomes.set_column(outcomes.column_names.index("is_treated"), "is_treated", pa.array(treated))
    outcomes = outcomes.append_column("weekly_visits", pa.array(visits.tolist(), pa.list_(pa.int32())))
    single, grouped = weeks(outcomes)[0], weeks(outcomes.append_column("group_id", pa.array(station)))[0]
    width = [row["visits_per_client_effect_high"] - row["visits_per_client_effect_low"] for row in (single, grouped)]
    assert grouped["visits_per_client_effect"] == pytest.approx(single["visits_per_client_effect"])
    assert width[1] > 1.5 * width[0]


def test_a_week_without_variance_and_one_without_visits():
    outcomes = trial(1, {"a": 10})
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    visits = np.column_stack([np.where(treated, 3, 2), np.zeros(10, dtype=int)])
    outcomes = outcomes.set_column(
        outcomes.column_names.index("weekly_visits"), "weekly_visits", pa.array(visits.tolist(), pa.list_(pa.int32()))
    )
    first, second = weeks(outcomes)
    assert first["visits_per_client_effect"] == pytest.approx(1)
    assert first["effect_ratio"] == pytest.approx(0.5)
    assert {first[f"{name}_low"] for name in ("visits_per_client_effect", "effect_ratio")} == {None}
    assert second["visits_per_client_effect"] == 0
    assert second["effect_ratio"] is None


def test_a_portrait_with_one_client_in_an_arm_is_excluded():
    outcomes = trial(1, {"few": 3, "many": 50}, treated_share=0.4)
    alone = outcomes.filter(pc.equal(outcomes["portrait_code"], "few"))
    assert alone["is_treated"].to_pylist().count(True) == 1
    assert weeks(outcomes) == weeks(outcomes.filter(pc.equal(outcomes["portrait_code"], "many")))
    assert weeks(alone) == []


def test_no_trial_and_invalid_weeks():
    outcomes = trial(1, {"a": 10})
    assert weeks(outcomes.slice(0, 0)) == []
    with pytest.raises(MissingColumnError, match="weekly_visits"):
        weeks(outcomes.drop_columns(["weekly_visits"]))
    odd = outcomes["weekly_visits"].to_pylist()
    odd[3] = [1]
    odd = outcomes.set_column(outcomes.column_names.index("weekly_visits"), "weekly_visits", pa.array(odd))
    with pytest.raises(InvalidValueError, match="as many weeks"):
        weeks(odd)


def moved_from(seed: int, share: float, clients: int = 300, **options) -> tuple[pa.Table, float]:
    """Move `share` of the visits elsewhere to the home station when treated; also return the true number per month."""
    rng = np.random.default_rng(seed)
    outcomes = toy.trial(rng, {"a": clients}, effect=0.1, **options)
    visits = outcomes["visits_count"].to_numpy()
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    # New visits go to the home station only: visits elsewhere are those of control, 40 % of 2.76 × 5.
    elsewhere = rng.binomial(visits.astype(int), np.where(treated, 0.4 * (1 - share) / 1.1, 0.4))
    truth = clients * 0.4 * share * 2.76 * 5 / months(12)
    before = 0.4 * np.nan_to_num(outcomes["pre_visits_per_month"].to_numpy())
    outcomes = outcomes.append_column("pre_away_visits_per_month", pa.array(before))
    return outcomes.append_column("home_visits_count", pa.array(visits - elsewhere)), truth


@pytest.mark.statistical
def test_planted_moves_are_recovered_and_gains_are_not_counted():
    covered = {0.0: [], 0.25: []}
    for share, inside in covered.items():
        for seed in range(150):
            outcomes, truth = moved_from(seed, share)
            (row,) = moved_visits(outcomes, [COFFEE], horizon_weeks=12).to_pylist()
            inside.append(row["moved_visits_per_month_low"] <= truth <= row["moved_visits_per_month_high"])
    assert all(0.90 <= np.mean(inside) <= 0.99 for inside in covered.values())


def test_pre_period_visits_elsewhere_narrow_the_interval():
    """In arms too small for covariates."""
    width = np.zeros(2)
    for seed in range(20):
        outcomes, _ = moved_from(seed, 0.25, clients=18, new_share=0)
        index = outcomes.column_names.index("pre_away_visits_per_month")
        blind = outcomes.set_column(index, "pre_away_visits_per_month", pa.array(np.zeros(18)))
        for number, table in enumerate((outcomes, blind)):
            (row,) = moved_visits(table, [COFFEE], horizon_weeks=12).to_pylist()
            width[number] += row["moved_visits_per_month_high"] - row["moved_visits_per_month_low"]
    assert width[0] < 0.9 * width[1]


def test_moves_by_hand():
    outcomes, _ = moved_from(1, 0.25, clients=16)
    (row,) = moved_visits(outcomes, [COFFEE], horizon_weeks=12).to_pylist()
    elsewhere = outcomes["visits_count"].to_numpy() - outcomes["home_visits_count"].to_numpy()
    fewer = months(12) * outcomes["pre_away_visits_per_month"].to_numpy() - elsewhere
    treated = outcomes["is_treated"].to_numpy(zero_copy_only=False)
    assert row["moved_visits_per_month"] == pytest.approx(
        16 * (fewer[treated].mean() - fewer[~treated].mean()) / months(12)
    )


def test_moves_need_a_station_feature_and_two_clients_per_arm():
    outcomes, _ = moved_from(1, 0.25, clients=16)
    of_clients = COFFEE | {"randomization_unit": "client"}
    assert moved_visits(outcomes, [of_clients], horizon_weeks=12).num_rows == 0
    treated = outcomes.filter(outcomes["is_treated"])
    (row,) = moved_visits(treated, [COFFEE], horizon_weeks=12).to_pylist()
    assert set(row.values()) == {"free_coffee", None}
