"""The commands on a copy of the checkout, with the real dbt and a fake npm, including failures."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter

import duckdb
import pytest

SMALL = ("--clients=300", "--months=4", "--seed=7")


@pytest.fixture(scope="module")
def checkout(new_checkout):
    """Return a checkout with a small published run; tests restore the files they change."""
    made = new_checkout("checkout")
    done = made.run("run", *SMALL)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture
def edited(checkout):
    """Return a function that changes a file of the checkout for the duration of a test."""
    originals = {}

    def edit(path, change):
        file = checkout.root / path
        originals.setdefault(file, file.read_text(encoding="utf-8"))
        file.write_text(change(originals[file]), encoding="utf-8")

    yield edit
    for file, text in originals.items():
        file.write_text(text, encoding="utf-8")


def query(checkout, sql):
    with duckdb.connect(str(checkout.published), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def assert_refused(checkout, done, before, *messages):
    """Assert a message of at most one screen, no traceback, and that the published files are unchanged."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.strip().startswith("error: ")
    assert len(done.stderr.splitlines()) <= 25
    for message in messages:
        assert message in done.stderr
    assert checkout.state() == before
    assert not checkout.side.exists()


def test_run_publishes_what_was_asked_for(checkout):
    info = query(checkout, "select source, seed, clients_requested, clients_count, months from marts.run_info")
    assert info == [("synthetic", 7, 300, 300, 4)]
    # The site was built from the file that is now published, in its own folder before the swap.
    assert (checkout.site / "index.html").read_text().strip() == "../../../data/.build/twinlab.duckdb"
    assert not checkout.side.exists()


def test_summary_counts_every_table_of_marts(checkout):
    done = checkout.run("summary")
    assert done.returncode == 0, done.stderr
    assert "300 synthetic clients, 4 months, seed 7" in done.stdout
    tables = query(checkout, "select table_name from information_schema.tables where table_schema = 'marts'")
    for (name,) in tables:
        (count,) = query(checkout, f"select count(*) from marts.{name}")[0]
        line = next(line for line in done.stdout.splitlines() if line.strip().startswith(f"{name} "))
        assert line.split()[1] == f"{count:,}"
    # Four months: checks that need the whole year are not judged.
    judged = "select count(*) from marts.mart_twin_quality where kind = 'calibration' and is_passed is not null"
    assert f" of {query(checkout, judged)[0][0]} met" in done.stdout
    [(unmeasured,)] = query(checkout, "select list(check_code order by check_code) from marts.mart_twin_quality "
                            "where is_passed is null")  # fmt: skip
    assert unmeasured == ["price_ai92", "price_ai95", "price_diesel", "season", "walk_in_bill"]
    assert "http://127.0.0.1:3000" in done.stdout


def test_broken_json_is_reported_and_changes_nothing(checkout, edited):
    before = checkout.state()
    edited("data/reference/behavior_rules.json", lambda text: text.replace('"regular_private"', '"regular_privat"', 1))
    assert_refused(checkout, checkout.run("run", *SMALL), before, "behavior_rules.json", "unknown portrait", "known:")
    edited("data/reference/behavior_rules.json", lambda text: text[:-3])
    assert_refused(checkout, checkout.run("simulate"), before, "behavior_rules.json: line", "not valid JSON")


def test_a_twin_that_cannot_be_drawn_is_reported_and_changes_nothing(checkout, edited):
    before = checkout.state()
    edited("data/reference/twin.json", lambda text: text.replace('"change": {"value": 0.0', '"change": {"value": 0.2'))
    assert_refused(
        checkout, checkout.run("run", *SMALL), before, "knobs.price_shock.month: found 7, the run has 4 months"
    )


@pytest.mark.slow
def test_a_model_that_fails_is_named_and_changes_nothing(checkout, edited):
    before = checkout.state()
    # Most models read it, so that little else is built.
    broken = "select no_such_column from {{ ref('raw_twin__clients') }}"
    edited("models/staging/twin/stg_twin__clients.sql", lambda _: broken)
    done = checkout.run("run", *SMALL)
    log = "Full log: dbt_project/logs/dbt.log"
    assert_refused(checkout, done, before, "dbt build failed", "model stg_twin__clients", "no_such_column", log)


@pytest.mark.slow
def test_a_project_that_does_not_parse_is_reported(checkout, edited):
    before = checkout.state()
    edited("models/marts/clients/dim_metrics.sql", lambda _: "select * from {{ ref('no_such_model') }}")
    assert_refused(checkout, checkout.run("run", *SMALL), before, "dbt build failed", "no_such_model")


@pytest.mark.slow
def test_a_site_that_fails_publishes_nothing(checkout):
    before = checkout.state()
    # The same two stages as those of `run`, on fewer models.
    done = checkout.run("simulate", FAKE_NPM="fail")
    assert_refused(checkout, done, before, "npm run build ended with status 7", "Error: no such chart", "site.log")


