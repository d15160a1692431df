"""What the pages of what-if and of plans compute is what the warehouse computes at the same settings."""

from __future__ import annotations

import statistics
import sys
from decimal import ROUND_HALF_UP, Decimal

import pytest
from browser_site import PHONE, WIDTH, settle

from tests.whatif_queries import rendered

pytestmark = pytest.mark.browser

NBSP = "\u00a0"
COSTS = ("cost_rub_per_l", "cost_rub_per_visit", "cost_rub_per_client_per_month", "cost_rub_per_month")
TRIED = (*COSTS, "horizon_weeks", "shop_margin_share")
AMOUNTS = ("incremental_revenue_rub", "incremental_margin_rub", "cost_rub", "profit_rub")
# A slower machine must not fail: what is wanted is 300 ms, printed is what it took.
LIMIT_MS = 3000

# Sets sliders and waits until the numbers are those of the settings: milliseconds it took, of which 120 are the pause
# for a slider to come to rest.
TURN = """(values) => new Promise((resolve) => {
    const form = document.querySelector('article form.controls');
    const began = performance.now();
    for (const [code, value] of Object.entries(values)) {
        const slider = document.getElementById(`what_if-${code}`);
        slider.value = value;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    const look = () => {
        const shown = document.querySelector('article .result')?.dataset.state;
        if (performance.now() - began > 20 && shown === form.dataset.state) resolve(performance.now() - began);
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
IS_SHOWN = """(code) => {
    const wanted = document.querySelector('article form.controls')?.dataset.state;
    const shown = document.querySelector('article .result')?.dataset.state;
    return wanted !== undefined && wanted === shown && wanted.startsWith(`${code} `);
}"""


def _rounded(number: float | None, digits: int = 0) -> str:
    """As the pages round and write: a half goes away from zero."""
    if number is None:
        return "—"
    step = Decimal(1).scaleb(-digits)
    value = Decimal(str(round(number, 9))).quantize(step, ROUND_HALF_UP)
    return f"{value + 0:,}".replace(",", NBSP).replace(".", ",").replace("-", "\u2212")


def _feature(warehouse, cost: str) -> dict:
    """Return the largest feature that was tried at such a cost, with what was tried."""
    query = warehouse.execute(
        f"""
        select feature_code, {", ".join(TRIED)} from marts.mart_whatif_coefficients
        where portrait_code is null and {cost} > 0 and estimated_count > 0
        order by estimated_count desc, feature_code limit 1
        """
    )
    row = query.fetchone()
    assert row, f"no feature was tried at {cost}"
    return dict(zip([column[0] for column in query.description], row, strict=True))


def _computed(warehouse, settings: dict, left_out: tuple[str, ...] = ()) -> dict[str | None, dict]:
    """Return the macros' answers by portrait, the total under None."""
    names = ", ".join(f"'{code}'" for code in left_out)
    coefficients = "marts.mart_whatif_coefficients as mart where mart.estimated_count > 0"
    if left_out:
        coefficients += f" and mart.portrait_code not in ({names})"
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
    if left_out:
        query = f"select * from ({results}) where portrait_code is not null union all by name select * from ({total})"
    answer = warehouse.execute(query)
    names = [column[0] for column in answer.description]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {row["portrait_code"]: row for row in rows}


def _settings(tried: dict, **changed: float) -> dict:
    return {"treated_share": 1, "fuel_margin_scale": 1, "response_elasticity": 0, **tried, **changed}


def _open(open_page, feature_code: str, viewport: dict | None = None):
    page = open_page("/what-if/", viewport) if viewport else open_page("/what-if/")
    page.get_by_label("Фича", exact=True).select_option(feature_code)
    page.wait_for_function(IS_SHOWN, arg=feature_code)
    return page


def _check(page, warehouse, computed: dict[str | None, dict], break_even: str, digits: int) -> None:
    """Hold every number of the page against the computed ones."""
    total = computed.pop(None)
    figures = page.locator("article .result .figure")
    numbers = figures.locator(".number").all_inner_texts()
    unit = f"{NBSP}₽"
    expected = [_rounded(total["responded_count"])]
    for amount in AMOUNTS:
        value, low, high = (total[f"{amount}_per_month{end}"] for end in ("", "_low", "_high"))
        expected.append(_rounded(value) + unit)
        note = figures.nth(len(expected) - 1).locator(".note").first.inner_text()
        assert note == f"от {_rounded(low)} до {_rounded(high)}{unit}", amount
    assert numbers[:5] == expected
    if len(numbers) > 5:
        price, fee = total[break_even], total["break_even_rub_per_client_per_month"]
        assert [number.split(NBSP + "₽")[0] for number in numbers[5:]] == [_rounded(price, digits), _rounded(fee)]
    answer = page.locator("article .answer").inner_text()
    assert f"прибыль — {expected[4]} в месяц" in answer

    labels = dict(warehouse.sql("select portrait_code, label_ru from marts.dim_portraits").fetchall())
    wanted = {
        labels[code]: [
            _rounded(row["offered_count"]),
            _rounded(row["responded_count"]),
            *(_rounded(row[f"{amount}_per_month"]) for amount in AMOUNTS),
            _rounded(row["profit_rub_per_month_low"]),
            _rounded(row["profit_rub_per_month_high"]),
            _rounded(row[break_even], digits),
        ]
        for code, row in computed.items()
    }
    shown = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in page.locator("article .result table tbody tr").all()
    }
    assert shown == wanted
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
    page.evaluate(TURN, {"cost_rub_per_l": 1.5, "treated_share": 35})
    wanted = _settings(tried, cost_rub_per_l=1.5, treated_share=0.35, response_elasticity=1)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_l", 2)
    assert not watch.problems, watch.problems


