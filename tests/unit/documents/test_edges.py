"""For any broken document, every reader reports file, place, value found and what is allowed, in the same words."""

import json
import re
import shutil
from collections import defaultdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from documents.messages import path_text
from documents.problems import DocumentError
from documents.schema import load_document, schema_problems
from generator.config import load_run
from generator.errors import GeneratorError
from ingest import IngestError, mapping
from tests.broken import REFERENCE, SCHEMAS, SHIPPED, VALUES, broken_documents, broken_files, nodes
from twinlab.reference.load import InvalidReferenceError, load_reference

SENTENCE = re.compile(
    r"(?:found (?P<found>.*?)|(?P<fault>missing|unknown) keys? (?P<names>'.*?'))"
    r"; (?:allowed|required): \S.*",
    re.DOTALL,
)
RUN = {"seed": 1, "clients": 10, "months": 12, "period_start": "2025-01-01"}


def shows(text, value):
    """Return whether a text is a value as JSON, or its truncated beginning."""
    whole = json.dumps(value, ensure_ascii=False)
    return text == whole or (text.endswith("…") and len(text) == 60 and whole.startswith(text[:-1]))


def is_true_of(message, value):
    """Return whether what a message reports as found is the value in the document."""
    sentence = SENTENCE.fullmatch(message)
    if sentence is None:
        return False
    if sentence["found"] is None:
        names = [name.strip("'") for name in sentence["names"].split(", ")]
        return isinstance(value, dict) and all((name in value) == (sentence["fault"] != "missing") for name in names)
    if counted := re.fullmatch(r"(\d+) (item|key|character)s?", sentence["found"]):
        return len(value) == int(counted[1])
    keys = value if isinstance(value, dict) else ()
    return shows(sentence["found"], value) or any(shows(sentence["found"], key) for key in keys)


def assert_problems_are_complete(name, document):
    problems = schema_problems("some.json", document, SCHEMAS[name])
    errors = list(Draft202012Validator(SCHEMAS[name]).iter_errors(document))
    assert bool(problems) == bool(errors)
    values_at = defaultdict(list)
    for path, node in nodes(document):
        values_at[path_text(path, document)].append(node)
    for problem in problems:
        assert problem.file == "some.json"
        assert any(is_true_of(problem.message, value) for value in values_at[problem.place]), problem
        found, allowed = problem.message.partition("; ")[0].removeprefix("found "), problem.message.rpartition(": ")[2]
        assert found not in allowed.split(", "), problem
    places = [problem.place for problem in problems]
    for error in errors:
        place = path_text(error.absolute_path, document)
        assert any(other.startswith(place) for other in places), error
    return problems


@pytest.mark.parametrize("name", SCHEMAS)
def test_shipped_documents_have_no_problems(name):
    assert assert_problems_are_complete(name, SHIPPED[name]) == []


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=60)
@given(data=st.data())
def test_every_problem_names_file_place_found_value_and_what_is_allowed(name, data):
    assert_problems_are_complete(name, data.draw(broken_documents(name)))


@pytest.mark.parametrize("name", SCHEMAS)
@given(st.sampled_from(["portraits", "features", "rules", "version", "regions", "clients"]), VALUES)
def test_any_value_is_accepted_or_described(name, key, value):
    assert_problems_are_complete(name, {"version": 1, key: value})
    assert_problems_are_complete(name, value)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Copy of the reference folder whose twin.json, mapping.json and their schemas the test replaces."""
    folder = tmp_path_factory.mktemp("edges") / "reference"
    shutil.copytree(REFERENCE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapping, "SCHEMA", folder / "schemas" / "twin.schema.json")
        yield folder


def errors_of_each_package(folder):
    """Yield each package's error lines for the same document, without the file name, and its advice."""
    with pytest.raises(GeneratorError) as of_generator:
        load_run(folder, **RUN)
    with pytest.raises(IngestError) as of_ingest:
        mapping.find_mapping(folder)
    with pytest.raises(InvalidReferenceError) as of_twinlab:
        load_reference(folder, folder / "schemas")
    for file, (*lines, advice) in (
        ("twin.json", str(of_generator.value).split("\n")),
        (folder / mapping.NAME, [of_ingest.value.problem, *of_ingest.value.details]),
        ("twin.json", of_twinlab.value.details),
    ):
        named = [line for line in lines if line.startswith(f"{file}: ")]
        assert named == lines or (named == lines[:-1] and re.fullmatch("  … and [0-9]+ more", lines[-1]))
        yield [line.removeprefix(f"{file}: ") for line in lines], advice


@settings(max_examples=100)
@given(data=st.data())
def test_generator_ingest_and_twinlab_report_the_same_for_the_same_document(reference, data):
    name = data.draw(st.sampled_from(sorted(SCHEMAS)))
    content = data.draw(broken_files(name))
    schema = reference / "schemas" / "twin.schema.json"
    schema.write_text(json.dumps(SCHEMAS[name]), encoding="utf-8")
    for file in ("twin.json", mapping.NAME):
        (reference / file).write_bytes(content)
    try:
        load_document(reference / "twin.json", schema)
    except DocumentError as error:
        expected = [line.removeprefix("twin.json: ") for line in error.lines]
    else:
        assume(False)
    reported, advice = zip(*errors_of_each_package(reference), strict=True)
    assert reported == (expected, expected, expected)
    assert all(re.match("Correct the files?; (its schema is|their schemas are) ", line) for line in advice)
