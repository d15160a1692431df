"""Pilots in own files through dbt: a planted effect is recovered, and pre-periods use nothing after the start."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.builds import NO_UNIT_TESTS, dbt
from vocabulary.units import MONTH_DAYS

ROOT = Path(__file__).parents[2]
FIRST, DAYS = date(2025, 1, 1), 243
LAST = FIRST + timedelta(days=DAYS - 1)
CLIENTS, STATIONS = 600, 40
WINDOW = 90
GROWTH = 0.3
"""Relative effect of the coffee offer on the visits of a client."""

COFFEE_START = date(2025, 5, 5)
HOME_STARTS = [date(2025, 7, 14) + timedelta(days=days) for days in range(8)]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network():
    """Return visits (client, day) of a network that offers coffee to half of its clients, and the rows of pilots."""
    rng = np.random.default_rng(11)
    client = np.arange(1, CLIENTS + 1)
    often = rng.gamma(4, 4 / 4, CLIENTS) / MONTH_DAYS
    station = 1 + client % STATIONS
    has_coffee, at_home = rng.random(CLIENTS) < 0.5, rng.random(CLIENTS) < 0.5
    fast = np.isin(station, rng.permutation(STATIONS)[: STATIONS // 2] + 1)
    rate = np.repeat(often[:, None], DAYS, axis=1)
    rate[:, (COFFEE_START - FIRST).days :] *= 1 + GROWTH * has_coffee[:, None]
    visits = np.argwhere(rng.random(rate.shape) < rate) + [1, 0]
    # A visit on the last day gives the history its full length.
    visits = np.vstack([visits, [[1, DAYS - 1]]])
    starts = [HOME_STARTS[each % len(HOME_STARTS)] for each in client]
    everyone = range(CLIENTS)
    rows = [
        *([client[i], "free_coffee", int(has_coffee[i]), COFFEE_START, int(has_coffee[i] and i % 3 == 0),
           100 * has_coffee[i], ""] for i in everyone),
        *([client[i], "home_station", "да" if at_home[i] else "нет", f"{starts[i]:%d.%m.%Y}", "", "", ""]
          for i in everyone),
        *([client[i], "fast_service", fast[i], COFFEE_START, "", "", f"АЗС {station[i]}"] for i in everyone),
        *([client[i], "eco_offers", 1, COFFEE_START, "", "", ""] for i in range(50)),
        *([client[i], "personal_recommendations", int(i == 0), COFFEE_START, "", "", ""] for i in range(50)),
        *([client[i], "onboarding", i % 2, LAST - timedelta(days=3), 1, "", ""] for i in range(50)),
        # Unknown clients, and an invalid arm.
        *([9000 + i, "vip_service", i % 2, COFFEE_START, "", "", ""] for i in range(20)),
        *([client[i], "fuel_discount", 2, COFFEE_START, "", "", ""] for i in range(20)),
    ]  # fmt: skip
    return {
        "visits": visits,
        "has_coffee": has_coffee,
        "at_home": at_home,
        "fast": fast,
        "starts": starts,
        "rows": rows,
    }


def write(folder, network):
    """Write the three files of the network."""
    folder.mkdir()
    tables = {
        "clients": (["client_id", "client_type"], [[each, "private"] for each in range(1, CLIENTS + 1)]),
        "transactions": (
            ["transaction_id", "client_id", "vehicle_id", "station_id", "occurred_at", "fuel_grade", "volume_l",
             "fuel_amount_rub", "shop_amount_rub"],
            [
                [number, who, f"{who}-{day // 200}", 1 + who % STATIONS,
                 datetime.combine(FIRST, datetime.min.time()) + timedelta(days=int(day), hours=8 + number % 12),
                 "ai95", 30 + number % 7, 60 * (30 + number % 7), 50 * (number % 3)]
                for number, (who, day) in enumerate(network["visits"], start=1)
            ],
        ),
        "experiments": (
            ["client_id", "feature_code", "is_treated", "started_on", "has_responded", "cost_rub", "group_id"],
            network["rows"],
        ),
    }  # fmt: skip
    for name, (header, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return folder


@pytest.fixture(scope="module")
def ask(network, tmp_path_factory):
    """Return a function that queries a warehouse built from the network's files; rows as dictionaries."""
    folder = tmp_path_factory.mktemp("pilots")
    chosen = ("--indirect-selection", "cautious", "--select", "+run_info", "fct_client_metrics")
    warehouse = dbt(folder, "build", *NO_UNIT_TESTS, *chosen, source=str(write(folder / "network", network)))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield lambda sql: connection.sql(sql).to_arrow_table().to_pylist()


