"""Portraits as a benchmark learns and stores them."""

import duckdb
import numpy as np

from lab.bench.stages.portraits import repeat_clients, store_scores
from tests import toy


def test_portraits_are_measured_on_clients_repeated_under_ids_of_their_own(tmp_path, root):
    criteria = toy.read_criteria(root / "data" / "reference" / "portraits.json")
    few = toy.clients(criteria, np.random.default_rng(1), 300)[0]
    many = repeat_clients(few, 700)
    assert many["client_id"].to_pylist() == list(range(1, 701))
    assert many["visits_per_month"].to_pylist()[300:600] == few["visits_per_month"].to_pylist()
    said = store_scores(many, criteria, tmp_path / "scores.duckdb")
    with duckdb.connect(str(tmp_path / "scores.duckdb"), read_only=True) as connection:
        assert connection.sql("select count(*) from client_portrait_scores").fetchone() == (said["rows"],) == (8400,)
    assert said["seconds"] >= said["fit_seconds"] > 0
