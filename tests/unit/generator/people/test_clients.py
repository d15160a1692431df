"""Clients have the flags, payment methods and habits of their behaviour: planted shares are recovered."""

import numpy as np
import pytest

from generator.people.clients import PAYMENT_METHODS, draw_people
from tests.synthetic import planted


@pytest.mark.parametrize(
    ("flag", "parameter"),
    [
        ("has_loyalty_card", "has_loyalty_card"),
        ("has_fuel_card", "has_fuel_card"),
        ("has_contract", "has_contract"),
        ("is_corporate", "corporate_prob"),
    ],
)
def test_flags_have_the_planted_frequency_in_every_behaviour(block, flag, parameter):
    people = block.people
    for index, kind in enumerate(block.run.kinds):
        values, share = getattr(people, flag)[people.life.first_kind == index], kind[parameter]
        assert abs(values.mean() - share) <= 4 * np.sqrt(share * (1 - share) / len(values)), index


def test_consent_has_the_planted_frequency_and_changes_nothing_else(block):
    people = block.people
    params = block.run.params["consent"]
    for has_card, share in ((True, params["loyalty_card"]), (False, params["none"])):
        agreed = people.has_marketing_consent[people.has_loyalty_card == has_card]
        assert abs(agreed.mean() - share) <= 4 * np.sqrt(share * (1 - share) / len(agreed))
    everyone = draw_people(planted(block.run, consent={"loyalty_card": 1.0, "none": 1.0}), block.network, 0)
    assert everyone.has_marketing_consent.all()
    for name in ("home_station", "has_loyalty_card", "has_contract", "payment", "shop_affinity", "wallet_share"):
        np.testing.assert_array_equal(getattr(everyone, name), getattr(people, name))


def test_main_payment_follows_the_shares_of_the_behaviour(block):
    """Those drawn to pay by fuel card who have none pay by card, so the fuel-card share is scaled by card ownership."""
    people = block.people
    for index, kind in enumerate(block.run.kinds):
        members = people.life.first_kind == index
        expected = {method: kind["main_payment"].get(method, 0) for method in PAYMENT_METHODS}
        without_card = expected["fuel_card"] * (1 - kind["has_fuel_card"])
        expected["fuel_card"] -= without_card
        expected["card"] += without_card
        for method, share in expected.items():
            found = (people.payment[members] == PAYMENT_METHODS.index(method)).mean()
            assert abs(found - share) <= 4 * np.sqrt(share * (1 - share) / members.sum()), (index, method)


def test_a_cafe_at_the_home_station_raises_the_share_of_wallet_as_planted(block):
    """Pull of 0.4 with 72 % of stations having a café: shares of wallet × 1.112 with a café, × 0.712 without."""
    plain, pulled = (
        draw_people(planted(block.run, stations={"cafe_pull": pull, "cafe_share": 0.72}), block.network, 0)
        for pull in (0.0, 0.4)
    )
    has_cafe = block.network.station_has_cafe[plain.home_station]
    assert 0.2 < has_cafe.mean() < 0.95
    factor = np.where(has_cafe, 1.112, 0.712)
    for name in ("first_wallet_share", "wallet_share"):
        before, after = getattr(plain, name), getattr(pulled, name)
        whole = before < 0.98
        assert np.allclose(after[whole], np.minimum(before * factor, 0.98)[whole])


def test_clients_who_do_not_change_have_one_habit(block):
    people, stays = block.people, np.isinf(block.people.life.change_day)
    assert (people.first_wallet_share[stays] == people.wallet_share[stays]).all()
    assert (people.first_wallet_share[~stays] != people.wallet_share[~stays]).all()