@pytest.fixture(scope="module")
def results(ask):
    return {row["feature_code"]: row for row in ask("from marts.mart_feature_metrics")}


def counted(network, starts, first, days):
    """Count visits of each client in `days` days from `first` days after its start, shape (clients,)."""
    start = np.array([(each - FIRST).days for each in starts])
    who, day = network["visits"].T
    since = day - start[who - 1]
    chosen = (since >= first) & (since < first + days)
    return np.bincount(who[chosen] - 1, minlength=CLIENTS)


def test_planted_effect_is_recovered(results):
    row = results["free_coffee"]
    assert (row["basis_code"], row["verdict_code"], row["horizon_weeks"]) == ("experiment", "works", 12)
    assert row["reaction_ratio_low"] < GROWTH < row["reaction_ratio_high"]
    assert row["reaction_ratio_high"] - row["reaction_ratio_low"] < 0.3


def test_each_client_is_measured_from_its_own_start(network, ask):
    """Twelve weeks from one day; six weeks (all that is observed after the latest start) from eight different days."""
    for code, starts, weeks in (
        ("free_coffee", [COFFEE_START] * CLIENTS, 12),
        ("home_station", network["starts"], 6),
    ):
        rows = ask(f"from experiments.pilot_outcomes where feature_code = '{code}' order by client_id")
        assert [row["started_on"] for row in rows] == starts
        after = counted(network, starts, 0, 7 * weeks)
        np.testing.assert_array_equal([row["visits_count"] for row in rows], after)
        before = counted(network, starts, -WINDOW, WINDOW) * MONTH_DAYS / WINDOW
        np.testing.assert_allclose([row["pre_visits_per_month"] for row in rows], before)


def test_pre_periods_use_nothing_after_the_start(ask):
    """Every client has a second car from day 200, after the start of the coffee pilot."""
    cars = "select max(vehicles_count) as most from experiments.pilot_outcomes where feature_code = '{}'"
    assert ask("select max(vehicles_count) as most from marts.fct_client_metrics") == [{"most": 2}]
    assert ask(cars.format("free_coffee")) == [{"most": 1}]
    followed = "select distinct month_end_on as day from marts.mart_portrait_migration order by day"
    assert [row["day"] for row in ask(followed)] == [date(2025, month, day) for month, day in MONTH_ENDS]


MONTH_ENDS = ((4, 30), (5, 31), (6, 30), (7, 31), (8, 31))


def test_arms_are_those_of_the_file(network, ask):
    rows = ask("select * from marts.fct_reactions where feature_code = 'free_coffee' order by client_id")
    assert [row["is_treated"] for row in rows] == network["has_coffee"].tolist()
    assert all(row["is_eligible"] for row in rows)
    responses = [row["has_responded"] for row in rows if row["is_treated"]]
    assert 0 < sum(responses) < len(responses)
    few = ask(
        "select count(*) filter (is_eligible) as eligible, count(is_treated) as assigned "
        "from marts.fct_reactions where feature_code = 'onboarding'"
    )
    assert few == [{"eligible": 50, "assigned": 50}]


def test_costs_and_responses_are_those_of_the_file(network, results):
    coffee = results["free_coffee"]
    months = 12 * 7 / MONTH_DAYS
    assert coffee["cost_rub_per_month"] == pytest.approx(CLIENTS * 100 / months)
    who = np.arange(CLIENTS)[network["has_coffee"]]
    assert coffee["conversion_share"] == np.mean(who % 3 == 0)
    home = results["home_station"]
    # Not in the file: no conversion, and the cost of all litres of the treated (0.6 ₽ each) as an upper bound.
    assert home["conversion_share"] is None
    assert home["cost_rub_per_month"] > 0
    # The margin of fuel is not in the files.
    assert {results[code]["profit_rub_per_month"] for code in results} == {None}


