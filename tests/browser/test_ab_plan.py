"""The A/B planner page computes the formula of ml.planning.planner, close to the exact plans of the warehouse."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests import plans
from tests.browser.browser_settings import IS_SHOWN, NBSP, TURN, open_at, rounded, table_rows, time_turns
from tests.browser.browser_site import PHONE, WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PERCENT = 100
STARTS = {"effect": 10, "control": 50, "power": 80}
EXACT_CASES = 6
OFF_GRID = (
    {"effect": 7.3, "weeks": 9, "control": 35, "power": 90},
    {"effect": 1, "weeks": 52, "control": 50, "power": 80},
    {"effect": 50, "weeks": 1, "control": 5, "power": 90},
    {"effect": 23.4, "weeks": 31, "control": 12.5, "power": 80},
    {"effect": 4, "weeks": 20, "control": 20, "power": 80},
)


@pytest.fixture(scope="module")
def features(warehouse) -> list[str]:
    """Return the codes of the features with plans, features of stations first and last."""
    rows = warehouse.sql(
        """
        select feature_code from marts.mart_ab_planner where portrait_code is null
        group by feature_code, randomization_unit order by randomization_unit, feature_code
        """
    ).fetchall()
    assert len(rows) > 1
    return [code for (code,) in [rows[-1], *rows[:-1]]]


def _rows(warehouse, feature_code: str, values: dict) -> dict[str | None, dict]:
    """Return the coefficients, and the exact plan if it exists, by portrait; the whole feature under None."""
    query = warehouse.execute(
        """
        with coefficients as (
            select distinct on (portrait_code) plans.*, portraits.label_ru as portrait
            from marts.mart_ab_planner as plans
            left join marts.dim_portraits as portraits on plans.portrait_code = portraits.portrait_code
            where plans.feature_code = $code and power_prob = $power
            order by portrait_code, effect_ratio
        )
        select c.*, exact.clients_needed_count as exact_count
        from coefficients as c
        left join marts.mart_ab_planner as exact
            on exact.feature_code = c.feature_code and exact.portrait_code is not distinct from c.portrait_code
            and exact.power_prob = c.power_prob and exact.horizon_weeks = $weeks
            and exact.effect_ratio = $effect and exact.control_share = $control
        """,
        {
            "code": feature_code,
            "weeks": values["weeks"],
            **{name: round(values[name] / PERCENT, 12) for name in ("effect", "control", "power")},
        },
    )
    names = [column[0] for column in query.description]
    rows = [dict(zip(names, row, strict=True)) for row in query.fetchall()]
    return {row["portrait"]: row for row in rows}


def _planned(row: dict, values: dict) -> dict:
    return plans.plan(row, values["effect"] / PERCENT, values["control"] / PERCENT, values["weeks"])


def _numbers(row: dict, plan: dict) -> list[str]:
    smallest = plan["min_effect_ratio"]
    return [
        rounded(plan["clients_needed_count"]),
        rounded(row["clients_available_count"]),
        rounded(plan["weeks_needed"]),
        "—" if smallest is None else f"{rounded(PERCENT * smallest, 1)}{NBSP}%",
    ]


def _verdict(plan: dict, weeks: float) -> str:
    if plan["reason_code"] != "ok":
        return {"too_small": "никогда", "no_variance": "не сосчитать"}[plan["reason_code"]]
    return "хватит" if plan["weeks_needed"] <= weeks else "мало"


def _check(page, warehouse, feature_code: str, values: dict) -> int:
    """Compare every number of the page with the formula; return how many were also compared with exact plans."""
    rows = _rows(warehouse, feature_code, values)
    planned = {portrait: _planned(row, values) for portrait, row in rows.items()}
    whole = _numbers(rows[None], planned[None])
    assert page.locator("article .result .figure .number").all_inner_texts() == whole
    answer = page.inner_text("article .answer")
    if planned[None]["clients_needed_count"] is not None:
        assert f"нужно клиентов: {whole[0]}, а предложить можно {whole[1]}." in answer
        assert ("Хватит" in answer) == (_verdict(planned[None], values["weeks"]) == "хватит")
    wanted = {
        portrait: [_verdict(plan, values["weeks"]), *_numbers(rows[portrait], plan)]
        for portrait, plan in planned.items()
        if portrait and plan["reason_code"] != "nobody_eligible"
    }
    shown = table_rows(page)
    assert shown == wanted
    compared = 0
    for portrait, row in rows.items():
        if row["exact_count"] is not None:
            text = whole[0] if portrait is None else shown[portrait][1]
            count = int(re.sub(r"\D", "", text))
            assert abs(count - row["exact_count"]) <= 2 * row["unit_size"] + 1, portrait
            compared += 1
    return compared


def _turn(page, values: dict) -> None:
    page.get_by_label(f"{values['power']}{NBSP}%", exact=True).check()
    page.evaluate(TURN, {code: value for code, value in values.items() if code != "power"})


def _set(page, values: dict) -> None:
    """Set values by typing, because a slider moves in whole steps."""
    page.get_by_label(f"{values['power']}{NBSP}%", exact=True).check()
    for code in ("effect", "weeks", "control"):
        page.locator(f"#ab_plan-{code}-typed").fill(str(values[code]))
        page.keyboard.press("Enter")
    page.evaluate(TURN, {})


@pytest.mark.parametrize("case", range(EXACT_CASES))
def test_at_the_settings_of_the_warehouse_numbers_are_close_to_its_own(
    open_page, warehouse, watch, features, case: int
) -> None:
    chosen = []
    for name in ("effect_ratio", "control_share", "power_prob", "horizon_weeks"):
        found = warehouse.sql(f"select distinct {name} from marts.mart_ab_planner order by 1").fetchall()
        chosen.append(found[case % len(found)][0])
    effect, control, power, weeks = chosen
    values = {name: round(PERCENT * share, 9) for name, share in (("effect", effect), ("control", control))}
    values |= {"power": round(PERCENT * power), "weeks": weeks}
    code = features[case % len(features)]
    page = open_page("/ab-planner/")
    open_at(page, code)
    _turn(page, values)
    assert _check(page, warehouse, code, values) > 0
    assert not watch.problems, watch.problems


@pytest.mark.parametrize("case", range(len(OFF_GRID)))
def test_at_other_settings_numbers_are_those_of_the_formula(open_page, warehouse, watch, features, case: int) -> None:
    values, code = OFF_GRID[case], features[-case]
    page = open_page("/ab-planner/")
    open_at(page, code)
    _set(page, values)
    _check(page, warehouse, code, values)
    assert "Итоги фич на этом сайте" in page.inner_text("article .result")
    assert not watch.problems, watch.problems


def test_the_curve_is_the_formula_at_each_effect(open_page, warehouse, features) -> None:
    values = {"effect": 7.3, "weeks": 9, "control": 35, "power": 80}
    page = open_page("/ab-planner/")
    open_at(page, features[-1])
    _set(page, values)
    page.locator("article .trend details.data-behind summary").click()
    row = _rows(warehouse, features[-1], values)[None]
    lines = page.locator("article .trend details.data-behind tbody tr").all_inner_texts()
    drawn = [line.split("\t") for line in lines]
    assert len(drawn) > 10
    for effect, count, available, chosen in drawn:
        percent = float(effect.removeprefix("Эффект ").removesuffix(f"{NBSP}%").replace(",", "."))
        wanted = rounded(_planned(row, values | {"effect": percent})["clients_needed_count"])
        assert (count, available) == (wanted, rounded(row["clients_available_count"])), effect
        assert chosen == (wanted if percent == values["effect"] else "—")
    assert f"Эффект 7,3{NBSP}%" in [effect for effect, *_ in drawn]


def test_the_address_restores_the_settings(open_page, warehouse, watch, features) -> None:
    code = features[0]
    values = {"effect": 8, "weeks": 20, "control": 20, "power": 90}
    page = open_page("/ab-planner/")
    open_at(page, code)
    _turn(page, values)
    page.wait_for_function("location.hash.includes('power=90')")
    link = urlsplit(page.url).fragment
    assert link == f"feature={code}&effect=8&weeks=20&control=20&power=90"

    again = open_page(f"/ab-planner/#{link}")
    again.wait_for_function(IS_SHOWN, arg=code)
    _check(again, warehouse, code, values)

    again.get_by_role("button", name="Сбросить").click()
    again.evaluate(TURN, {})
    horizon = warehouse.sql("select max(horizon_weeks) from marts.mart_ab_planner").fetchone()[0]
    _check(again, warehouse, code, STARTS | {"weeks": horizon})
    assert not watch.problems, watch.problems


def test_a_broken_link_sets_nothing(open_page, warehouse, watch, features) -> None:
    horizon = warehouse.sql("select max(horizon_weeks) from marts.mart_ab_planner").fetchone()[0]
    code = features[0]
    page = open_page(f"/ab-planner/#feature={code}&effect=1;--&weeks=x'+or+1=1&control=&power=85")
    page.wait_for_function(IS_SHOWN, arg=code)
    _check(page, warehouse, code, STARTS | {"weeks": horizon})

    unknown = open_page("/ab-planner/#feature=no_such'+or+'1'='1&effect=3")
    chosen = unknown.get_by_label("Фича", exact=True).input_value()
    assert chosen in features
    unknown.wait_for_function(IS_SHOWN, arg=chosen)
    _check(unknown, warehouse, chosen, STARTS | {"weeks": horizon})
    assert not watch.problems, watch.problems


def test_a_slider_answers(open_page, warehouse, features, record_property, capsys) -> None:
    page = open_page("/ab-planner/")
    open_at(page, features[-1])
    turns = [{"effect": effect} for effect in (8, 20, 5, 30, 3, 40, 12)]
    turns += [{"weeks": weeks} for weeks in (4, 30, 8, 52, 16, 26, 10)]
    turns += [{"control": share} for share in (10, 45, 25, 5, 40, 15, 20)]
    time_turns(page, turns, record_property, capsys)
    _check(page, warehouse, features[-1], {"effect": 12, "weeks": 10, "control": 20, "power": 80})


def test_keyboard_on_a_phone(open_page) -> None:
    page = open_page("/ab-planner/", PHONE)
    slider = page.get_by_label("Какой эффект увидеть", exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == f"11{NBSP}%"
    page.evaluate(TURN, {})
    assert f"на 11{NBSP}%" in page.inner_text("article .answer")
    assert page.evaluate(WIDTH) <= PHONE["width"]
