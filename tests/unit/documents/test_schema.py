"""Schema violations have one wording, and are reported in the order of the document."""

import pytest
from jsonschema import Draft202012Validator

from documents.problems import DocumentError, Problem
from documents.schema import load_document, schema_problems
from tests.broken import SCHEMAS

LONG = [f"code_{number}" for number in range(30)]
WORDINGS = {
    "type": ({"type": ["number", "null"]}, "x", 'found "x"; allowed: a number or null'),
    "enum": ({"enum": ["a", 1, None]}, "x", 'found "x"; allowed: "a", 1, null'),
    "const": ({"const": "a"}, "x", 'found "x"; allowed: "a"'),
    "minimum": ({"minimum": 1, "exclusiveMaximum": 5}, 0, "found 0; allowed: a number at least 1 and below 5"),
    "maximum": ({"minimum": 1, "maximum": 5}, 6, "found 6; allowed: a number from 1 to 5"),
    "exclusiveMinimum": ({"exclusiveMinimum": 0}, 0, "found 0; allowed: a number above 0"),
    "exclusiveMaximum": ({"exclusiveMaximum": 1}, 1.5, "found 1.5; allowed: a number below 1"),
    "pattern": ({"pattern": "^[a-z]$"}, "Ж", 'found "Ж"; allowed: text that matches ^[a-z]$'),
    "propertyNames": (
        {"propertyNames": {"pattern": "^[a-z]$"}},
        {"Ж": 1},
        'found "Ж"; allowed: text that matches ^[a-z]$',
    ),
    "required": ({"required": ["a", "b"]}, {"a": 1}, "missing key 'b'; required: a, b"),
    "additionalProperties": (
        {"properties": {"a": {}}, "additionalProperties": False},
        {"x": 1, "y": 2},
        "unknown keys 'x', 'y'; allowed: a",
    ),
    "minItems": ({"minItems": 2}, [1], "found 1 item; allowed: 2 or more"),
    "maxItems": ({"maxItems": 2}, [1, 2, 3], "found 3 items; allowed: 2 or fewer"),
    "minProperties": ({"minProperties": 1}, {}, "found 0 keys; allowed: 1 or more"),
    "minLength": ({"minLength": 1}, "", 'found ""; allowed: 1 or more characters'),
    "maxLength": ({"maxLength": 2}, "abc", "found 3 characters; allowed: 2 or fewer"),
    "uniqueItems": ({"uniqueItems": True}, [1, 1], "found [1, 1]; allowed: each value once"),
    "anyOf": (
        {"anyOf": [{"required": ["low"]}, {"required": ["high", "low"]}]},
        {},
        "found {}; allowed: an object with low or an object with high, low",
    ),
    "oneOf": (
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        None,
        "found null; allowed: text or a whole number",
    ),
    "not": ({"not": {"enum": ["a", "b"]}}, "a", 'found "a"; allowed: any value except "a", "b"'),
}
APPLIED_IN_PLACE = {"$schema", "$defs", "$ref", "title", "description", "properties", "items", "prefixItems"} | {
    "allOf",
    "if",
    "then",
    "else",
}
"""Keywords that reject nothing themselves."""


def keywords(schema):
    """Yield the keywords of a schema and of its subschemas."""
    if not isinstance(schema, dict):
        return
    for keyword, content in schema.items():
        yield keyword
        if keyword in ("properties", "$defs"):
            inside = list(content.values())
        elif keyword in ("enum", "const", "required", "type"):
            inside = []
        else:
            inside = content if isinstance(content, list) else [content]
        for each in inside:
            yield from keywords(each)


@pytest.mark.parametrize("keyword", WORDINGS)
def test_wording(keyword):
    schema, value, message = WORDINGS[keyword]
    assert schema_problems("some.json", value, schema) == [Problem("some.json", "the whole file", message)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_keyword_of_the_schemas_has_a_wording(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert set(keywords(SCHEMAS[name])) <= set(WORDINGS) | APPLIED_IN_PLACE


def messages(value, schema):
    return [(problem.place, problem.message) for problem in schema_problems("some.json", value, schema)]


def test_a_keyword_without_a_wording_still_reports_found_and_allowed():
    assert messages(3, {"multipleOf": 2}) == [("the whole file", "found 3; allowed: multipleOf 2")]


def test_a_description_replaces_the_rule():
    schema = {"description": "roubles: above 0", "type": "number", "exclusiveMinimum": 0, "enum": [0, 1]}
    assert messages("x", schema)[0][1] == 'found "x"; allowed: roubles: above 0'
    assert messages(0, schema)[0][1] == "found 0; allowed: roubles: above 0"
    assert messages(2, schema)[0][1] == "found 2; allowed: 0, 1"


def test_of_a_long_list_the_most_similar_values_are_listed():
    [(_, message)] = messages("code_77", {"enum": LONG})
    assert message.startswith('found "code_77"; allowed: "code_7", "code_17", "code_27"')
    assert message.endswith("… (30 in all, in the schema)")


def test_long_values_are_truncated():
    [(_, message)] = messages("ы" * 500, {"type": "number"})
    assert message == f'found "{"ы" * 58}…; allowed: a number'


def test_errors_inside_the_only_matching_alternative_are_reported():
    named = {"properties": {"column": {}, "codes": {"items": {"type": "string"}}}, "required": ["column"]}
    schema = {"properties": {"a": {"anyOf": [{"type": "string"}, named | {"type": "object"}]}}}
    assert messages({"a": {"column": "x", "codes": ["y", 1]}}, schema) == [("a.codes[1]", "found 1; allowed: text")]
    assert messages({"a": {"codes": ["y", 1]}}, schema) == [
        ("a", 'found {"codes": ["y", 1]}; allowed: text or an object with column')
    ]


def test_problems_are_in_the_order_of_the_document_without_duplicates():
    schema = {"additionalProperties": {"items": {"required": ["a", "b"], "properties": {"n": {"type": "number"}}}}}
    document = {"z": [{"n": n if n % 5 else "x", "a": 1, "b": 1} for n in range(11)], "c": [{}]}
    assert [place for place, _ in messages(document, schema)] == ["z[0].n", "z[5].n", "z[10].n", "c[0]"]


def test_a_file_is_read_and_checked(tmp_path):
    path, schema = tmp_path / "some.json", tmp_path / "some.schema.json"
    schema.write_text('{"type": "object", "required": ["a"]}')
    path.write_text('{"a": 1}')
    assert load_document(path, schema) == {"a": 1}
    path.write_text("{}")
    with pytest.raises(DocumentError, match="^some.json: the whole file: missing key 'a'; required: a$"):
        load_document(path, schema)
    with pytest.raises(DocumentError, match="^my/some.json: the whole file: "):
        load_document(path, schema, "my/some.json")
    path.write_text("{")
    with pytest.raises(DocumentError, match="^some.json: line 1, column 2: not valid JSON"):
        load_document(path, schema)
