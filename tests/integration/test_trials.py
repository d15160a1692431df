"""The harness of repeated trials, with few replicates of the default run."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from lab.summary.trials import coverage_table, discovery_table
from lab.trials.grades import GRADED, expected
from lab.trials.repeat import KINDS, WORLDS, trials
from lab.trials.replays import read_setup, repeat, without_effects
from twinlab.parameters import Parameters

pytestmark = pytest.mark.slow

REFERENCE = Path(__file__).parents[2] / "data" / "reference"


@pytest.fixture(scope="module")
def connection(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as opened:
        yield opened


def parameters(connection):
    clients, seed = connection.sql("select clients_count, seed from marts.run_info").fetchone()
    return Parameters(clients=clients, seed=seed)


def test_the_mean_of_the_replicates_is_the_expected_effect(connection):
    """Replays by `generator.worlds.replay` agree with the true effects of the generator, feature by feature."""
    setup = read_setup(connection, REFERENCE, parameters(connection))
    found = repeat(setup, setup.rules, range(12))
    truth = expected(found, setup.settings, horizon_weeks=setup.weeks)[:, GRADED.index("incremental_visits_per_month")]
    stated = dict(
        connection.sql("""
            select feature_code, sum(effects.uplift_visits_per_month)
            from truth.client_effects as effects
            inner join marts.fct_reactions as reactions using (client_id, feature_code)
            where reactions.is_eligible
            group by feature_code
        """).fetchall()
    )
    whole = np.stack([each.worlds[:, 0, 1] - each.worlds[:, 0, 0] for each in found])
    for index, (code, portrait) in enumerate(found[0].cells):
        if portrait is None:
            length = setup.weeks * 7 / 30.4375
            error = whole[:, index].std(ddof=1) / np.sqrt(len(found)) / length
            assert abs(truth[index] - stated[code]) < 5 * error + 1e-9, code


def test_the_same_replicate_is_the_same(connection):
    setup = read_setup(connection, REFERENCE, parameters(connection))
    first, again = (repeat(setup, setup.rules, [7], jobs=jobs)[0] for jobs in (1, 2))
    np.testing.assert_array_equal(first.found, again.found)
    np.testing.assert_array_equal(first.worlds, again.worlds)


def test_without_effects_nothing_changes(connection):
    setup = read_setup(connection, REFERENCE, parameters(connection))
    (found,) = repeat(setup, without_effects(setup.rules, setup.settings), [3])
    np.testing.assert_allclose(found.worlds[:, :5, 1], found.worlds[:, :5, 0])
    assert found.worlds[:, 6, 1].sum() > 0  # clients still respond


def test_every_world_is_graded(connection):
    rows = trials(connection, parameters(connection), REFERENCE, replicates=4)
    assert {row["world_code"] for row in rows} == set(WORLDS)
    assert {row["kind_code"] for row in rows} == {*KINDS, "all"}
    shares = [row["value"] for row in rows if row["grade_code"] == "covered_share"]
    assert len(shares) == len(WORLDS) * len(KINDS) * len(GRADED)
    # Few replicates but many cells: a coverage far from 95 % would mean a defect of the harness.
    assert 0.85 < np.nanmean(shares) <= 1
    texts = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    assert coverage_table(texts).count("\n") == len(GRADED) + 1
    assert discovery_table(texts).count("\n") == len(WORLDS) + 1
