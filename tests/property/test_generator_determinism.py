"""Equal parameters give equal rows; a larger run starts with the smaller one; another seed gives other rows."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import blocks
from generator.network import build_network
from generator.people.clients import draw_people
from generator.streams import BLOCK_CLIENTS
from generator.visits.fills import draw_history
from generator.visits.visits import draw_visits
from tests.synthetic import make_run, modifier, reference_features, rule

TABLES = ("clients", "vehicles", "client_portraits", "portrait_spells", "vehicle_fuel", "client_futures", "visits")


@pytest.fixture
def draw_of():
    """Return the function that draws a table; outcomes are for two features over four weeks."""
    chosen = [
        feature for feature in reference_features() if feature["feature_code"] in ("free_coffee", "fuel_discount")
    ]
    assert len(chosen) == 2
    effects = {"modifiers": [modifier(sd=0.2, response_prob=1.3)], "response_prob": 0.5, "visits_change": 0.1}
    rules = [rule(feature["feature_code"], **effects) for feature in chosen]

    def outcomes(run, **work):
        return blocks.potential_outcomes(run, chosen, rules, 4, **work)

    return lambda table: outcomes if table == "potential_outcomes" else getattr(blocks, table)


@pytest.mark.parametrize("table", (*TABLES, "potential_outcomes"))
def test_same_parameters_same_rows_and_another_seed_differs(draw_of, table):
    draw = draw_of(table)
    first = draw(make_run(clients=1200, months=2)).read_all()
    assert first.equals(draw(make_run(clients=1200, months=2)).read_all())
    assert not first.equals(draw(make_run(clients=1200, months=2, seed=43)).read_all())


@pytest.mark.parametrize("table", (*TABLES, "potential_outcomes"))
def test_first_clients_of_a_larger_run_are_the_same_clients(draw_of, table):
    dirt = {"missing_share": 0.1, "dirty_share": 0.05}
    small = draw_of(table)(make_run(clients=700, months=2, knobs=dirt)).read_all()
    large = draw_of(table)(make_run(clients=2300, months=2, knobs=dirt)).read_all()
    kept = large.filter(pc.less_equal(large["client_id"], 700))
    assert small.num_rows > 0
    assert kept.equals(small.filter(pc.is_valid(small["client_id"])))


def test_first_clients_have_the_same_broken_receipts_in_a_larger_run():
    """Only receipts whose client_id is still readable: the others cannot be assigned to a run size."""
    broken = [
        blocks.broken_visits(make_run(clients=clients, months=2, knobs={"dirty_share": 0.05})).read_all()
        for clients in (700, 2300)
    ]
    small, large = (
        rows.filter(pc.fill_null(pc.match_substring_regex(rows["client_id"], r"^\d+$"), False)) for rows in broken
    )
    assert small.num_rows > 100
    assert large.filter(pc.less_equal(large["client_id"].cast(pa.int64()), 700)).equals(small)


def test_first_vehicles_have_the_same_fills_in_a_larger_run():
    """The example of fills has no client_id, but a vehicle_id starts with its owner's number."""
    small, large = (blocks.vehicle_fills(make_run(clients=clients, months=4)) for clients in (300, 2300))
    assert small.num_rows > 0
    assert large.filter(pc.less(large["vehicle_id"], 301_000)).equals(small)


@pytest.mark.parametrize("table", (*TABLES, "broken_visits", "potential_outcomes"))
def test_rows_and_order_do_not_depend_on_threads_and_units(draw_of, table):
    """Whole ordered tables: one thread, four threads, and a unit that does not divide the number of blocks."""
    clients = 3300 if table in ("client_futures", "potential_outcomes") else 5300
    run = make_run(clients=clients, months=1, knobs={"dirty_share": 0.02, "missing_share": 0.05})
    draw = draw_of(table)
    first = draw(run, workers=1).read_all()
    assert first.num_rows > 0
    assert first.equals(draw(run, workers=4).read_all())
    assert first.equals(draw(run, workers=3, unit=2).read_all())


def test_blocks_do_not_depend_on_the_order_in_which_they_are_drawn():
    """A block is the same whether drawn alone or after others."""
    run = make_run(clients=3000, months=1)
    network = build_network(run)

    def draw(number):
        people = draw_people(run, network, number)
        return draw_visits(run, network, people, draw_history(run, people, number).fills, number)

    backwards = {number: draw(number) for number in (2, 1, 0)}
    assert blocks.visits(run).read_all().equals(pa.concat_tables([backwards[number] for number in (0, 1, 2)]))


@settings(max_examples=8)
@given(clients=st.integers(1, 2 * BLOCK_CLIENTS), seed=st.integers(0, 2**32 - 1))
def test_a_run_has_the_requested_clients_and_unique_ids(clients, seed):
    run = make_run(clients=clients, months=1, seed=seed)
    ids = blocks.clients(run).read_all()["client_id"].to_pylist()
    assert ids == list(range(1, clients + 1))
    visits = blocks.visits(run).read_all()
    assert pc.count_distinct(visits["transaction_id"]).as_py() == visits.num_rows
    assert pc.all(pc.less_equal(visits["client_id"].drop_null(), clients)).as_py() is not False


def test_outcomes_of_a_feature_do_not_depend_on_the_other_features():
    features = reference_features()
    rules = [rule(feature["feature_code"], response_prob=0.5, visits_change=0.1) for feature in features]
    run = make_run(clients=300, months=2)
    everything = blocks.potential_outcomes(run, features, rules, 4).read_all()
    alone = blocks.potential_outcomes(run, features[:1], rules[:1], 4).read_all()
    code = features[0]["feature_code"]
    assert everything.filter(pc.equal(everything["feature_code"], code)).equals(alone)


def test_a_run_on_own_data_has_empty_but_typed_tables():
    from dataclasses import replace

    run = make_run(months=1)
    for table in (*TABLES, "broken_visits", "vehicle_fills", "regions", "stations", "fuel_prices"):
        full, empty = getattr(blocks, table)(run), getattr(blocks, table)(replace(run, clients=0))
        empty = empty.read_all() if isinstance(empty, pa.RecordBatchReader) else empty
        assert empty.num_rows == 0
        assert empty.schema == full.schema
