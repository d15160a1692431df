"""The knob that moves portraits apart or together, and the knobs for missing and broken data."""

import numpy as np
import pyarrow.compute as pc
import pytest

from generator import blocks
from generator.separation import separate
from generator.visits.dirt import BREAKS
from tests.synthetic import make_run

TYPES = make_run().params["types"]


def test_separation_of_one_changes_nothing():
    for code, kind in separate(TYPES, 1.0).items():
        for name, value in kind.items():
            expected = TYPES[code][name]
            if isinstance(value, dict):
                assert value == pytest.approx(expected)
            elif not isinstance(value, str):
                assert value == pytest.approx(expected), (code, name)


@pytest.mark.parametrize("separation", [0.5, 2.0])
def test_separation_scales_spreads_and_keeps_centres(separation):
    changed = separate(TYPES, separation)
    for code, kind in TYPES.items():
        assert changed[code]["tank_l"][0] == kind["tank_l"][0]
        assert changed[code]["tank_l"][1] == pytest.approx(kind["tank_l"][1] / separation)
        assert changed[code]["wallet_share"][0] == kind["wallet_share"][0]
        # The sd of a beta variable is proportional to 1 / √concentration: half the sd takes 4 × the concentration.
        assert changed[code]["wallet_share"][1] == pytest.approx(kind["wallet_share"][1] * separation**2)
        assert sum(changed[code]["grades"].values()) == pytest.approx(1)
    flag = changed["regular_private"]["has_loyalty_card"]
    assert (flag > TYPES["regular_private"]["has_loyalty_card"]) == (separation > 1)


def test_separation_sharpens_shares_and_flags():
    """Separation 2: shares of 1/5 and 4/5 become 1/17 and 16/17, odds of 1/4 become 1/16."""
    kind = TYPES["rare"] | {"grades": {"ai92": 0.2, "ai95": 0.8}, "main_payment": {"cash": 0.8, "card": 0.2, "app": 0}}
    changed = separate({"rare": kind | {"has_contract": 0.2, "has_fuel_card": 1, "corporate_prob": 0}}, 2.0)["rare"]
    assert changed["grades"] == pytest.approx({"ai92": 1 / 17, "ai95": 16 / 17})
    assert changed["main_payment"] == pytest.approx({"cash": 16 / 17, "card": 1 / 17})
    assert changed["has_contract"] == pytest.approx(1 / 17)
    assert (changed["has_fuel_card"], changed["corporate_prob"]) == (1, 0)


@pytest.mark.parametrize("separation", [0.5, 2.0])
def test_separation_keeps_demand(separation):
    """The mean consumption of a behaviour stays: median × exp(log_sd² / 2)."""
    changed = separate(TYPES, separation)
    for code, kind in TYPES.items():
        (median, log_sd), (other_median, other_sd) = kind["use_l_per_day"], changed[code]["use_l_per_day"]
        assert other_sd == pytest.approx(log_sd / separation)
        assert other_median * np.exp(other_sd**2 / 2) == pytest.approx(median * np.exp(log_sd**2 / 2))


def test_missing_values_have_the_requested_share_and_nothing_else_changes():
    clean, gappy = make_run(clients=2000, months=1), make_run(clients=2000, months=1, knobs={"missing_share": 0.2})
    for draw, columns in (
        (blocks.clients, ("has_loyalty_card", "has_fuel_card", "has_contract", "has_marketing_consent")),
        (blocks.vehicles, ("tank_volume_l",)),
        (blocks.visits, ("payment_method",)),
    ):
        whole, with_gaps = draw(clean).read_all(), draw(gappy).read_all()
        for name in whole.column_names:
            if name in columns:
                assert abs(with_gaps[name].null_count / with_gaps.num_rows - 0.2) < 0.04
                kept = pc.is_valid(with_gaps[name])
                assert with_gaps[name].filter(kept).equals(whole[name].filter(kept))
            else:
                assert whole[name].equals(with_gaps[name])


def test_broken_visits_are_taken_out_and_broken_in_every_way():
    clean, dirty = make_run(months=2), make_run(months=2, knobs={"dirty_share": 0.1})
    whole, kept, broken = blocks.visits(clean).read_all(), blocks.visits(dirty).read_all(), blocks.broken_visits(dirty)
    broken = broken.read_all()
    assert kept.num_rows + broken.num_rows == whole.num_rows
    assert abs(broken.num_rows / whole.num_rows - 0.1) < 0.01
    ids = np.concatenate([kept["transaction_id"].to_numpy(), broken["transaction_id"].cast("int64").to_numpy()])
    assert set(ids) == set(whole["transaction_id"].to_pylist())
    assert set(broken["broken_by"].to_pylist()) == set(BREAKS)
    assert blocks.broken_visits(clean).read_all().num_rows == 0
