"""The what-if page and the warehouse compute the same at the same settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.browser_settings import IS_SHOWN, NBSP, TURN, open_at, rounded, table_rows, time_turns
from tests.browser.browser_site import PHONE, WIDTH
from tests.site_queries import rendered

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COSTS = ("cost_rub_per_l", "cost_rub_per_visit", "cost_rub_per_client_per_month", "cost_rub_per_month")
TRIED = (*COSTS, "horizon_weeks", "shop_margin_share")
AMOUNTS = ("incremental_revenue_rub", "incremental_margin_rub", "cost_rub", "profit_rub")
PERCENT = 100


def _feature(warehouse, cost: str) -> dict:
    """Return the settings tried of the largest feature with such a cost."""
    query = warehouse.execute(
        f"""
        select feature_code, {", ".join(TRIED)} from marts.mart_whatif_coefficients
        where portrait_code is null and {cost} > 0 and estimated_count > 0
        order by estimated_count desc, feature_code limit 1
        """
    )
    row = query.fetchone()
    assert row, f"no feature has a {cost}"
    return dict(zip([column[0] for column in query.description], row, strict=True))


def _computed(warehouse, settings: dict, chosen: tuple[str, ...] = ()) -> dict[str | None, dict]:
    """Return the results of the macros by portrait, for the chosen ones if any; the total under None."""
    names = ", ".join(f"'{code}'" for code in chosen)
    coefficients = "marts.mart_whatif_coefficients as mart where mart.estimated_count > 0"
    if chosen:
        coefficients += f" and mart.portrait_code in ({names})"
    columns = ", ".join(
        f"'{value}' as {name}" if isinstance(value, str) else f"{value!r}::double as {name}"
        for name, value in settings.items()
    )
    queries = rendered()
    results = (
        queries["whatif_results"]
        .replace("${whatif_coefficients}", f"(select mart.* from {coefficients})")
        .replace("${whatif_settings}", f"(select {columns})")
    )
    total = queries["whatif_total"].replace("${whatif_results}", f"({results})")
    query = f"select * from ({results})"
    if chosen:
        query = f"select * from ({results}) where portrait_code is not null union all by name select * from ({total})"
    answer = warehouse.execute(query)
    names = [column[0] for column in answer.description]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {row["portrait_code"]: row for row in rows}


def _settings(tried: dict, **changed: float) -> dict:
    return {"treated_share": 1, "fuel_margin_scale": 1, "response_elasticity": 0, **tried, **changed}


def _open(open_page, feature_code: str, viewport: dict | None = None):
    page = open_page("/what-if/", viewport) if viewport else open_page("/what-if/")
    open_at(page, feature_code)
    return page


def _check(page, warehouse, computed: dict[str | None, dict], break_even: str, digits: int) -> None:
    """Compare every number of the page with the computed ones."""
    total = computed.pop(None)
    figures = page.locator("article .result .figure")
    unit = f"{NBSP}₽"
    expected = [rounded(total["responded_count"])]
    for amount in AMOUNTS:
        value, low, high = (total[f"{amount}_per_month{end}"] for end in ("", "_low", "_high"))
        expected.append(rounded(value) + unit)
        note = figures.nth(len(expected) - 1).locator(".note").first.inner_text()
        assert note == f"от {rounded(low)} до {rounded(high)}{unit}", amount
    expected += [rounded(total[break_even], digits), rounded(total["break_even_rub_per_client_per_month"])]
    numbers = figures.locator(".number").all_inner_texts()
    assert [*numbers[:5], *(number.split(unit)[0] for number in numbers[5:])] == expected
    answer = page.locator("article .answer").inner_text()
    profit = total["profit_rub_per_month"]
    assert f"» {rounded(total['offered_count'])} клиент" in answer
    assert ("убыток" if round(profit) < 0 else "прибыль") in answer
    assert f"— {rounded(abs(profit))}{unit} в месяц" in answer

    labels = dict(warehouse.sql("select portrait_code, label_ru from marts.dim_portraits").fetchall())
    wanted = {
        labels[code]: [
            rounded(row["offered_count"]),
            rounded(row["responded_count"]),
            *(rounded(row[f"{amount}_per_month"]) for amount in AMOUNTS),
            rounded(row["profit_rub_per_month_low"]),
            rounded(row["profit_rub_per_month_high"]),
            rounded(row[break_even], digits),
        ]
        for code, row in computed.items()
    }
    assert table_rows(page) == wanted
    drawn = page.locator("article .result .row-chart .row:not([aria-hidden]) .label").all_inner_texts()
    assert sorted(drawn) == sorted(wanted)


def test_what_was_tried(open_page, warehouse) -> None:
    tried = _feature(warehouse, "cost_rub_per_l")
    page = _open(open_page, tried["feature_code"])
    _check(page, warehouse, _computed(warehouse, _settings(tried)), "break_even_rub_per_l", 2)


def test_another_discount_that_moves_the_response(open_page, warehouse, watch) -> None:
    tried = _feature(warehouse, "cost_rub_per_l")
    page = _open(open_page, tried["feature_code"])
    page.get_by_label("пропорционален скидке").check()
    page.evaluate(TURN, {"cost_rub_per_l": 1.5, "treated_share": 40})
    wanted = _settings(tried, cost_rub_per_l=1.5, treated_share=0.4, response_elasticity=1)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_l", 2)
    assert not watch.problems, watch.problems


def test_another_horizon_margin_and_fixed_cost(open_page, warehouse) -> None:
    tried = _feature(warehouse, "cost_rub_per_l")
    page = _open(open_page, tried["feature_code"])
    fixed = float(page.get_attribute("#what_if-cost_rub_per_month", "step"))
    page.evaluate(TURN, {"horizon_weeks": 26, "fuel_margin_scale": 145, "cost_rub_per_month": fixed})
    wanted = _settings(tried, horizon_weeks=26, fuel_margin_scale=1.45, cost_rub_per_month=fixed)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_l", 2)


def test_a_more_expensive_cup_for_half_of_three_portraits(open_page, warehouse, watch) -> None:
    """Typed numbers, a choice of portraits, and the downloaded table."""
    tried = _feature(warehouse, "cost_rub_per_visit")
    page = _open(open_page, tried["feature_code"])
    page.get_by_label("выбранным").check()
    page.get_by_text("Выберите хотя бы один портрет.").wait_for()
    boxes = page.locator("article form.controls input[type=checkbox]")
    chosen = tuple(boxes.nth(index).get_attribute("value") for index in range(3))
    for index in range(3):
        boxes.nth(index).check()
    for code, number in (("cost_rub_per_visit", "50"), ("treated_share", "50"), ("shop_margin_share", "42,5")):
        page.locator(f"#what_if-{code}-typed").fill(number)
        page.keyboard.press("Enter")
    page.evaluate(TURN, {})
    wanted = _settings(tried, cost_rub_per_visit=50, treated_share=0.5, shop_margin_share=0.425)
    computed = _computed(warehouse, wanted, chosen)
    _check(page, warehouse, dict(computed), "break_even_rub_per_visit", 0)

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Скачать CSV").click()
    heading, *lines = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
    headings = [cell.strip('"') for cell in heading.split(";")]
    rows = [dict(zip(headings, line.split(";"), strict=True)) for line in lines]
    profits = sorted(float(row["Прибыль, ₽"].replace(",", ".")) for row in rows)
    del computed[None]
    assert profits == pytest.approx(sorted(row["profit_rub_per_month"] for row in computed.values()), abs=0.006)

    page.get_by_role("button", name="Снять все").click()
    page.get_by_text("Выберите хотя бы один портрет.").wait_for()
    assert not watch.problems, watch.problems


def test_another_fee_and_back(open_page, warehouse) -> None:
    tried = _feature(warehouse, "cost_rub_per_client_per_month")
    page = _open(open_page, tried["feature_code"])
    page.evaluate(TURN, {"cost_rub_per_client_per_month": 11, "horizon_weeks": 6})
    wanted = _settings(tried, cost_rub_per_client_per_month=11, horizon_weeks=6)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_visit", 0)
    page.get_by_role("button", name="Сбросить").click()
    page.evaluate(TURN, {})
    _check(page, warehouse, _computed(warehouse, _settings(tried)), "break_even_rub_per_visit", 0)


def test_every_knob_at_its_limits(open_page, warehouse, watch) -> None:
    """At the minimum and maximum of all sliders, the numbers are those of the warehouse."""
    tried = _feature(warehouse, "cost_rub_per_l")
    page = _open(open_page, tried["feature_code"])
    page.get_by_label("пропорционален скидке").check()
    sliders = page.locator("article form.controls input[type=range]")
    ids = [sliders.nth(index).get_attribute("id").removeprefix("what_if-") for index in range(sliders.count())]
    for end in ("min", "max"):
        values = {code: float(page.get_attribute(f"#what_if-{code}", end)) for code in ids}
        page.evaluate(TURN, values)
        shares = {code: values[code] / PERCENT for code in ("treated_share", "fuel_margin_scale", "shop_margin_share")}
        computed = _computed(warehouse, _settings(tried, response_elasticity=1, **(values | shares)))
        _check(page, warehouse, computed, "break_even_rub_per_l", 2)
    assert not watch.problems, watch.problems


def test_the_address_restores_the_settings(open_page, warehouse, watch) -> None:
    tried = _feature(warehouse, "cost_rub_per_visit")
    page = _open(open_page, tried["feature_code"])
    page.get_by_label("выбранным").check()
    box = page.locator("article form.controls input[type=checkbox]").nth(1)
    box.check()
    page.evaluate(TURN, {"cost_rub_per_visit": 45, "treated_share": 60})
    page.wait_for_function("location.hash.includes('treated_share=60')")
    chosen = (box.get_attribute("value"),)

    again = open_page(f"/what-if/#{urlsplit(page.url).fragment}")
    again.wait_for_function(IS_SHOWN, arg=tried["feature_code"])
    wanted = _settings(tried, cost_rub_per_visit=45, treated_share=0.6)
    _check(again, warehouse, _computed(warehouse, wanted, chosen), "break_even_rub_per_visit", 0)

    hostile = open_page(f"/what-if/#feature={tried['feature_code']}&cost_rub_per_visit=1;--&portraits=x')+or+(1=1")
    hostile.get_by_text("Выберите хотя бы один портрет.").wait_for()
    hostile.get_by_label("всем портретам").check()
    hostile.wait_for_function(IS_SHOWN, arg=tried["feature_code"])
    _check(hostile, warehouse, _computed(warehouse, _settings(tried)), "break_even_rub_per_visit", 0)
    assert not watch.problems, watch.problems


def test_a_slider_answers(open_page, warehouse, record_property, capsys) -> None:
    tried = _feature(warehouse, "cost_rub_per_l")
    page = _open(open_page, tried["feature_code"])
    turns = [{"horizon_weeks": weeks} for weeks in (8, 20, 16, 30, 10, 40, 24)]
    turns += [{"treated_share": share} for share in (10, 90, 25, 75, 40, 60, 50)]
    turns += [{"cost_rub_per_l": discount} for discount in (0.5, 4, 1, 3, 2.2, 1.4, 0.9)]
    time_turns(page, turns, record_property, capsys)
    wanted = _settings(tried, horizon_weeks=24, treated_share=0.5, cost_rub_per_l=0.9)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_l", 2)


def test_keyboard_on_a_phone(open_page, warehouse) -> None:
    page = _open(open_page, _feature(warehouse, "cost_rub_per_l")["feature_code"], PHONE)
    page.get_by_label("всем портретам").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("article form.controls input[type=checkbox]").first.is_checked()
    page.evaluate(TURN, {"horizon_weeks": 30})
    assert page.evaluate(WIDTH) <= PHONE["width"]
    slider = page.get_by_label("Горизонт", exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == f"31{NBSP}нед."
    typed = page.locator("#what_if-horizon_weeks-typed")
    assert typed.input_value() == "31"
    typed.fill("400")
    page.keyboard.press("Enter")
    assert typed.input_value() == "52"
    assert slider.get_attribute("aria-valuetext") == f"52{NBSP}нед."
