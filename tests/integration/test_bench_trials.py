"""Trials as `make bench` measures them are those of the warehouse."""

import duckdb
import pytest

from generator import blocks
from lab.bench.stages.raw import run_of
from lab.bench.stages.trials import INPUTS, outcome_bytes, read_inputs, try_features
from twinlab.layout import Layout

pytestmark = pytest.mark.slow

LAYOUT = Layout.here({})


@pytest.fixture(scope="module")
def inputs(warehouse, tmp_path_factory):
    """Return a folder with what trials start from."""
    folder = tmp_path_factory.mktemp("inputs")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for model in INPUTS.values():
            connection.sql(f"from {model}").write_parquet(str(folder / f"{model}.parquet"))
    return folder


def test_trials_of_the_bench_are_those_of_the_warehouse(warehouse, inputs, tmp_path):
    """The same clients, steps and seed give the results of `make run`."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        published = connection.sql("from marts.mart_feature_metrics order by feature_code").to_arrow_table()
        clients = connection.sql("select count(*) from portraits.client_profiles").fetchone()[0]
    given = read_inputs(inputs, clients, 0)
    found = try_features(LAYOUT, run_of(LAYOUT, clients), given, tmp_path / "trials.duckdb")
    assert found["rows"] == clients * found["features"]
    assert found["seconds"] == pytest.approx(sum(found["steps"].values()))
    for name in ("treated_count", "conversion_share", "reaction_ratio", "profit_rub_per_month", "p_value"):
        assert found["results"][name].to_pylist() == pytest.approx(published[name].to_pylist(), nan_ok=True), name


def test_one_more_feature_is_a_trial_of_its_own(inputs, tmp_path):
    given = read_inputs(inputs, 200, 1)
    found = try_features(LAYOUT, run_of(LAYOUT, 200), given, tmp_path / "trials.duckdb")["results"].to_pylist()
    by_code = {row["feature_code"]: row for row in found}
    (again,) = (code for code in by_code if code.endswith("_again"))
    assert len(by_code) == 10
    assert by_code[again]["eligible_count"] == by_code[again.removesuffix("_again")]["eligible_count"]
    assert by_code[again]["conversion_share"] != by_code[again.removesuffix("_again")]["conversion_share"]


def test_outcomes_are_as_wide_as_their_arrow_columns(inputs):
    given = read_inputs(inputs, 1, 0)
    features, rules = given["features"].to_pylist(), given["rules"].to_pylist()
    drawn = blocks.potential_outcomes(run_of(LAYOUT, 1000), features, rules, features[0]["horizon_weeks"]).read_all()
    assert outcome_bytes(LAYOUT, inputs) * drawn.num_rows == pytest.approx(drawn.nbytes)
