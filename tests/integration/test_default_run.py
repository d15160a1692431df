"""Promises of the default run: all portraits, a positive effect of coffee, valid intervals, and SQL in the README."""

import re
import shutil

import duckdb
import pytest


@pytest.fixture(scope="module")
def ask(warehouse):
    """Return a function that queries the warehouse; rows as tuples."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield lambda sql: connection.sql(sql).fetchall()


def test_all_eleven_portraits_occur(ask):
    counts = dict(ask("select portrait_code, clients_count from marts.mart_portrait_profiles"))
    assert len(counts) == 12
    assert all(count > 0 for code, count in counts.items() if code != "undefined")
    assert sum(counts.values()) == 2000


def test_portraits_are_recovered_far_better_than_by_chance(ask):
    """Among active clients; a quarter of them have the largest portrait, a classifier trained on the truth has 0.89."""
    [(share,)] = ask(
        "select avg(cast(found.portrait_code = truth.portrait_code as integer)) from truth.client_portraits as truth "
        "join marts.fct_client_portraits as found using (client_id) where found.is_active"
    )
    assert share > 0.8


def test_every_portrait_and_every_active_client_has_a_cluster(ask):
    """Every portrait has its own cluster, and every active client is in one; inactive clients need not be."""
    [(clusters, without, others)] = ask(
        "select count(distinct cluster_id), count(*) filter (where cluster_id is null and is_active), "
        "count(*) filter (where cluster_id is null) from marts.fct_client_portraits"
    )
    assert clusters == 11
    assert without == 0
    assert others < 100


def test_true_effect_of_coffee_is_positive_where_the_rules_say_so(ask):
    effects = dict(
        ask(
            "select portrait_code, avg(uplift_visits_per_month) from truth.client_effects "
            "join truth.client_portraits using (client_id) where feature_code = 'free_coffee' group by portrait_code"
        )
    )
    assert effects["regular_private"] > 0
    assert effects["taxi_fleet"] > 0


def test_intervals_of_estimates_mostly_cover_the_truth(ask):
    """95 % intervals of about 90 cells: a coverage far below 80 % would mean that they are wrong."""
    [(cells, coverage)] = ask(
        """
        with truth as (
            select feature_code, fct_reactions.portrait_code, sum(uplift_visits_per_month) as visits
            from truth.client_effects
            join marts.fct_reactions using (client_id, feature_code)
            where is_eligible
            group by all
        )
        select
            count(*),
            avg(cast(visits between incremental_visits_per_month_low and incremental_visits_per_month_high as integer))
        from marts.mart_feature_portrait_metrics
        join truth using (feature_code, portrait_code)
        where incremental_visits_per_month is not null
        """
    )
    assert cells > 60
    assert coverage > 0.85


def test_nine_features_have_both_arms_and_a_verdict(ask):
    rows = ask("select treated_count, control_count, verdict_code, basis_code from marts.mart_feature_metrics")
    assert len(rows) == 9
    for treated, control, verdict, basis in rows:
        assert treated > 0
        assert control > 0
        assert verdict in {"works", "harms", "no_effect", "too_little_data"}
        assert basis == "experiment"


@pytest.mark.parametrize("page", ["README.md", "README.ru.md"])
def test_sql_of_the_readme_runs(ask, root, page):
    blocks = re.findall(r"```sql\n(.*?)```", (root / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        assert ask(block.strip().rstrip(";")), block


def test_sql_of_the_method_page_runs(ask, root):
    source = (root / "reports" / "components" / "SqlExamples.svelte").read_text(encoding="utf-8")
    examples = re.findall(r"sql: `(.*?)`", source, flags=re.DOTALL)
    assert examples
    for example in examples:
        ask(example.strip().rstrip(";"))


def test_client_metrics_are_those_of_the_last_month_end(ask):
    """One definition, two tables: the monthly one must agree with the one that the portraits read."""
    last = "select * exclude (as_of_on) from metrics.client_metrics_by_month where as_of_on = date '2025-12-31'"
    [(by_month, now)] = ask(f"select (select count(*) from ({last})), (select count(*) from metrics.client_metrics)")
    assert by_month == now == 2000
    assert ask(f"({last}) except (from metrics.client_metrics)") == []
    [(months, first)] = ask("select count(distinct as_of_on), min(as_of_on) from metrics.client_metrics_by_month")
    assert (months, str(first)) == (10, "2025-03-31")


def test_exact_money(ask):
    [(wrong,)] = ask(
        "select count(*) from marts.fct_transactions where abs(fuel_amount_rub - volume_l * price_rub_per_l) > 0.005"
    )
    assert wrong == 0


def test_warehouse_works_under_another_name(warehouse, tmp_path):
    """Analysts copy the file and attach it under an alias; views must not depend on the old name."""
    copy = shutil.copy(warehouse, tmp_path / "copy_of_friday.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy}' as friday (read_only)")
        views = connection.sql(
            "select schema_name, view_name from duckdb_views() where database_name = 'friday' and not internal"
        ).fetchall()
        assert ("marts", "fct_transactions") in views
        for schema, view in views:
            connection.sql(f'select count(*) from friday."{schema}"."{view}"').fetchall()
