"""What the pages say is what the warehouse holds."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from browser_site import ROOT

pytestmark = pytest.mark.browser

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def warehouse():
    path = Path(os.environ.get("TWINLAB_DUCKDB", ROOT / "data" / "twinlab.duckdb"))
    if not path.exists():
        pytest.fail(f"There is no warehouse {path}: run `make run`.", pytrace=False)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def _russian(number: float) -> str:
    return f"{number:,.0f}".replace(",", NBSP).replace("-", "\u2212")


def test_run_is_named_on_the_page(open_page, warehouse) -> None:
    run_id, clients = warehouse.sql("select run_id, clients_count from marts.run_info").fetchone()
    footer = open_page("/").inner_text("footer")
    assert run_id in footer
    assert _russian(clients) in footer.replace(" ", NBSP)


def test_feature_profits(open_page, warehouse) -> None:
    page = open_page("/features/")
    shown = page.locator("article .row-chart").first.locator(".row")
    profits = warehouse.sql(
        """
        select label_ru, profit_rub_per_month
        from marts.mart_feature_metrics join marts.dim_features using (feature_code)
        """
    ).fetchall()
    assert profits
    for label, profit in profits:
        row = shown.filter(has_text=label).locator(".value")
        assert row.inner_text().startswith(f"{_russian(profit)}{NBSP}₽"), label


def test_portrait_sizes(open_page, warehouse) -> None:
    page = open_page("/portraits/")
    shown = page.locator("article .row-chart").first.locator(".row")
    sizes = warehouse.sql(
        """
        select label_ru, clients_count
        from marts.mart_portrait_profiles join marts.dim_portraits using (portrait_code)
        where clients_count > 0
        """
    ).fetchall()
    assert sizes
    for label, count in sizes:
        rows = shown.filter(has=page.get_by_text(label, exact=True))
        assert rows.locator(".value").inner_text() == _russian(count), label


def _percent(share: float) -> str:
    return f"{100 * share:.1f}{NBSP}%".replace(".", ",")


def test_credibility_counts_what_was_met(open_page, warehouse) -> None:
    shown = open_page("/credibility/").locator("article .figure .number").all_inner_texts()
    expected = warehouse.sql(
        """
        select
            count(*) filter (kind = 'calibration' and is_passed),
            count(*) filter (kind = 'calibration' and not is_passed),
            count(*) filter (kind = 'calibration' and is_passed and not is_input),
            count(*) filter (kind = 'physical' and is_passed)
        from marts.mart_twin_quality
        """
    ).fetchone()
    assert shown == [str(count) for count in expected]


def test_synthetic_and_published_shares(open_page, warehouse) -> None:
    page = open_page("/credibility/")
    rows = warehouse.sql(
        """
        select label_ru, value, published_value, target_low, target_high from marts.mart_twin_quality
        where unit_ru = 'доля' and published_value > 0
        """
    ).fetchall()
    assert rows
    for label, value, published, low, high in rows:
        shown = page.locator("article .row-chart .row").filter(has=page.get_by_text(label, exact=True))
        text = " ".join(shown.locator(".value").inner_text().split("\n"))
        low = _percent(low).removesuffix(f"{NBSP}%")
        allowed = f"от {low} до {_percent(high)}"
        assert text == f"{_percent(value)} опубликовано {_percent(published)} допустимо {allowed}", label


def test_every_parameter_is_listed(open_page, warehouse) -> None:
    page = open_page("/credibility/")
    codes = page.locator("article details tbody tr td:first-child").all_text_contents()
    rows = warehouse.sql("select parameter_code, is_assumption from marts.mart_twin_parameters").fetchall()
    assert sorted(codes) == sorted(code for code, _ in rows)
    assert f"Из {len(rows)} параметр" in page.inner_text("article")
    assumed = sum(is_assumption for _, is_assumption in rows)
    assert f"генератора {assumed} — предположения" in page.inner_text("article")


def test_sql_examples_run(open_page, warehouse) -> None:
    examples = open_page("/method/").locator("article figure pre").all_inner_texts()
    assert examples
    for example in examples:
        assert warehouse.sql(example).columns, example
