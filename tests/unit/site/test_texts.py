"""Texts of the warehouse come to the pages as text, whatever stands in them."""

import json
import shutil
import subprocess
from pathlib import Path

REPORTS = Path(__file__).parents[3] / "reports"


def parse(markdown):
    """Run the pages' own reader of briefs."""
    module = (REPORTS / "components" / "brief.js").as_uri()
    code = f"import {{ parseBrief }} from {module!r}; console.log(JSON.stringify(parseBrief(process.argv[1])));"
    command = [shutil.which("node"), "--input-type=module", "-e", code, "--", markdown]
    return json.loads(subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout)


def test_a_brief_is_headings_paragraphs_and_bold_words():
    heading, conclusion, risks = parse("# Кофе\n\n**Вывод: работает.**\n\n**Риски.**\nМало данных.\nЕщё риск.\n")
    assert heading == {"isHeading": True, "spans": [{"text": "Кофе", "isBold": False}]}
    assert conclusion == {"isHeading": False, "spans": [{"text": "Вывод: работает.", "isBold": True}]}
    assert risks["spans"] == [
        {"text": "Риски.", "isBold": True},
        {"text": " Мало данных. Ещё риск.", "isBold": False},
    ]


def test_markup_and_code_in_a_brief_stay_text():
    text = '<img src=x onerror="alert(1)"> {@html x} [сюда](javascript:alert(1)) 2 * 3 * 4'
    assert parse(text) == [{"isHeading": False, "spans": [{"text": text, "isBold": False}]}]


def test_no_brief_is_nothing():
    assert parse("") == []


def test_no_page_takes_data_for_html():
    files = [*REPORTS.glob("components/*.svelte"), *REPORTS.glob("pages/**/*.svelte"), *REPORTS.glob("pages/**/*.md")]
    assert files
    assert [file.name for file in files if "{@html" in file.read_text(encoding="utf-8")] == []
