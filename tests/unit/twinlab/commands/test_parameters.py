"""Parameters: what is allowed, and the message when it is not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinlab.errors import UserError
from twinlab.parameters import CLIENTS_AT_MOST, MONTHS_AT_MOST, SEED_AT_MOST, Parameters


def test_nothing_typed_is_the_default_run():
    assert Parameters.parse() == Parameters(2000, 12, 42, "synthetic", date(2025, 1, 1))
    assert Parameters.parse("", " ", None, "") == Parameters()


def test_vars_are_what_dbt_declares():
    given_vars = Parameters.parse("20000", "6", "7").as_vars()
    assert given_vars == {
        "clients": 20000,
        "months": 6,
        "seed": 7,
        "source": "synthetic",
        "period_start": "2025-01-01",
    }


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("clients", "-5"),
        ("clients", "0"),
        ("clients", str(CLIENTS_AT_MOST + 1)),
        ("clients", "2000.5"),
        ("clients", "1e3"),
        ("clients", "1_000"),
        ("clients", "двести"),
        ("clients", "٢٠٠٠"),
        ("clients", "9" * 5000),
        ("months", "0"),
        ("months", str(MONTHS_AT_MOST + 1)),
        ("seed", "abc"),
        ("seed", "-1"),
        ("seed", str(SEED_AT_MOST + 1)),
        ("seed", "42; touch wrong"),
    ],
)
def test_wrong_number_is_named_with_what_is_allowed(name, typed):
    with pytest.raises(UserError) as caught:
        Parameters.parse(**{name: typed})
    message = caught.value.render()
    assert f"{name.upper()}={typed}"[:100] in message
    assert "Allowed: a whole number from" in message
    assert f"make run {name.upper()}=" in message
    assert max(map(len, message.splitlines())) <= 400


@given(st.integers(1, CLIENTS_AT_MOST), st.integers(1, MONTHS_AT_MOST), st.integers(0, SEED_AT_MOST))
def test_every_number_in_range_is_taken(clients, months, seed):
    parsed = Parameters.parse(str(clients), f" {months}\n", str(seed))
    assert (parsed.clients, parsed.months, parsed.seed) == (clients, months, seed)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_message(text):
    try:
        seed = Parameters.parse(seed=text).seed
    except UserError as error:
        assert "Allowed" in error.render()
    else:
        assert 0 <= seed <= SEED_AT_MOST


def test_source_becomes_an_absolute_path(tmp_path, monkeypatch):
    (tmp_path / "own files").mkdir()
    monkeypatch.chdir(tmp_path)
    parsed = Parameters.parse(source="own files")
    assert parsed.source == str(tmp_path / "own files")
    assert not parsed.is_synthetic


def test_source_that_is_no_folder_is_reported(tmp_path):
    (tmp_path / "clients.csv").write_text("client_id\n1\n")
    with pytest.raises(UserError, match="does not exist"):
        Parameters.parse(source=str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="is a file, not a folder"):
        Parameters.parse(source=str(tmp_path / "clients.csv"))
