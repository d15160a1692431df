"""The pages' own code that a program can run: files that they give away, and the SQL that they show."""

import json
import shutil
import subprocess
from pathlib import Path

import duckdb

COMPONENTS = Path(__file__).parents[3] / "reports" / "components"


def run(name, function, *arguments):
    """Run a function of one of the modules."""
    code = (
        f"import * as module from {(COMPONENTS / name).as_uri()!r};"
        f"console.log(JSON.stringify(({function})(...JSON.parse(process.argv[1]))));"
    )
    command = [shutil.which("node"), "--input-type=module", "-e", code, "--", json.dumps(arguments)]
    return json.loads(subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout)


def test_a_file_has_the_units_of_its_headings():
    columns = [
        {"column": "name", "label": "Регион"},
        {"column": "revenue", "label": "Выручка, млн ₽", "fmt": "#,##0.0,,"},
        {"column": "profit", "label": "Прибыль", "fmt": "#,##0, тыс. ₽;-#,##0, тыс. ₽"},
        {"column": "share", "label": "Отклик", "fmt": "0.0%"},
        {"column": "visits", "label": "Визиты", "fmt": "#,##0"},
        {"column": "volume", "label": "Топливо", "fmt": "#,##0,"},
        {"column": "is_sure", "label": "Уверенно"},
    ]
    rows = [
        {
            "name": "Юг; море",
            "revenue": 1_234_500,
            "profit": -1500,
            "share": 0.25,
            "visits": 1234567,
            "volume": 5,
            "is_sure": True,
        },
        {"name": "Север", "revenue": None, "profit": 0.1 + 0.2, "share": 1, "visits": 0, "volume": 0},
    ]
    assert run("csv.js", "module.toCsv", rows, columns).split("\r\n") == [
        "\ufeffРегион;Выручка, млн ₽;Прибыль, тыс. ₽;Отклик, доля;Визиты;Топливо, тыс.;Уверенно",
        '"Юг; море";1,2345;-1,5;0,25;1234567;0,005;да',
        "Север;;0,0003;1;0;0;",
        "",
    ]


def test_a_text_of_a_file_is_no_formula():
    rows = [{"name": text} for text in ('=HYPERLINK("http://x";"y")', "+1", "-1", "@a", 'a "b"\nc', "2 + 2")]
    cells = (
        run("csv.js", "module.toCsv", rows, [{"column": "name", "label": "=1"}]).removeprefix("\ufeff").split("\r\n")
    )
    assert cells == ["'=1", '"\'=HYPERLINK(""http://x"";""y"")"', "'+1", "'-1", "'@a", '"a ""b""\nc"', "2 + 2", ""]


def test_a_file_is_named_after_what_it_holds():
    assert run("csv.js", "module.csvName", "Фичи", "Доля: «да/нет»?") == "Фичи. Доля «да нет».csv"
    assert run("csv.js", "module.csvName", "", None) == "АЗС TwinLab.csv"


def page_sql(texts, sources):
    """Read queries as Evidence hands them over: each name in braces filled in with the query of that name."""
    queries, compiled = [], {}
    for name, text in texts.items():
        compiled[name] = text
        for other in compiled:
            compiled[name] = compiled[name].replace(f"${{{other}}}", f"({compiled[other]})")
        queries.append({"id": name, "inputQueryString": text, "compiledQueryString": compiled[name]})
    found = run(
        "page-sql.js", "(queries, sources) => module.pageSql(queries, () => undefined, sources)", queries, sources
    )
    return {entry["id"]: entry for entry in found}


WHOLE = {"mart_months": "-- All of it.\nselect * from marts.mart_months\n"}
PART = {"mart_offers": "-- Parts stay behind.\nselect feature_code, clients_count\nfrom marts.mart_offers\n"}


def test_a_query_reads_the_mart_itself():
    shown = page_sql({"q_all": "select * from warehouse.mart_months"}, WHOLE)
    assert shown == {
        "q_all": {"id": "q_all", "sql": "select * from marts.mart_months;", "marts": ["marts.mart_months"]}
    }


def test_what_the_site_takes_of_a_mart_stands_before_the_query():
    shown = page_sql({"q_all": "select * from warehouse.mart_offers where clients_count > 0"}, PART)["q_all"]
    assert shown["marts"] == ["marts.mart_offers"]
    assert shown["sql"] == (
        "with mart_offers as (\n    select feature_code, clients_count\n    from marts.mart_offers\n)\n\n"
        "select * from mart_offers where clients_count > 0;"
    )


def test_queries_that_build_on_each_other_run_as_one():
    texts = {
        "months": "select month, visits from warehouse.mart_months",
        "q_full": "select * from ${months} where visits > 1",
        "q_top": "with top as (select max(visits) as visits from ${q_full}) from top join ${months} using (visits)",
        "q_same": "with months as (from ${q_full}) select count(*) from months join ${months} as every using (month)",
    }
    shown = page_sql(texts, WHOLE)
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.mart_months as from (values (1, 1), (2, 5), (3, 4)) as t (month, visits)"
        )
        found = {name: connection.execute(entry["sql"]).fetchall() for name, entry in shown.items()}
    assert found == {
        "months": [(1, 1), (2, 5), (3, 4)],
        "q_full": [(2, 5), (3, 4)],
        "q_top": [(5, 2)],
        "q_same": [(2,)],
    }
    assert all("(select month, visits" not in entry["sql"] for entry in shown.values())
