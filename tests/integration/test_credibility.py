"""The comparison with published figures agrees with independent SQL and can fail."""

import json
import shutil

import duckdb
import pytest

from tests.builds import NO_TESTS, dbt

CLIENT_VISITS = "marts.fct_transactions join marts.dim_clients using (client_id)"


@pytest.fixture(scope="module")
def ask(warehouse):
    """Return a function that queries the default run; rows as tuples."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield lambda sql: connection.sql(sql).fetchall()


def value_of(ask, check_code):
    [(value,)] = ask(f"select value from marts.mart_twin_quality where check_code = '{check_code}'")
    return value


@pytest.mark.parametrize(
    ("check_code", "sql"),
    [
        ("price_ai95", "select avg(price_rub_per_l) from marts.fct_transactions where fuel_grade = 'ai95'"),
        (
            "walk_in_bill",
            "select avg(total_amount_rub) from marts.fct_transactions "
            "where client_id is null and payment_method <> 'fuel_card' and month(occurred_at) <= 6",
        ),
        (
            "diesel_volume_share",
            "select sum(volume_l) filter (fuel_grade = 'diesel') / sum(volume_l) from marts.fct_transactions",
        ),
        (
            "corporate_daytime_share",
            "select avg(cast(hour(occurred_at) between 6 and 17 as integer)) "
            f"from {CLIENT_VISITS} where client_type = 'corporate'",
        ),
        (
            "beverage_visit_share",
            "select avg(cast(transaction_id in (select transaction_id from marts.fct_basket_items "
            f"where category_code in ('coffee', 'drink')) as integer)) from {CLIENT_VISITS} "
            "where client_type = 'private'",
        ),
        (
            "weekday_profile",
            "select max(abs(visits * 365 / (days * total_visits) - published)) from ("
            "  select isodow(occurred_at) as number, count(*) as visits, sum(count(*)) over () as total_visits,"
            "  count(distinct cast(occurred_at as date)) as days"
            f"  from {CLIENT_VISITS} where client_type = 'private' and fuel_grade = 'ai92' group by 1"
            ") join (select unnest([0.962, 0.971, 1.007, 1.019, 1.082, 1.047, 0.912]) as published,"
            "  unnest(range(1, 8)) as number) using (number)",
        ),
        (
            "hour_profile",
            "select max(abs(share - published)) from ("
            "  select case when hour(occurred_at) < 10 then 0.23 when hour(occurred_at) < 15 then 0.29"
            "  when hour(occurred_at) < 19 then 0.38 else 0.1 end as published,"
            "  count(*) / sum(count(*)) over () as share"
            f"  from {CLIENT_VISITS} where client_type = 'private' group by 1"
            ")",
        ),
        (
            "season",
            "select max(abs(litres * 365 / (days * year_litres) - published)) from ("
            "  select month(occurred_at) as number, day(last_day(min(occurred_at))) as days, sum(volume_l) as litres,"
            "  sum(sum(volume_l)) over () as year_litres"
            f"  from {CLIENT_VISITS} join truth.client_portraits using (client_id)"
            "  where registered_on < '2025-01-01' and left_on is null group by 1"
            ") join (select unnest([2, 7, 8, 10]) as number, unnest([0.87, 1.15, 1.18, 1.17]) as published)"
            " using (number)",
        ),
    ],
)
def test_measures_agree_with_plain_sql(ask, check_code, sql):
    [(expected,)] = ask(sql)
    assert value_of(ask, check_code) == pytest.approx(float(expected), rel=1e-9)


def test_share_of_the_largest_companies_agrees_with_a_direct_count(ask):
    visits = [count for (count,) in ask(
        "select count(occurred_at) as visits from marts.dim_clients left join marts.fct_transactions using (client_id) "
        "where client_type = 'corporate' group by client_id order by visits desc"
    )]  # fmt: skip
    largest = 0.063 * len(visits)
    whole = int(largest)
    expected = (sum(visits[:whole]) + (largest - whole) * visits[whole]) / sum(visits)
    assert value_of(ask, "corporate_concentration") == pytest.approx(expected, rel=1e-9)


def test_every_check_of_the_default_run_is_measured_with_its_error(ask):
    rows = ask(
        "select check_code, value, sampling_error, target_low, target_high, published_value, tolerance "
        "from marts.mart_twin_quality where kind = 'calibration'"
    )
    assert len(rows) == 18
    for code, value, error, low, high, published, tolerance in rows:
        assert value is not None, code
        # Prices of regions are not a sample of clients.
        assert (error == 0) == code.startswith(("price_ratio", "price_kirov")), code
        assert high == pytest.approx(published + tolerance + 2 * error)
        assert low == pytest.approx(max(published - tolerance - 2 * error, 0))


def test_fills_are_more_regular_than_at_random(ask):
    shares = dict(
        ask(
            "select series_code, sum(value) filter (point_number < 2) from marts.mart_twin_curves "
            "where curve_code = 'gap' group by 1"
        )
    )
    assert shares["private_all"] < 0.8 * shares["private_random"]
    totals = ask("select sum(value) from marts.mart_twin_curves where curve_code = 'gap' group by series_code")
    assert [total for (total,) in totals] == pytest.approx([1] * 6, abs=1e-6)


def test_example_tanks_follow_a_sawtooth(ask):
    for series in ("private", "fleet"):
        rows = ask(
            "select value, is_here, regexp_extract(series_label_ru, '(\\d+) л', 1) from marts.mart_twin_curves "
            f"where curve_code = 'tank_level' and series_code = '{series}' order by point_number"
        )
        levels = [level for level, *_ in rows]
        assert 8 <= len(levels) <= 16
        assert all(after > before for before, after in zip(levels[::2], levels[1::2], strict=True))
        assert all(later < earlier for earlier, later in zip(levels[1::2], levels[2::2], strict=False))
        assert 0 <= min(levels) < max(levels) <= int(rows[0][2]) + 1
        assert {is_here for _, is_here, _ in rows[::2]} == {None}
    assert {is_here for _, is_here, _ in ask(
        "select value, is_here, 1 from marts.mart_twin_curves "
        "where curve_code = 'tank_level' and series_code = 'private' and is_here is not null"
    )} == {True, False}  # fmt: skip


@pytest.mark.slow
def test_wrong_prices_and_hours_are_detected_in_a_small_run(root, tmp_path):
    """Prices 20 % higher and hours shifted by 12, planted in a run of 200 clients; unrelated checks still pass."""
    shutil.copytree(root / "data" / "reference", tmp_path / "reference")
    path = tmp_path / "reference" / "twin.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    for grade in document["grades"]:
        grade["price_rub_per_l"]["value"] *= 1.2
    for hours in document["calendar"]["hour"].values():
        hours["value"] = hours["value"][12:] + hours["value"][:12]
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    chosen = ("--select", "+mart_twin_quality")
    warehouse = dbt(tmp_path, "build", *chosen, *NO_TESTS, reference=tmp_path / "reference", clients=200)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        passed = dict(connection.sql("select check_code, is_passed from marts.mart_twin_quality").fetchall())
    planted = {"price_ai92", "price_ai95", "price_diesel", "hour_profile", "corporate_daytime_share"}
    assert {code for code in planted if passed[code]} == set()
    assert all(passed[code] for code in ("price_ratio_ai98_to_ai95", "weekday_profile", "snack_visit_share"))
