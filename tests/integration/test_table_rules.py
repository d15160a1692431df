"""The generic test `valid`: a broken rule of each kind is named and counted, and null breaks not_null alone."""

from pathlib import Path

import duckdb
import jinja2
import pytest

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
RULES = {
    "not_null": ["id", "kind"],
    "unique": ["id", ["id", "kind"], ["kind", "share"]],
    "between": {"share": [0, 1], "low": [0, "2 * high - high"]},
    "accepted_values": {"kind": ["a", "b"]},
    "relationships": {"id": "parents", "parent_id": {"to": "parents", "field": "id"}},
}
ROWS = [
    {"id": 1, "kind": "a", "share": 0.5, "low": 1.0, "high": 2.0, "parent_id": 1},
    {"id": 2, "kind": "b", "share": 1.0, "low": 0.0, "high": None, "parent_id": None},
    {"id": 3, "kind": "a", "share": None, "low": None, "high": 0.0, "parent_id": 3},
]


def render(model, **rules):
    """Render the test as dbt does, whose tag `test` is a macro."""
    text = (MACROS / "tests.sql").read_text(encoding="utf-8")
    text = text.replace("{% test ", "{% macro ").replace("{% endtest %}", "{% endmacro %}")
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    settings = {}
    template = environment.from_string(text, globals={"config": lambda **given: settings.update(given) or ""})
    return template.module.valid(model, **rules), settings["fail_calc"]


def broken(rows, *, model="rows", parents=(1, 2, 3, None), **rules):
    """Return what the test reports of rows, as dbt asks for it: an empty text when every rule holds."""
    sql, calculation = render(model, **rules)
    with duckdb.connect() as connection:
        connection.execute("create table parents as select unnest($ids::int[]) as id", {"ids": list(parents)})
        columns = "id int, kind text, share double, low double, high double, parent_id int"
        connection.execute(f"create table rows ({columns})")
        for row in rows:
            connection.execute("insert into rows values ($id, $kind, $share, $low, $high, $parent_id)", row)
        try:
            assert connection.sql(f"select {calculation} from ({sql}) as found").fetchone() == (0,)
        except duckdb.InvalidInputException as error:
            return str(error).removeprefix("Invalid Input Error: ").removeprefix("rows breaks ")
    return ""


def with_row(**changed):
    return [*ROWS, {"id": None, "kind": None, "share": None, "low": None, "high": None, "parent_id": None} | changed]


def test_rows_that_keep_the_rules_pass():
    assert broken(ROWS, **RULES) == ""


@pytest.mark.parametrize(
    ("row", "report"),
    [
        ({"id": 3, "kind": "a", "share": 0.1}, "unique id: 1; unique id, kind: 1"),
        ({"id": 3, "kind": "b", "share": -0.1}, "between share: 1; unique id: 1"),
        ({"id": 3, "kind": "b", "share": float("nan")}, "between share: 1; unique id: 1"),
        ({"id": 3, "kind": "b", "low": 2.0, "high": 1.0}, "between low: 1; unique id: 1"),
        ({"id": 3, "kind": "b", "low": float("nan"), "high": None}, "between low: 1; unique id: 1"),
        ({"id": 4, "kind": "b"}, "relationships id: 1"),
        ({"id": 3, "kind": "b", "parent_id": 7}, "relationships parent_id: 1; unique id: 1"),
        ({"id": 3, "kind": "c"}, "accepted_values kind: 1; unique id: 1"),
        ({"id": 3}, "not_null kind: 1; unique id: 1"),
    ],
)
def test_a_broken_rule_is_named_and_counted(row, report):
    assert broken(with_row(**row), **RULES) == report


def test_the_table_is_named_as_dbt_passes_it():
    """A quoted name; with the config `where`, a query."""
    assert broken(with_row(), model='"main"."rows"', not_null=["id"]) == "main.rows breaks not_null id: 1"
    chosen = "(select * from rows where kind = 'a') as chosen"
    assert broken(with_row(kind="a"), model=chosen, not_null=["id"]) == f"{chosen} breaks not_null id: 1"
    assert broken(with_row(kind="b"), model=chosen, not_null=["id"]) == ""


def test_nulls_are_equal_in_a_key_of_several_columns():
    """The rows 3 and 4 agree in (a, null)."""
    assert broken(with_row(kind="a"), unique=["id", ["kind", "share"]]) == "unique kind, share: 1"


def test_null_breaks_not_null_alone():
    rules = {name: rule for name, rule in RULES.items() if name != "not_null"}
    assert broken(with_row(), **rules) == ""
    assert broken(with_row(), **RULES) == "not_null id: 1; not_null kind: 1"


def test_null_has_no_parent_in_an_empty_table_either():
    """In SQL, null is not in an empty list."""
    assert broken([*with_row(), *with_row()], parents=[], relationships=RULES["relationships"]) == (
        "relationships id: 6; relationships parent_id: 4"
    )


@pytest.mark.parametrize("name", RULES)
def test_every_kind_of_rule_stands_alone(name):
    assert broken(ROWS, **{name: RULES[name]}) == ""


def test_an_empty_table_keeps_the_rules():
    assert broken([], **RULES) == ""
