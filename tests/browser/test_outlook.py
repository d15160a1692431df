"""Forecasts, changes and next steps on the pages agree with the warehouse."""

from __future__ import annotations

import calendar
from decimal import ROUND_HALF_UP, Decimal

import pytest

pytestmark = pytest.mark.browser

BASELINES = """
    select distinct portrait_code, month_start_on, baseline_visits_count, baseline_visits_count_low,
        baseline_visits_count_high, baseline_volume_l, baseline_revenue_rub, baseline_revenue_rub_low,
        baseline_revenue_rub_high
    from marts.mart_forecast where baseline_visits_count is not null
"""


def _rounded(number: float, digits: int = 0) -> str:
    """Round and format as the pages do: halves away from zero."""
    value = Decimal(str(round(number, 9))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{value + 0:,}".replace(",", " ").replace(".", ",").replace("-", "\u2212")


def _signed(number: float, digits: int = 0) -> str:
    text = _rounded(number, digits)
    return f"+{text}" if number > 0 and text.strip("0,") else text


def _text(locator) -> str:
    return " ".join(locator.inner_text().split())


def _table(page, heading: str) -> dict[str, list[str]]:
    """Return the rows of the table with this heading by their first cell."""
    tables = page.locator("article .table-container table:visible").filter(has_text=heading)
    rows = tables.locator("tr:has(td)").evaluate_all(
        "rows => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText))"
    )
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    return {row[0]: row[1:] for row in cells}


def _labels(warehouse) -> dict[str, str]:
    return dict(warehouse.sql("select portrait_code, label_ru from marts.dim_portraits").fetchall())


def test_first_month_of_all_portraits(visit, warehouse) -> None:
    visits, low, high, volume, revenue = warehouse.sql(
        f"""
        select sum(baseline_visits_count), sum(baseline_visits_count_low), sum(baseline_visits_count_high),
            sum(baseline_volume_l), sum(baseline_revenue_rub)
        from ({BASELINES}) group by month_start_on order by month_start_on limit 1
        """
    ).fetchone()
    figures = visit("/forecast/").page.locator("article .figure")
    shown = [_text(figures.nth(index)) for index in range(3)]
    assert shown[0].startswith(f"Визиты {_rounded(visits)} от {_rounded(low)} до {_rounded(high)} ")
    assert shown[1].startswith(f"Топливо, тыс. л {_rounded(volume / 1e3, 1)} ")
    assert shown[2].startswith(f"Выручка, млн ₽ {_rounded(revenue / 1e6, 2)} ")


def test_past_and_forecast_months(open_page, warehouse) -> None:
    page = open_page("/forecast/")
    page.get_by_role("button", name="Таблица по месяцам").click()
    rows = list(_table(page, "Было визитов").values())
    actual = warehouse.sql(
        """
        with run as (select period_start, period_end from marts.run_info)
        select count(*), sum(total_amount_rub)
        from marts.fct_transactions cross join run
        where client_id is not null
        group by date_trunc('month', occurred_at)
        having date_trunc('month', min(occurred_at)) >= any_value(period_start)
            and last_day(min(occurred_at)) <= any_value(period_end)
        order by date_trunc('month', min(occurred_at)) desc limit 18
        """
    ).fetchall()
    assert actual
    shown = [(row[1], row[9]) for row in rows if row[0] == "было"]
    assert shown == [(_rounded(visits), _rounded(revenue)) for visits, revenue in reversed(actual)]
    ahead = warehouse.sql(
        f"select sum(baseline_visits_count) from ({BASELINES}) group by month_start_on order by month_start_on"
    ).fetchall()
    assert [row[2] for row in rows if row[0] == "прогноз"] == [_rounded(visits) for (visits,) in ahead]


def test_expected_revenue_of_each_portrait(visit, warehouse) -> None:
    chart = visit("/forecast/").page.locator("article .row-chart", has_text="Выручка за")
    label = _labels(warehouse)
    rows = warehouse.sql(
        f"""
        select portrait_code, baseline_revenue_rub, baseline_revenue_rub_low, baseline_revenue_rub_high
        from ({BASELINES}) where month_start_on = (select min(month_start_on) from marts.mart_forecast)
        """
    ).fetchall()
    assert rows
    for code, *estimate in rows:
        revenue, low, high = (_rounded(number / 1e3) for number in estimate)
        row = chart.locator(".row").filter(has=chart.page.get_by_text(label[code], exact=True))
        assert _text(row.locator(".value")) == f"{revenue} тыс. ₽ от {low} до {high} тыс. ₽", code


def test_clients_that_may_leave(visit, warehouse) -> None:
    page = visit("/forecast/").page
    shown = _table(page, "Не приедут, доля")
    label = _labels(warehouse)
    rows = warehouse.sql(
        """
        with churn as (
            select portrait_code, max(churn_prob) as churn_prob from marts.mart_forecast
            group by portrait_code having max(churn_prob) is not null
        )
        select portrait_code, any_value(churn.churn_prob), count(*) filter (is_active),
            avg(forecasts.churn_prob) filter (is_active), sum(forecasts.churn_prob) filter (is_active)
        from churn
        join marts.fct_client_forecasts as forecasts using (portrait_code)
        join marts.fct_client_portraits as portraits using (client_id, portrait_code)
        group by portrait_code
        """
    ).fetchall()
    assert rows
    assert set(shown) == {label[code] for code, *_ in rows}
    for code, churn, active, active_churn, leaving in rows:
        cells = shown[label[code]]
        assert cells[1] == f"{_rounded(100 * churn, 1)} %", code
        if active:
            assert cells[2:5] == [_rounded(active), f"{_rounded(100 * active_churn, 1)} %", _rounded(leaving)], code


def test_feature_of_the_forecast(visit, warehouse) -> None:
    page = visit("/forecast/").page
    code, *effects = warehouse.sql(
        """
        select feature_code, incremental_visits_per_month, incremental_volume_l_per_month,
            incremental_revenue_rub_per_month, profit_rub_per_month
        from marts.mart_feature_metrics join marts.dim_features using (feature_code)
        order by profit_rub_per_month_low desc nulls last, label_ru limit 1
        """
    ).fetchone()
    numbers = [" ".join(text.split()) for text in page.locator("article .figure .number").all_inner_texts()[3:]]
    units = ("", " л", " ₽", " ₽")
    assert numbers == [f"{_signed(effect)}{unit}" for effect, unit in zip(effects, units, strict=True)]
    months = warehouse.execute(
        """
        select sum(baseline_revenue_rub), sum(coalesce(predicted_revenue_rub, baseline_revenue_rub))
        from marts.mart_forecast where feature_code = $1 group by month_start_on order by month_start_on
        """,
        [code],
    ).fetchall()
    shown = [(row[0], row[3]) for row in _table(page, "С фичей").values()]
    assert shown == [(_rounded(without), _rounded(with_it)) for without, with_it in months]


def test_errors_of_earlier_forecasts(visit, warehouse) -> None:
    shown = _table(visit("/forecast/").page, "Промах в среднем")
    errors: dict[int, list[float]] = {}
    for number, actual, expected in warehouse.sql(
        """
        select month_number, sum(actual_visits_count), sum(expected_visits) from experiments.portrait_outlooks
        where not is_last group by origin_on, month_number having sum(expected_visits) > 0
        """
    ).fetchall():
        errors.setdefault(number, []).append(abs(float(actual) / expected - 1))
    assert errors
    assert {int(number): row[:3] for number, row in shown.items()} == {
        number: [
            str(len(found)),
            f"{_rounded(100 * sum(found) / len(found), 1)} %",
            f"{_rounded(100 * max(found), 1)} %",
        ]
        for number, found in errors.items()
    }


def test_changes_of_the_regions(visit, warehouse) -> None:
    chart = visit("/").page.locator("article .row-chart", has_text="Выручка региона в день")
    rows = warehouse.sql(
        """
        with months as (
            select month_start_on from marts.mart_kpi_monthly
            group by month_start_on having bool_and(is_full_month) order by month_start_on desc limit 2
        )
        select coalesce(label_ru, region_code), list(revenue_rub order by month_start_on),
            list(month_start_on order by month_start_on)
        from marts.mart_kpi_monthly join months using (month_start_on) left join marts.dim_regions using (region_code)
        group by all
        """
    ).fetchall()
    assert rows
    for label, revenues, months in rows:
        before, now = (
            revenue / calendar.monthrange(month.year, month.month)[1]
            for revenue, month in zip(revenues, months, strict=True)
        )
        row = chart.locator(".row").filter(has=chart.page.get_by_text(label, exact=True))
        assert _text(row.locator(".value")) == f"{_signed(100 * (now / before - 1), 1)} %", label


def test_changes_of_the_portraits(visit, warehouse) -> None:
    page = visit("/").page
    chart = page.locator("article .row-chart", has_text="На сколько изменилось число клиентов портрета")
    flows = warehouse.sql(
        """
        select from_portrait_code, from_label_ru, to_portrait_code, to_label_ru, clients_count
        from marts.mart_portrait_migration
        where month_end_on = (select max(month_end_on) from marts.mart_portrait_migration)
        """
    ).fetchall()
    assert flows
    changes: dict[str, int] = {}
    for before, before_label, after, after_label, clients in flows:
        for code, label, change in ((before, before_label, -clients), (after, after_label, clients)):
            if code not in ("silent", "unregistered"):
                changes[label] = changes.get(label, 0) + change
    for label, change in changes.items():
        row = chart.locator(".row").filter(has=page.get_by_text(label, exact=True))
        assert _text(row.locator(".value")) == _signed(change), label
    fell_silent = sum(n for a, _, b, _, n in flows if b == "silent" and a not in ("silent", "unregistered"))
    returned = sum(n for a, _, b, _, n in flows if a == "silent" and b != "silent")
    text = _text(page.locator("article"))
    assert f"замолчали (90 дней без визитов) — {_rounded(fell_silent)}," in text
    assert f"вернулись после молчания — {_rounded(returned)}." in text


def test_next_steps_follow_the_rules(visit, warehouse) -> None:
    steps = [_text(step) for step in visit("/").page.locator("article ol.steps > li").all()]
    assert 0 < len(steps) <= 5
    features = warehouse.sql(
        """
        with chosen as (
            select feature_code from marts.mart_targeting_curve
            where policy_code = 'uplift' and is_recommended and targeted_share > 0 and targeted_share < 1
                and profit_rub_per_month_low > 0
        )
        select label_ru, metrics.basis_code = 'experiment', verdict_code = 'works', profit_rub_per_month,
            profit_rub_per_month_low, profit_rub_per_month_high, feature_code in (from chosen)
        from marts.mart_feature_metrics as metrics join marts.dim_features using (feature_code)
        """
    ).fetchall()
    found = {"Запустить": [], "Предлагать": [], "Не запускать": [], "Испытать": []}
    for label, is_tested, works, profit, low, high, is_for_some in features:
        interval = profit and f"{_signed(profit)} ₽ в месяц (от {_rounded(low)} до {_rounded(high)} ₽)"
        if is_tested and works and low is not None and low > 0:
            found["Запустить"].append((label, interval))
        elif is_tested and is_for_some and not (low is not None and low > 0):
            found["Предлагать"].append((label, interval))
        elif is_tested and high is not None and high < 0:
            found["Не запускать"].append((label, interval))
        elif profit is not None and profit > 0:
            found["Испытать"].append((label, interval))
    for verb, expected in found.items():
        shown = [step for step in steps if step.startswith(f"{verb} «")]
        assert bool(shown) == bool(expected), verb
        for step in shown:
            assert any(f"«{label}»" in step and interval in step for label, interval in expected), step


def test_two_portraits_side_by_side(visit, warehouse) -> None:
    pair = [
        code
        for (code,) in warehouse.sql(
            """
            select portrait_code from marts.mart_portrait_profiles where clients_count > 0
            order by revenue_rub_per_client_per_month desc limit 2
            """
        ).fetchall()
    ]
    label = _labels(warehouse)
    table = visit("/portraits/").page.locator("article .scroll table").filter(has_text="Разница, ст. откл.")
    heading = [" ".join(text.split()) for text in table.locator("thead th").all_inner_texts()]
    assert heading[1:] == [label[pair[0]], label[pair[1]], "Разница, ст. откл."]
    cells = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()
    }
    rows = warehouse.execute(
        """
        select label_ru, max(z_score) filter (portrait_code = $1) - max(z_score) filter (portrait_code = $2)
        from marts.mart_portrait_heatmap join marts.dim_metrics using (metric_code)
        where portrait_code in ($1, $2)
        group by label_ru
        """,
        pair,
    ).fetchall()
    assert set(cells) == {metric for metric, _ in rows}
    for metric, difference in rows:
        assert cells[metric][2] == ("—" if difference is None else _signed(difference, 1)), metric
    known = {metric: abs(difference) for metric, difference in rows if difference is not None}
    sizes = [known[metric] for metric in cells if metric in known]
    assert sizes == sorted(sizes, reverse=True)
