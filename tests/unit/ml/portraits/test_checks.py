"""Checks of the criteria: counts against a client-by-client count, and findings on ineffective criteria."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ml.portraits.advice import number
from ml.portraits.checks import CHECK_SCHEMA, OVERLAP_SCHEMA, check_criteria, check_portraits
from ml.tables.errors import ColumnTypeError, MissingColumnError
from tests import toy

CRITERIA = toy.read_criteria(Path(__file__).parents[4] / "data" / "reference" / "portraits.json")
LABELS = {"visits_per_month": "Визиты в месяц", "main_fuel_grade": "Основное топливо"}


def criterion(portrait_code, metric_code, *, low=None, high=None, values=None, is_hard=False):
    """Build one criterion named after its metric."""
    return {
        "portrait_code": portrait_code,
        "criterion_code": metric_code,
        "metric_code": metric_code,
        "kind": "range" if values is None else "category",
        "low": low,
        "high": high,
        "values": values,
        "weight": 1.0,
        "is_hard": is_hard,
    }


def criteria(*rows):
    """Table of criteria, input of the checks."""
    return pa.Table.from_pylist(list(rows), schema=toy.CRITERIA_SCHEMA)


def people(count=100, **columns):
    """Clients with visits: 0 to count − 1 visits per month, every third on diesel."""
    return pa.table(
        {
            "client_id": list(range(1, count + 1)),
            "visits_count": [3] * count,
            "visits_per_month": [float(i) for i in range(count)],
            "main_fuel_grade": ["diesel" if i % 3 == 0 else "ai92" for i in range(count)],
        }
        | columns
    )


def checked(metrics, *rows):
    """Checks by (portrait, criterion)."""
    found = check_criteria(metrics, criteria(*rows), LABELS).to_pylist()
    return {(row["portrait_code"], row["criterion_code"]): row for row in found}


@pytest.fixture(scope="module")
def incomplete():
    """Toy clients with missing data: nulls, NaN, a grade that no criterion lists, clients without visits."""
    rng = np.random.default_rng(8)
    metrics, _ = toy.clients(CRITERIA, rng, 500, spread=0.5)
    rows = metrics.to_pylist()
    for row in rows:
        row["visits_count"] = None if rng.random() < 0.05 else int(rng.integers(0, 4))
        for name in ("visits_per_month", "volume_l_per_visit", "has_contract", "main_fuel_grade"):
            row[name] = None if rng.random() < 0.1 else row[name]
        row["tank_volume_l"] = np.nan if rng.random() < 0.1 else row["tank_volume_l"]
        row["main_fuel_grade"] = "kerosene" if rng.random() < 0.1 else row["main_fuel_grade"]
    kind = metrics.schema.append(pa.field("visits_count", pa.int64()))
    return pa.Table.from_pylist(rows, schema=kind)


def met(client, rule):
    """Whether one client meets one criterion, without arrays; None if the value is unknown."""
    value = client[rule["metric_code"]]
    if value is None or value != value:
        return None
    if rule["kind"] == "category":
        return (str(value).lower() if isinstance(value, bool) else value) in rule["values"]
    return (rule["low"] is None or value >= rule["low"]) and (rule["high"] is None or value < rule["high"])


def test_counts_equal_a_client_by_client_count(incomplete):
    clients = [row for row in incomplete.to_pylist() if row["visits_count"]]
    rules = {}
    for rule in CRITERIA.to_pylist():
        rules.setdefault(rule["portrait_code"], []).append(rule)
    found = check_criteria(incomplete, CRITERIA)
    assert found.schema == CHECK_SCHEMA
    assert found.num_rows == CRITERIA.num_rows
    for row in found.to_pylist():
        mine = rules[row["portrait_code"]]
        [this] = [rule for rule in mine if rule["criterion_code"] == row["criterion_code"]]
        known = [client for client in clients if met(client, this) is not None]
        others = [client for client in known if all(met(client, rule) for rule in mine if rule is not this)]
        assert row["known_count"] == len(known)
        assert row["satisfied_count"] == sum(met(client, this) for client in known)
        assert row["satisfied_share"] == row["satisfied_count"] / len(known)
        assert row["others_satisfied_count"] == len(others)
        assert row["excluded_only_count"] == sum(not met(client, this) for client in others)
        assert row["is_binding"] == (row["excluded_only_count"] > 0)
        assert row["is_reachable"] == (row["satisfied_count"] > 0)
    pairs = check_portraits(incomplete, CRITERIA)
    assert pairs.schema == OVERLAP_SCHEMA
    assert pairs.num_rows == len(rules) ** 2
    for row in pairs.to_pylist():
        mine, other = (
            {client["client_id"] for client in clients if all(met(client, rule) for rule in rules[code])}
            for code in (row["portrait_code"], row["other_portrait_code"])
        )
        assert (row["clients_count"], row["both_count"]) == (len(mine), len(mine & other))
        assert row["overlap_share"] == (len(mine & other) / len(mine) if mine else None)
    assert sum(row["both_count"] > 0 for row in pairs.to_pylist()) > len(rules)


def test_order_of_clients_and_criteria_does_not_matter(incomplete):
    rng = np.random.default_rng(1)
    clients = incomplete.take(rng.permutation(incomplete.num_rows))
    rules = CRITERIA.take(rng.permutation(CRITERIA.num_rows))
    assert check_criteria(clients, rules).equals(check_criteria(incomplete, CRITERIA))
    assert check_portraits(clients, rules).equals(check_portraits(incomplete, CRITERIA))


def test_unreachable_range_reports_where_the_clients_are():
    rows = (
        criterion("high", "visits_per_month", low=1000),
        criterion("low", "visits_per_month", high=-2.5),
        criterion("gap", "visits_per_month", low=50.2, high=50.8),
    )
    found = checked(people(), *rows)
    assert {row["finding_code"] for row in found.values()} == {"unreachable"}
    advice = {portrait: row["advice_ru"].replace("\u00a0", " ") for (portrait, _), row in found.items()}
    seen = "а у 90 % клиентов от 4,95 до 94."
    assert advice["high"] == (f"Никто не попадает: «Визиты в месяц» от 1000, {seen} Опустите нижнюю границу ниже 94.")
    assert advice["low"] == f"Никто не попадает: «Визиты в месяц» до -2,5, {seen} Поднимите верхнюю границу выше 4,95."
    assert advice["gap"] == f"Никто не попадает: «Визиты в месяц» от 50,2 до 50,8, {seen} Расширьте диапазон."


def test_a_metric_that_is_the_same_for_all_is_reported_as_one_number():
    found = checked(people(visits_per_month=[4.0] * 100), criterion("a", "visits_per_month", high=4))
    advice = found["a", "visits_per_month"]["advice_ru"].replace("\u00a0", " ")
    assert advice.endswith("а у 90 % клиентов 4. Поднимите верхнюю границу выше 4.")


def test_unreachable_category_reports_the_observed_values():
    found = checked(people(), criterion("a", "main_fuel_grade", values=["lpg", "ai98"]))
    row = found["a", "main_fuel_grade"]
    assert row["observed_values"] == ["ai92", "diesel"]
    assert (row["observed_low"], row["observed_high"]) == (None, None)
    assert row["advice_ru"] == (
        "Никто не попадает: «Основное топливо» из списка ai98, lpg, а у клиентов встречается ai92, diesel. "
        "Исправьте список."
    )


def test_idle_criterion_is_reported_only_if_enough_clients_could_fail_it():
    rows = (
        criterion("many", "visits_per_month", low=0, high=97),
        criterion("many", "main_fuel_grade", values=["diesel"]),
        criterion("many", "client_id", high=91),
        criterion("few", "visits_per_month", low=50),
        criterion("few", "main_fuel_grade", values=["diesel"]),
        criterion("few", "client_id", low=3),
    )
    found = checked(people(), *rows)
    idle = found["many", "visits_per_month"]
    assert (idle["others_satisfied_count"], idle["excluded_only_count"], idle["is_binding"]) == (30, 0, False)
    assert idle["finding_code"] == "never_binds"
    assert "его выполняют все, кто выполняет остальные (клиентов: 30)" in idle["advice_ru"]
    assert found["many", "main_fuel_grade"]["finding_code"] == "ok"
    assert found["many", "main_fuel_grade"]["excluded_only_count"] == 60
    scarce = found["few", "client_id"]
    assert (scarce["others_satisfied_count"], scarce["is_binding"]) == (17, False)
    assert (scarce["finding_code"], scarce["advice_ru"]) == ("ok", None)


def test_criterion_that_all_clients_meet_is_idle_whatever_the_other_criteria():
    rows = (
        criterion("a", "main_fuel_grade", values=["ai92", "diesel"]),
        criterion("a", "visits_per_month", low=99),
        criterion("alone", "visits_per_month", low=0),
    )
    found = checked(people(), *rows)
    for key in (("a", "main_fuel_grade"), ("alone", "visits_per_month")):
        assert found[key]["finding_code"] == "never_binds"
        assert "все клиенты, у которых значение известно (клиентов: 100)" in found[key]["advice_ru"]
    few = checked(people(29), criterion("a", "visits_per_month", low=0))
    assert few["a", "visits_per_month"]["finding_code"] == "ok"


def test_criteria_that_nobody_meets_together_are_reported():
    rows = criterion("a", "visits_per_month", low=97.5), criterion("a", "main_fuel_grade", values=["lpg", "diesel"])
    found = checked(people(99), *rows)
    assert found["a", "visits_per_month"]["finding_code"] == "unreachable_together"
    assert found["a", "visits_per_month"]["advice_ru"] == (
        "Никто не выполняет все критерии сразу: из тех, кто выполняет остальные (клиентов: 33), ни у кого нет "
        "«Визиты в месяц» от 97,5. Ослабьте его или остальные."
    )
    assert (
        "(клиентов: 1), ни у кого нет «Основное топливо» из списка diesel, lpg"
        in (found["a", "main_fuel_grade"]["advice_ru"])
    )


def test_unknown_metric_is_no_data_and_makes_the_portrait_unreachable():
    unknown = people(has_contract=pa.nulls(100), tank_volume_l=[float("nan")] * 100)
    rows = (
        criterion("a", "has_contract", values=["true"]),
        criterion("a", "tank_volume_l", low=1),
        criterion("b", "visits_per_month", low=10),
    )
    found = checked(unknown, *rows)
    for metric in ("has_contract", "tank_volume_l"):
        row = found["a", metric]
        assert (row["finding_code"], row["known_count"], row["satisfied_share"]) == ("no_data", 0, None)
        assert row["advice_ru"].startswith(f"Значение неизвестно ни у одного клиента: «{metric}»")
    reach = {
        (row["portrait_code"], row["other_portrait_code"]): (row["clients_count"], row["overlap_share"])
        for row in check_portraits(unknown, criteria(*rows)).to_pylist()
    }
    assert reach == {("a", "a"): (0, None), ("a", "b"): (0, None), ("b", "a"): (90, 0.0), ("b", "b"): (90, 1.0)}


@pytest.mark.parametrize("visits", [[0] * 100, [None] * 100])
def test_without_visits_there_is_nothing_to_check(visits):
    metrics = people(visits_count=pa.array(visits, pa.int64()))
    rows = criterion("a", "visits_per_month", low=1), criterion("a", "main_fuel_grade", values=["ai92"])
    for row in checked(metrics, *rows).values():
        assert (row["finding_code"], row["known_count"]) == ("no_data", 0)
        assert row["advice_ru"] == "За период нет ни одного клиента с визитами: критерий не на чем проверить."
    assert check_portraits(metrics, criteria(*rows))["clients_count"].to_pylist() == [0]


def test_no_criteria_give_empty_tables():
    assert check_criteria(people(), criteria()).num_rows == 0
    assert check_portraits(people(), criteria()).num_rows == 0


def test_invalid_input_is_rejected():
    with pytest.raises(MissingColumnError, match="lacks columns \\['joy'\\]"):
        check_criteria(people(), criteria(criterion("a", "joy", low=1)))
    with pytest.raises(MissingColumnError, match="visits_count"):
        check_portraits(people().drop_columns(["visits_count"]), criteria(criterion("a", "visits_per_month", low=1)))
    with pytest.raises(ColumnTypeError, match="main_fuel_grade"):
        check_criteria(people(), criteria(criterion("a", "main_fuel_grade", low=1)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.05234, "0,0523"),
        (0.3, "0,3"),
        (24.04, "24"),
        (999.9, "1\u00a0000"),
        (12345.6, "12\u00a0346"),
        (-2.5, "-2,5"),
    ],
)
def test_numbers_are_russian(value, text):
    assert number(value) == text