def test_randomised_stations_are_analysed_as_clusters(ask, results):
    groups = ask("select count(distinct group_id) as n from experiments.experiment_outcomes where group_id is not null")
    assert groups == [{"n": STATIONS}]
    row = results["fast_service"]
    assert (row["basis_code"], row["treated_count"], row["control_count"]) == ("experiment", 300, 300)
    assert row["reaction_ratio_low"] < 0 < row["reaction_ratio_high"]


def test_an_inconclusive_trial_says_so(results):
    """No control, one client in an arm, or younger than a week; rejected rows leave a feature to the rules."""
    for code, weeks, arms in (
        ("eco_offers", 12, (50, 0)),
        ("personal_recommendations", 12, (1, 49)),
        ("onboarding", 0, (25, 25)),
    ):
        row = results[code]
        assert (row["basis_code"], row["verdict_code"], row["horizon_weeks"]) == (
            "experiment",
            "too_little_data",
            weeks,
        )
        assert (row["treated_count"], row["control_count"]) == arms
        unknown = (
            "reaction_ratio",
            "incremental_visits_per_month",
            "cost_rub_per_month",
            "p_value",
            "conversion_share",
        )
        assert {row[name] for name in unknown} == {None}
        assert row["sample_ratio_p_value"] is None
    for code in ("vip_service", "fuel_discount", "corporate_reporting"):
        assert (results[code]["basis_code"], results[code]["verdict_code"]) == ("rules_scenario", None)


def test_the_run_reports_what_was_measured(ask):
    (run,) = ask("from marts.run_info")
    assert (run["has_experiment"], run["measured_features_count"]) == (True, 3)
    assert (run["experiments_read_count"], run["experiments_quarantined_count"]) == (1990, 40)
    measured, unmeasured, rest = run["note_ru"].split(". ")
    assert all(label in measured for label in ("«Бесплатный кофе за заправку»", "«Скорость обслуживания»"))
    assert "«Экологичные предложения»" in unmeasured
    assert rest.startswith("Реакции на остальные фичи — сценарий по правилам")
    reasons = ask("select reason_code, count(*) as n from quarantine.experiments group by all order by all")
    assert reasons == [{"reason_code": "bad_flag", "n": 20}, {"reason_code": "unknown_client", "n": 20}]
    assert ask("select experiments_lost_count as lost from staging.stg_own__intake") == [{"lost": 0}]


def test_briefs_state_the_length_of_the_pilot(ask):
    briefs = {row["feature_code"]: row["brief_ru"] for row in ask("from marts.mart_feature_briefs")}
    assert len(briefs) == 9
    assert "**Вывод: фича работает" in briefs["free_coffee"]
    assert ", 12\N{NO-BREAK SPACE}недель." in briefs["free_coffee"]
    assert ", 6\N{NO-BREAK SPACE}недель." in briefs["home_station"]
    assert "начат меньше недели назад" in briefs["onboarding"]
    assert "Опыта не было." in briefs["vip_service"]


def test_a_pilot_has_no_breakdown_of_its_costs(ask):
    """Nor response weeks or margins, so there are no coefficients, weekly effects or targets of single clients."""
    rows = ask("from marts.mart_whatif_coefficients where basis_code = 'experiment'")
    assert {row["feature_code"] for row in rows} >= {"free_coffee", "home_station", "fast_service"}
    names = ("served_visits_per_client_per_month", "covariance_fuel_fuel", "margin_t_factor", "cost_high_factor")
    assert {(row["estimated_count"], *(row[name] for name in names)) for row in rows} == {(0, *(None for _ in names))}
    assert ask("from marts.mart_whatif_coefficients where basis_code <> 'experiment' and estimated_count > 0")
    assert ask("from marts.mart_effect_dynamics") == ask("from marts.mart_targeting_curve") == []
    reactions = ask("select is_eligible, is_own_estimate from marts.fct_reactions where feature_code = 'free_coffee'")
    assert {tuple(row.values()) for row in reactions} == {(True, False)}
