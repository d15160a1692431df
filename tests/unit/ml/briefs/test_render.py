"""Briefs state what the tables contain: every number, and every verdict in plain words."""

import re

import numpy as np
import pyarrow as pa
import pytest

from ml.briefs import russian
from ml.briefs.render import write_briefs
from ml.trials.analysis import analyse
from tests import toy

COST = {"rub_per_visit": 20, "rub_per_l": 0, "rub_per_client_per_month": 0, "rub_per_month": 0}
FEATURE = {
    "feature_code": "free_coffee",
    "label_ru": "Бесплатный кофе",
    "description_ru": "Стакан кофе к заправке.",
    "hypothesis_ru": "Визитов станет больше.",
    "primary_metric_code": "visits_per_month",
    "aimed_portraits": ["a"],
    "horizon_weeks": 12,
}
PORTRAITS = pa.table({"portrait_code": ["a", "b"], "label_ru": ["Первый", "Второй"]})
CURVES = pa.table(
    {
        "feature_code": ["free_coffee"],
        "half_life_weeks": [18.25],
        "half_life_weeks_low": [12.5],
        "half_life_weeks_high": pa.array([None], pa.float64()),
    }
)
PLAN = {
    "feature_code": "free_coffee", "effect_ratio": 0.08, "power_prob": 0.8, "control_share": 0.5, "horizon_weeks": 12,
    "clients_needed_count": 1234, "clients_available_count": 300, "weeks_needed": None, "is_ever_possible": False,
}  # fmt: skip
PLANS = pa.Table.from_pylist([PLAN | {"portrait_code": None}, PLAN | {"portrait_code": "a", "is_ever_possible": True}])
PLANS = PLANS.set_column(PLANS.column_names.index("weeks_needed"), "weeks_needed", pa.array([None, 40], pa.int64()))


def results(effect, sizes=None, cost=20.0, basis="experiment"):
    outcomes = toy.trial(np.random.default_rng(1), sizes or {"a": 4000, "b": 4000}, effect=effect, cost_rub=cost)
    settings = [{"feature_code": "free_coffee", "primary_metric_code": "visits_per_month", "cost": COST}]
    table = pa.concat_tables(analyse(outcomes, settings, horizon_weeks=12), promote_options="default")
    column = table.column_names.index("basis_code")
    table = table.set_column(column, "basis_code", pa.array([basis] * table.num_rows))
    if basis != "experiment":
        column = table.column_names.index("verdict_code")
        table = table.set_column(column, "verdict_code", pa.nulls(table.num_rows, pa.string()))
    return table


def brief(table, curves=CURVES, plans=PLANS):
    features = pa.Table.from_pylist([FEATURE])
    (row,) = write_briefs(features, table, curves, plans, PORTRAITS).to_pylist()
    assert row["feature_code"] == "free_coffee"
    return row["brief_ru"]


def test_every_number_is_in_the_tables():
    table = results({"a": 0.2, "b": -0.1})
    text = brief(table)
    allowed = {"95", "0,05", "5"}
    rows = table.to_pylist()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int | float) and value is not None:
                digits = 3 if name == "q_value" else 2 if name.startswith("roi") else 0
                allowed |= {russian.number(abs(value), digits), russian.number(abs(value), 1)}
                allowed.add(russian.number(abs(100 * value), 1))
    allowed |= {"12", "18,3", "18,2", "12,5", "8", "80", russian.number(1234), "300"}
    found = re.findall(r"\d(?:[\d\u00a0]*\d)?(?:,\d+)?", text)
    assert len(found) > 25
    assert set(found) <= allowed


def test_the_results_of_the_feature_are_stated():
    table = results({"a": 0.2, "b": 0.2})
    whole = next(row for row in table.to_pylist() if row["portrait_code"] is None)
    text = brief(table)
    for name in ("incremental_revenue_rub_per_month", "incremental_margin_rub_per_month", "profit_rub_per_month"):
        for end in ("", "_low", "_high"):
            assert russian.signed_roubles(whole[name + end]) in text, name
    for end in ("", "_low", "_high"):
        assert russian.signed_percent(whole[f"reaction_ratio{end}"]) in text
    assert f"p-значение с поправкой на все проверки — {russian.number(whole['q_value'], 3)}" in text
    assert russian.counted(whole["treated_count"], "клиент", "клиента", "клиентов") in text


@pytest.mark.parametrize(
    ("effect", "sizes", "cost", "verdict"),
    [
        (-0.2, None, 20.0, "фича вредит"),
        (0.3, None, 20.0, "фича работает и окупается"),
        (0.3, None, 400.0, "работает, но стоит дороже, чем приносит"),
        (0.0, None, 20.0, "заметного действия нет"),
        (0.1, {"a": 30, "b": 30}, 20.0, "данных мало"),
    ],
)
def test_the_verdict_is_stated_in_plain_words(effect, sizes, cost, verdict):
    assert verdict in brief(results(effect, sizes, cost)).split("**Что.**")[0]


def test_a_harmed_portrait_is_listed_even_if_the_feature_works():
    text = brief(results({"a": 0.4, "b": -0.2}))
    assert "Вредит портретам: Второй — " in text
    assert "Им её не предлагать." in text


def test_a_scenario_by_rules_is_labelled_as_one():
    text = brief(results(0.1, basis="rules_scenario"))
    assert "это сценарий по правилам, а не измерение" in text
    assert "Опыта не было" in text
    assert "p-значение" not in text


def test_unknown_values_are_stated_as_unknown():
    text = brief(results(0.1, {"a": 1, "b": 1}), curves=CURVES.slice(0, 0), plans=PLANS.slice(0, 0))
    assert "неизвестно" in text
    assert "Интерес спадает" not in text
    assert "объём пилота рассчитать нельзя" in text
    assert "None" not in text
    assert "nan" not in text


def test_an_infeasible_pilot_is_not_promised():
    text = brief(results(0.1))
    assert "нужно 1\u00a0234\u00a0клиента" in text
    assert "Даже за год на всех, кто есть, такое изменение не увидеть." in text
    assert "можно увидеть у портретов: Первый; остальные слишком малы" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.4, "1\u00a0234\u00a0567"),
        (-7.0, "−7"),
        (0.4, "0"),
        (-0.2, "0"),
        (None, "неизвестно"),
        (np.nan, "неизвестно"),
    ],
)
def test_numbers_are_formatted_in_russian(value, text):
    assert russian.number(value) == text
    assert russian.roubles(value) == (text if text == "неизвестно" else f"{text}\u00a0₽")


def test_nouns_agree_with_their_number():
    words = ("клиент", "клиента", "клиентов")
    found = [russian.counted(n, *words).split("\u00a0")[-1] for n in (1, 2, 5, 11, 12, 21, 24, 111, 1001)]
    assert found == [words[0], words[1], words[2], words[2], words[2], words[0], words[1], words[2], words[0]]
    assert russian.signed_percent(0.0004) == "0,0\u00a0%"
    assert russian.signed_percent(0.12) == "+12,0\u00a0%"
