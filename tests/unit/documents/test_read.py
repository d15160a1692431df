"""A file that is not strict JSON is rejected with the place, what was found and what is allowed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.problems import DocumentError, Problem
from documents.read import MAX_DEPTH, read_json
from tests.broken import VALUES


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("documents") / "some.json"


def problems_of(path, content):
    """Return place and message of each problem that a file with this content is rejected for."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DocumentError) as caught:
        read_json(path)
    assert all(problem.file == "some.json" for problem in caught.value.problems)
    return [(problem.place, problem.message) for problem in caught.value.problems]


@given(VALUES, st.sampled_from(["utf-8", "utf-8-sig"]), st.sampled_from([None, 2]))
def test_json_written_by_python_is_read_back(path, value, encoding, indent):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent), encoding=encoding)
    assert read_json(path) == value


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("", "line 1, column 1", "not valid JSON, found the end of the file: Expecting value"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6", "not valid JSON, found \"2\": Expecting ':' delimiter"),
        ('{"a": 1} {', "line 1, column 10", 'not valid JSON, found "{": Extra data'),
        (
            "{'a': 1}",
            "line 1, column 2",
            'not valid JSON, found "\'": Expecting property name enclosed in double quotes',
        ),
        ("NaN", "the whole file", "found NaN; allowed: a finite number"),
        ('{"a": [{"b_code": "x", "c": -Infinity}]}', "a[0] (x).c", "found -Infinity; allowed: a finite number"),
        ('{"a": 1e999}', "a", "found 1e999; allowed: a finite number"),
        ('{"a": 1' + "0" * 5000 + "}", "a", f"found 1{'0' * 57}…; allowed: a finite number"),
        (
            '{"a": {"b": 1, "c": 2, "b": 3}}',
            "a",
            "found 'b' more than once; allowed: each key of an object once",
        ),
        ("[" * 100_000, "the whole file", "found brackets nested too deeply; allowed: at most 64 levels"),
        (b'{"a": "\xff"}', "byte 7", "found 0xff; allowed: UTF-8 text; save the file as UTF-8"),
        (b'\xef\xbb\xbf{"a": "\xff"}', "byte 10", "found 0xff; allowed: UTF-8 text; save the file as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "byte 0", "found 0xff; allowed: UTF-8 text; save the file as UTF-8"),
    ],
)
def test_problems_name_place_and_what_was_found(path, content, place, message):
    assert problems_of(path, content) == [(place, message)]


def test_every_repeated_key_and_non_finite_number_is_reported(path):
    assert problems_of(path, '{"a": NaN, "b": {"c": 1, "c": 1, "d": 1, "d": 1, "e": [0, 1e400]}}') == [
        ("a", "found NaN; allowed: a finite number"),
        ("b", "found 'c', 'd' more than once; allowed: each key of an object once"),
        ("b.e[1]", "found 1e400; allowed: a finite number"),
    ]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_read_up_to_the_limit(path, opening):
    closing = "]" if opening == "[" else "}"

    def nested(depth):
        return opening * (depth - 1) + "[1]" + closing * (depth - 1)

    path.write_text(nested(MAX_DEPTH))
    assert read_json(path)
    for depth in (MAX_DEPTH + 1, 500, 900):
        assert problems_of(path, nested(depth)) == [
            ("the whole file", "found brackets nested too deeply; allowed: at most 64 levels")
        ]


def test_a_missing_file_is_reported_under_the_name_given_by_the_caller(tmp_path):
    with pytest.raises(DocumentError) as caught:
        read_json(tmp_path / "no.json", "their/no.json")
    message = f"there is no file {tmp_path / 'no.json'}; restore it with git"
    assert caught.value.problems == (Problem("their/no.json", "missing", message),)
    assert str(caught.value) == f"their/no.json: missing: {message}"


def test_many_problems_are_truncated_to_half_a_screen():
    error = DocumentError([Problem("some.json", f"a[{number}]", "found 1; allowed: 2") for number in range(30)])
    assert len(error.problems) == 30
    assert error.lines == str(error).split("\n")
    assert error.lines[10:] == ["some.json: a[10]: found 1; allowed: 2", "  … and 19 more"]
