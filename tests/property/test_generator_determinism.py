"""The same parameters give the same rows; a larger run begins with the smaller one; another seed differs."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import blocks
from generator.streams import BLOCK_CLIENTS
from tests.unit.conftest import features, make_run, rule  # noqa: F401 (a fixture)

TABLES = ("clients", "vehicles", "client_portraits", "visits")


@pytest.mark.parametrize("table", TABLES)
def test_same_parameters_same_rows_and_another_seed_differs(table):
    draw = getattr(blocks, table)
    first = draw(make_run(clients=1200, months=2)).read_all()
    assert first.equals(draw(make_run(clients=1200, months=2)).read_all())
    assert not first.equals(draw(make_run(clients=1200, months=2, seed=43)).read_all())


@pytest.mark.parametrize("table", TABLES)
def test_first_clients_of_a_larger_run_are_the_same_clients(table):
    small = getattr(blocks, table)(make_run(clients=700, months=2)).read_all()
    large = getattr(blocks, table)(make_run(clients=2300, months=2)).read_all()
    kept = large.filter(pc.less_equal(large["client_id"], 700))
    assert kept.equals(small.filter(pc.is_valid(small["client_id"])))


@settings(max_examples=8, deadline=None)
@given(clients=st.integers(1, 2 * BLOCK_CLIENTS), seed=st.integers(0, 2**32 - 1))
def test_every_size_has_its_clients_and_unique_ids(clients, seed):
    run = make_run(clients=clients, months=1, seed=seed)
    ids = blocks.clients(run).read_all()["client_id"].to_pylist()
    assert ids == list(range(1, clients + 1))
    visits = blocks.visits(run).read_all()
    assert pc.count_distinct(visits["transaction_id"]).as_py() == visits.num_rows
    assert pc.all(pc.less_equal(visits["client_id"].drop_null(), clients)).as_py() is not False


def test_outcomes_of_a_feature_do_not_depend_on_the_other_features(features):  # noqa: F811
    rules = [rule(feature["feature_code"], response_prob=0.5, visits_change=0.1) for feature in features]
    run = make_run(clients=300, months=2)
    everything = blocks.potential_outcomes(run, features, rules, 4).read_all()
    alone = blocks.potential_outcomes(run, features[:1], rules[:1], 4).read_all()
    code = features[0]["feature_code"]
    assert everything.filter(pc.equal(everything["feature_code"], code)).equals(alone)


def test_a_run_on_own_data_has_empty_but_typed_tables():
    from dataclasses import replace

    run = make_run(months=1)
    for table in (*TABLES, "regions", "stations", "fuel_prices"):
        full, empty = getattr(blocks, table)(run), getattr(blocks, table)(replace(run, clients=0))
        empty = empty.read_all() if isinstance(empty, pa.RecordBatchReader) else empty
        assert empty.num_rows == 0
        assert empty.schema == full.schema
