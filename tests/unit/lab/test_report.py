"""What every report has."""

from lab.report import machine, markdown


def test_columns_of_numbers_are_aligned_to_the_right():
    table = markdown(["what", "of", "value"], [["a", "b", "1"]], text_columns=2)
    assert table == "| what | of | value |\n|---|---|---:|\n| a | b | 1 |"


def test_machine_names_what_the_figures_depend_on():
    for word in ("cores", "GiB", "Python", "duckdb", "dbt-core"):
        assert word in machine()
