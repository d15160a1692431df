"""The query of the plans page: the planner's formula, and close to the exact numbers of ml.planning.power."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ml.planning.planner import plan
from tests import plans, toy
from tests.site_queries import QUERIES

HORIZON = 12
COEFFICIENTS = (
    "feature_code, portrait_code, power_prob, normal_factor, clients_available_count, units_available_count, "
    "unit_size, fixed_variance_ratio, weekly_variance_ratio, cluster_variance_ratio, level_square_ratio, response_share"
)
SETTINGS = ("effect_ratio", "control_share", "trial_weeks")


def exact(window, unit: str, share: float, **settings) -> pa.Table:
    """Plans of one feature as in the warehouse."""
    feature = {"feature_code": "free_coffee", "primary_metric_code": "visits_per_month", "randomization_unit": unit}
    rules = [
        {"feature_code": "free_coffee", "portrait_code": code, "response_prob_mean": share} for code in ("a", "b", "c")
    ]
    return plan(*window, pa.Table.from_pylist(rules), [feature], horizon_weeks=HORIZON, **settings)


def compute(coefficients: pa.Table, settings: list[tuple[float, float, float]]) -> list[dict]:
    """Run the site's query unchanged, with each name in it replaced by a table."""
    query = (QUERIES / "ab_plan_results.sql").read_text(encoding="utf-8")
    query = query.replace("${ab_plan_coefficients}", "coefficients").replace("${ab_plan_settings}", "settings")
    always = {"feature_code": "free_coffee", "has_portraits": True}
    rows = [always | dict(zip(SETTINGS, row, strict=True)) for row in settings]
    with duckdb.connect() as connection:
        connection.register("plans", coefficients)
        connection.register("settings", pa.Table.from_pylist(rows))
        connection.execute(f"create table coefficients as select distinct {COEFFICIENTS} from plans")
        found = connection.sql(query)
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def window():
    """Two portraits with an estimate, and one with too few clients for it."""
    return toy.window(np.random.default_rng(1), {"a": 3000, "b": 150, "c": 8}, stations_count=90, new_share=0.1)


def drawn(count: int) -> list[tuple[float, float, float]]:
    """Settings off the grid: effect, control share, weeks."""
    rng = np.random.default_rng(4)
    return [
        (float(rng.integers(10, 501)) / 1000, float(rng.integers(50, 501)) / 1000, float(rng.integers(1, 53)))
        for _ in range(count)
    ]


@pytest.mark.parametrize("unit", ["client", "home_station"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 1.0])
def test_the_query_solves_the_formula(window, unit, share):
    found = compute(exact(window, unit, share, effects=(0.1,), control_shares=(0.5,)), drawn(60))
    assert len(found) == 60 * 2 * 4
    reasons = set()
    for row in found:
        wanted = plans.plan(row, *(row[name] for name in SETTINGS))
        smallest = wanted.pop("min_effect_ratio")
        assert {name: row[name] for name in wanted} == wanted
        assert row["min_effect_ratio"] == (smallest and pytest.approx(smallest, rel=1e-9))
        reasons.add(row["reason_code"])
    assert reasons == {"ok", "too_small", "no_variance"}


@pytest.mark.parametrize("unit", ["client", "home_station"])
def test_the_query_is_close_to_the_exact_numbers(window, unit):
    """Within two units, as the page says; effects and weeks are checked through the corresponding number of units."""
    chosen = [(effect, control, float(HORIZON)) for effect, control, _ in drawn(30)]
    compared = 0
    for effect, control, weeks in chosen:
        table = exact(window, unit, 0.2, effects=(effect,), control_shares=(control,))
        expected = {(row["portrait_code"], row["power_prob"]): row for row in table.to_pylist()}
        for row in compute(table, [(effect, control, weeks)]):
            exact_row = expected[row["portrait_code"], row["power_prob"]]
            if exact_row["clients_needed_count"] is None:
                assert row["clients_needed_count"] is None
                continue
            assert abs(row["clients_needed_count"] - exact_row["clients_needed_count"]) <= 2 * row["unit_size"] + 1
            assert (row["min_effect_ratio"] is None) == (exact_row["min_effect_ratio"] is None)
            if exact_row["min_effect_ratio"] is not None:
                units = plans.clients(row, exact_row["min_effect_ratio"], control, weeks) / row["unit_size"]
                assert abs(units - row["units_available_count"]) <= 2
            compared += 1
    assert compared == 30 * 2 * 3


def test_nobody_eligible_and_nothing_known_have_different_reasons(window):
    blocks, people, arms = window
    nobody = arms.set_column(arms.column_names.index("is_eligible"), "is_eligible", pa.array([False] * arms.num_rows))
    for row in compute(exact((blocks, people, nobody), "client", 0.2), [(0.1, 0.5, 12.0)]):
        assert row["reason_code"] == "nobody_eligible"
        assert row["clients_needed_count"] is row["weeks_needed"] is row["min_effect_ratio"] is None
    found = {row["portrait_code"]: row for row in compute(exact(window, "client", 0.2), [(0.5, 0.05, 12.0)])}
    assert found["c"]["reason_code"] == "no_variance"
    assert found["c"]["clients_needed_count"] is None
    # Ten clients in a control arm of 5 % need 200 clients, more than there are.
    assert found["b"]["clients_needed_count"] == 200
    assert found["b"]["reason_code"] == "too_small"
    assert found["b"]["min_effect_ratio"] is None
