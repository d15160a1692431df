"""Lifetimes of clients: portrait shares, changes, leaving, and how the ground truth records them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from generator import blocks
from generator.network import build_network
from generator.people.clients import draw_people
from generator.people.life import NEW_DAYS
from tests.synthetic import make_run, planted

CLIENTS = 6000


@pytest.fixture(scope="module")
def truth():
    """Portraits and spells of 6,000 clients."""
    run = make_run(clients=CLIENTS)
    return blocks.client_portraits(run).read_all().to_pandas(), blocks.portrait_spells(run).read_all().to_pandas()


def test_shares_of_portraits_are_those_of_the_configuration(truth):
    """Without new clients, the portraits at the start follow the shares: four standard errors of a proportion."""
    portraits, _ = truth
    start = portraits.portrait_code_at_start.dropna()
    start = start[start != "new"]
    for code, kind in make_run().params["types"].items():
        share = kind["share"]
        assert abs((start == code).mean() - share) < 4 * np.sqrt(share * (1 - share) / len(start)), code


def test_new_clients_have_the_planted_share(truth):
    portraits, _ = truth
    assert abs((portraits.portrait_code == "new").mean() - make_run().params["life_cycle"]["new_share"]) < 0.01


def test_settled_clients_leave_at_the_planted_rate_all_year(truth):
    """Departures per settled client-year: −ln(1 − share), with half of them in each half of the year."""
    _, spells = truth
    start, end = pd.Timestamp("2025-01-01"), pd.Timestamp("2026-01-01")
    settled = spells[spells.portrait_code != "new"]
    begins = pd.to_datetime(settled.valid_from).clip(lower=start)
    ends = pd.to_datetime(settled.valid_to).fillna(end).clip(upper=end)
    years = ((ends - begins).dt.days.clip(lower=0) / 365).sum()
    left = pd.to_datetime(truth[0].left_on.dropna())
    rate = -np.log(1 - make_run().params["life_cycle"]["leaving_per_year"])
    assert abs(len(left) / years / rate - 1) < 4 / np.sqrt(len(left))
    early = (left < pd.Timestamp("2025-07-01")).mean()
    assert abs(early - 0.5) < 0.07


def test_nobody_leaves_or_changes_while_new_nor_changes_after_leaving():
    """Planted: half of the clients are new, nearly all leave within the year, all regular ones turn rare."""
    turns = [{"from": "regular_private", "to": "rare", "share_per_year": 1.0}]
    cycle = {"new_share": 0.5, "leaving_per_year": 0.95, "transitions": turns}
    run = planted(make_run(months=12), life_cycle=cycle)
    people = draw_people(run, build_network(run), 0)
    life, clients = people.life, people.is_client
    left, changed = np.isfinite(life.left_day), np.isfinite(life.change_day)
    soon = life.left_day < life.registered_day + NEW_DAYS + 30
    assert (soon & clients).sum() > 30
    assert (life.left_day[left] >= life.registered_day[left] + NEW_DAYS).all()
    assert (life.left_day >= 0).all()
    assert changed.sum() > 20
    assert (life.change_day[changed] > life.registered_day[changed] + NEW_DAYS).all()
    assert (life.change_day[changed] < life.left_day[changed]).all()
    assert not (left | changed)[~clients].any()


def test_clients_keep_leaving_in_the_future():
    """Fewer clients come in the second half of the 26 weeks: a forecast without churn must overestimate."""
    weekly = np.array(blocks.client_futures(make_run(clients=CLIENTS)).read_all()["weekly_visits"].to_pylist())
    comes = weekly.reshape(CLIENTS, 2, 13).sum(axis=2) > 0
    silent_at_last, silent_at_first = (comes[:, 0] & ~comes[:, 1]).sum(), (~comes[:, 0] & comes[:, 1]).sum()
    assert silent_at_last > 1.5 * silent_at_first


def test_spells_are_contiguous_and_end_with_the_current_portrait(truth):
    portraits, spells = truth
    last = spells.groupby("client_id").tail(1).set_index("client_id")
    assert (last.portrait_code == portraits.set_index("client_id").portrait_code).all()
    follows = spells.client_id.eq(spells.client_id.shift(-1))
    begins, ends = spells.valid_from.shift(-1)[follows], spells.valid_to[follows]
    assert all((begin - end).days == 1 for begin, end in zip(begins, ends, strict=True))
    first = spells.groupby("client_id").first()
    assert (first.portrait_code == "new").all()
    lasted = [(end - begin).days for begin, end in zip(first.valid_from, first.valid_to, strict=True) if end]
    assert set(lasted) == {NEW_DAYS - 1}
    open_end = last.valid_to.isna()
    assert (open_end == portraits.set_index("client_id").left_on.isna()).all()


def test_changes_of_behaviour_have_the_planted_rate(truth):
    """5 % of regular clients turn rare in a year, 6 % of rare ones regular; nobody else becomes regular."""
    _, spells = truth
    settled = spells[spells.portrait_code != "new"]
    follows = settled.client_id.eq(settled.client_id.shift(-1))
    changes = list(zip(settled.portrait_code[follows], settled.portrait_code.shift(-1)[follows], strict=True))
    planted = {("regular_private", "rare"), ("economy", "rare"), ("rare", "regular_private")}
    assert set(changes) == planted
    regular = (settled.groupby("client_id").first().portrait_code == "regular_private").sum()
    share = changes.count(("regular_private", "rare")) / regular
    assert 0.03 < share < 0.06


def test_a_few_fleets_hold_many_of_the_corporate_vehicles():
    run = make_run(clients=CLIENTS)
    fleets = blocks.vehicles(run).read_all().group_by("client_id").aggregate([("vehicle_id", "count")])
    corporate = blocks.clients(run).read_all().filter(pa.compute.field("client_type") == "corporate")
    sizes = np.sort(fleets.join(corporate.select(["client_id"]), "client_id", join_type="inner")["vehicle_id_count"])[
        ::-1
    ]
    assert sizes[: round(0.063 * len(sizes))].sum() > 0.3 * sizes.sum()
    assert np.median(sizes) <= 4