def test_missing_and_empty_own_files_are_reported(checkout, tmp_path):
    before = checkout.state()
    source = tmp_path / "own"
    source.mkdir()
    assert_refused(checkout, checkout.run("run", f"--source={source}"), before, "there is no clients.csv")
    (source / "clients.csv").write_text("")
    (source / "transactions.csv").write_text("")
    assert_refused(checkout, checkout.run("run", f"--source={source}"), before, "clients.csv", "empty")
    (source / "clients.csv").write_text("name\nАнна\n")
    assert_refused(checkout, checkout.run("run", f"--source={source}"), before, "clients.csv", "client_id")


@pytest.mark.slow
def test_a_writer_is_named(checkout):
    before = checkout.state()
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(checkout.published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout.readline() == "open\n"
        for command in (("run", *SMALL), ("simulate",), ("export",), ("summary",)):
            assert_refused(checkout, checkout.run(*command), before, f"PID {writer.pid}", "open for writing")
        writer.stdin.close()


@pytest.mark.slow
def test_an_interrupted_run_changes_nothing_and_leaves_no_process(checkout):
    before = checkout.state()
    run = subprocess.Popen(
        checkout.command("run", *SMALL),
        cwd=checkout.root,
        env=checkout.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 120
    while not checkout.side.exists() and time.monotonic() < end:
        time.sleep(0.05)
    # A second build at this moment is refused and harms neither.
    second = checkout.run("simulate")
    assert second.returncode == 2
    assert f"another build is running here: make run, PID {run.pid}" in second.stderr
    run.send_signal(signal.SIGTERM)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "unchanged" in errors
    assert "Traceback" not in errors
    assert checkout.state() == before
    assert not checkout.side.exists()


def test_unknown_feature_is_reported(checkout):
    before = checkout.state()
    done = checkout.run("simulate", "--feature=free_tea")
    assert_refused(checkout, done, before, "FEATURE=free_tea is not known", "fuel_discount", "free_coffee")


def test_simulate_recomputes_only_what_depends_on_the_rules(checkout, edited):
    figures = "select * from marts.mart_feature_metrics order by feature_code"
    kept = "select * exclude (started_at, finished_at) from marts.run_info"
    transactions = "select count(*), sum(total_amount_rub) from marts.fct_transactions"
    before = {sql: query(checkout, sql) for sql in (figures, kept, transactions)}
    offers = "select count(*), coalesce(sum(predicted_cost_rub_per_month), 0) from marts.fct_client_offers"
    ((offered, costs),) = query(checkout, offers)
    assert offered > 0
    budget, limit = costs / 100, offered // 2

    def double_the_cost(text):
        document = json.loads(text)
        coffee = next(item for item in document["features"] if item["feature_code"] == "free_coffee")
        coffee["cost"]["rub_per_visit"] *= 2
        document["offers"] = {"budget_rub_per_month": budget, "contacts_limit": limit}
        return json.dumps(document, ensure_ascii=False)

    edited("data/reference/feature_hypotheses.json", double_the_cost)
    with duckdb.connect(str(checkout.published), read_only=True) as reader:
        done = checkout.run("simulate", "--feature=free_coffee")
        # A reader of the old file can read it to the end.
        assert reader.sql(figures).fetchall() == before[figures]
    assert done.returncode == 0, done.stdout + done.stderr

    after = {sql: query(checkout, sql) for sql in before}
    assert after[transactions] == before[transactions]
    assert after[kept] == before[kept]
    changed = {new[0] for new, old in zip(after[figures], before[figures], strict=True) if new != old}
    assert "free_coffee" in changed
    (cost,) = query(
        checkout, "select cost_rub_per_month from marts.mart_feature_metrics where feature_code = 'free_coffee'"
    )[0]
    shown = next(line for line in done.stdout.splitlines() if line.startswith("cost_rub_per_month"))
    assert shown.split()[1] == f"{cost:,.0f}"
    ((offered, costs),) = query(checkout, offers)
    assert offered <= limit
    assert costs <= budget


@pytest.mark.slow
def test_simulate_works_on_own_files_too(own_run):
    """Nine days that start within a month: the period comes from the files, not from a parameter."""
    own, visits = own_run
    done = own.run("simulate", "--feature=fuel_discount")
    assert done.returncode == 0, done.stdout + done.stderr
    # Without a trial there are no estimates for single clients.
    for name in ("fct_client_offers", "mart_offers"):
        assert query(own, f"select count(*) from marts.{name}") == [(0,)]
    assert own.run("export").returncode == 0
    assert list((own.root / "data" / "exports" / "audiences").iterdir()) == []
    rows = query(own, "select distinct basis_code, p_value from marts.mart_feature_metrics")
    assert rows == [("rules_scenario", None)]
    assert query(own, "select source, transactions_count from marts.run_info") == [("own", visits)]
    # Own data is not compared with published figures.
    assert query(own, "select distinct kind, is_passed from marts.mart_twin_quality") == [("physical", True)]
    for name in ("mart_twin_curves", "mart_twin_parameters", "mart_twin_unused_figures"):
        assert query(own, f"select count(*) from marts.{name}") == [(0,)]


def test_validate_reports_no_mistakes(checkout):
    done = checkout.run("validate")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no mistakes" in done.stdout


def test_export_writes_the_marts(checkout):
    done = checkout.run("export")
    assert done.returncode == 0, done.stderr
    data = checkout.root / "data"
    first = {path.name: path.read_bytes() for path in data.glob("*.csv")}
    assert set(first) == {"synthetic.csv", "synthetic_mapped.csv", "simulated_reactions_advanced.csv"}
    with duckdb.connect(str(data / "twinlab.duckdb"), read_only=True) as warehouse:
        kept = dict(warehouse.sql("select feature_code, brief_ru from marts.mart_feature_briefs").fetchall())
    written = {path.stem: path.read_text(encoding="utf-8") for path in (data / "exports" / "briefs").glob("*.md")}
    assert written == kept
    assert len(written) == 9
    read = duckdb.connect()
    clients = read.read_csv(str(data / "synthetic.csv"))
    assert clients.columns == [
        "client_id",
        "client_type",
        "region",
        "main_fuel_grade",
        "tank_volume_l",
        "has_loyalty_card",
        "has_fuel_card",
        "has_contract",
        "main_payment_method",
        "visits_per_month",
        "volume_l_per_visit",
        "spend_rub_per_visit",
    ]
    assert clients.select("client_id").fetchall() == query(
        checkout, "select client_id from marts.dim_clients order by client_id"
    )
    mapped = read.read_csv(str(data / "synthetic_mapped.csv"))
    assert mapped.columns == [
        *clients.columns,
        "portrait_code",
        "portrait_label_ru",
        "confidence_prob",
        "second_portrait_code",
    ]
    assert mapped.select("client_id, portrait_code").fetchall() == query(
        checkout, "select client_id, portrait_code from marts.fct_client_portraits order by client_id"
    )
    labels = "select distinct label_ru from marts.dim_portraits join marts.fct_client_portraits using (portrait_code)"
    assert set(mapped.select("portrait_label_ru").fetchall()) == set(query(checkout, labels))
    reactions = read.read_csv(str(data / "simulated_reactions_advanced.csv"))
    columns = "client_id, portrait_code, feature_code, is_eligible, is_treated, has_responded, response_prob"
    assert ", ".join(reactions.columns) == columns
    assert reactions.fetchall() == query(
        checkout, f"select {columns} from marts.fct_reactions order by client_id, feature_code"
    )
    # Overwriting existing files gives the same bytes.
    assert checkout.run("export").returncode == 0
    assert {path.name: path.read_bytes() for path in data.glob("*.csv")} == first


def test_export_writes_the_audience_of_each_feature(checkout):
    folder = checkout.root / "data" / "exports" / "audiences"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gone_feature.csv").touch()
    assert checkout.run("export").returncode == 0
    first = {path.stem: path.read_bytes() for path in folder.iterdir()}
    units = dict(query(checkout, "select feature_code, randomization_unit from marts.dim_features"))
    estimated = query(checkout, "select distinct feature_code from marts.fct_reactions where is_own_estimate")
    assert set(first) == {code for (code,) in estimated} != set()
    # Consent matters for personal offers only: clients of a station do not choose what it offers.
    recommended = """
        select reactions.feature_code, clients.client_id, clients.has_marketing_consent, clients.home_station_id
        from marts.fct_reactions as reactions inner join marts.dim_clients as clients using (client_id)
        where reactions.is_recommended"""
    whole, read, best = query(checkout, recommended), duckdb.connect(), set()
    for code in first:
        written = read.read_csv(str(folder / f"{code}.csv"))
        rows = [dict(zip(written.columns, row, strict=True)) for row in written.fetchall()]
        profits = [row["predicted_profit_rub_per_month"] for row in rows]
        assert profits == sorted(profits, reverse=True)
        mine = [row for row in whole if row[0] == code]
        if units[code] == "home_station":
            names = ["station_id", "label_ru", "region", "clients_count", "predicted_profit_rub_per_month"]
            counts = Counter(station for *_, station in mine)
            assert {row["station_id"]: row["clients_count"] for row in rows} == counts
        else:
            names = ["client_id", "portrait_code", "portrait_label_ru", "predicted_margin_rub_per_month"]
            names += ["predicted_cost_rub_per_month", "predicted_profit_rub_per_month", "is_best_offer"]
            assert {row["client_id"] for row in rows} == {client for _, client, agreed, _ in mine if agreed}
            best |= {(row["client_id"], code) for row in rows if row["is_best_offer"]}
        assert written.columns == names
    assert best == set(query(checkout, "select client_id, feature_code from marts.fct_client_offers"))
    assert checkout.run("export").returncode == 0
    assert {path.stem: path.read_bytes() for path in folder.iterdir()} == first


def test_a_new_checkout_says_what_to_run_first(new_checkout):
    fresh = new_checkout("fresh")
    for command in ("export", "simulate", "summary", "docs", "dev"):
        done = fresh.run(command)
        assert done.returncode == 2
        assert "make run" in done.stderr, (command, done.stderr)
    served = fresh.run("serve")
    assert served.returncode == 2
    assert "there are no reports yet" in served.stderr