def test_another_horizon_margin_and_fixed_cost(open_page, warehouse) -> None:
    tried = _feature(warehouse, "cost_rub_per_l")
    page = _open(open_page, tried["feature_code"])
    fixed = float(page.get_attribute("#what_if-cost_rub_per_month", "step"))
    page.evaluate(TURN, {"horizon_weeks": 26, "fuel_margin_scale": 145, "cost_rub_per_month": fixed})
    wanted = _settings(tried, horizon_weeks=26, fuel_margin_scale=1.45, cost_rub_per_month=fixed)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_l", 2)


def test_a_choice_of_portraits(open_page, warehouse) -> None:
    tried = _feature(warehouse, "cost_rub_per_visit")
    page = _open(open_page, tried["feature_code"])
    page.get_by_label("выбранным").check()
    boxes = page.locator("article form.controls input[type=checkbox]")
    left_out = tuple(boxes.nth(index).get_attribute("value") for index in range(2))
    for index in range(2):
        boxes.nth(index).uncheck()
    fixed = float(page.get_attribute("#what_if-cost_rub_per_month", "step"))
    page.evaluate(TURN, {"cost_rub_per_visit": 20, "cost_rub_per_month": fixed})
    wanted = _settings(tried, cost_rub_per_visit=20, cost_rub_per_month=fixed)
    _check(page, warehouse, _computed(warehouse, wanted, left_out), "break_even_rub_per_visit", 0)
    page.get_by_role("button", name="Снять все").click()
    page.get_by_text("Выберите хотя бы один портрет.").wait_for()


def test_another_fee_and_back(open_page, warehouse) -> None:
    tried = _feature(warehouse, "cost_rub_per_client_per_month")
    page = _open(open_page, tried["feature_code"])
    page.evaluate(TURN, {"cost_rub_per_client_per_month": 11, "horizon_weeks": 6})
    wanted = _settings(tried, cost_rub_per_client_per_month=11, horizon_weeks=6)
    _check(page, warehouse, _computed(warehouse, wanted), "break_even_rub_per_visit", 0)
    page.get_by_role("button", name="Сбросить").click()
    page.evaluate(TURN, {})
    _check(page, warehouse, _computed(warehouse, _settings(tried)), "break_even_rub_per_visit", 0)


def test_a_slider_answers_at_once(open_page, warehouse, record_property, capsys) -> None:
    page = _open(open_page, _feature(warehouse, "cost_rub_per_l")["feature_code"])
    took = [page.evaluate(TURN, {"horizon_weeks": weeks}) for weeks in (8, 20, 16, 30, 10, 40, 24)]
    median = statistics.median(took)
    record_property("requery_ms", round(median))
    with capsys.disabled():
        sys.stdout.write(f"\nslider to numbers: {median:.0f} ms, median of {len(took)}, at most {max(took):.0f} ms\n")
    assert median < LIMIT_MS


def test_sliders_on_a_phone(open_page, warehouse) -> None:
    page = _open(open_page, _feature(warehouse, "cost_rub_per_l")["feature_code"], PHONE)
    page.get_by_label("выбранным").check()
    page.evaluate(TURN, {"horizon_weeks": 30})
    assert page.evaluate(WIDTH) <= PHONE["width"]
    slider = page.get_by_label("Горизонт")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == f"31{NBSP}нед."


def test_plan_of_a_trial(open_page, warehouse, watch) -> None:
    page = open_page("/ab-planner/")
    effect, power, share = warehouse.sql(
        "select max(effect_ratio), max(power_prob), min(control_share) from marts.mart_ab_planner"
    ).fetchone()
    for number, value in enumerate((effect, power, share), start=1):
        page.get_by_role("combobox").nth(number).click()
        page.get_by_role("option", name=f"{100 * value:.0f} %", exact=True).click()
        page.keyboard.press("Escape")
    settle(page)
    feature = page.get_by_role("combobox").first.inner_text().split("\n")[0].strip()
    rows = warehouse.execute(
        """
        select plans.portrait_code, portraits.label_ru, clients_needed_count, clients_available_count, weeks_needed,
            min_effect_ratio, reason_code, horizon_weeks
        from marts.mart_ab_planner as plans
        join marts.dim_features as features using (feature_code)
        left join marts.dim_portraits as portraits on plans.portrait_code = portraits.portrait_code
        where features.label_ru = $1 and effect_ratio = $2 and power_prob = $3 and control_share = $4
        """,
        [feature, effect, power, share],
    ).fetchall()
    whole = next(row for row in rows if row[0] is None)
    numbers = page.locator("article .figure .number").all_inner_texts()
    least = "—" if whole[5] is None else f"{_rounded(100 * whole[5], 1)}{NBSP}%"
    assert numbers == [_rounded(whole[2]), _rounded(whole[3]), _rounded(whole[4]), least]

    def _answer(row) -> str:
        if row[6] != "ok":
            return {"too_small": "никогда", "no_variance": "не сосчитать"}[row[6]]
        return "хватит" if row[4] <= row[7] else "мало"

    wanted = {row[1]: [_answer(row), _rounded(row[3])] for row in rows if row[0] and row[6] != "nobody_eligible"}
    table = page.locator("article .table-container table:visible").first
    shown = {}
    for row in table.locator("tr:has(td)").all():
        cells = [cell.strip() for cell in row.locator("td").all_inner_texts()]
        shown[cells[0]] = [cells[1], cells[3]]
    assert shown == wanted
    assert not watch.problems, watch.problems
