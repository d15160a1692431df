"""Finding Chromium, or saying how to get it."""

import pytest

from twinlab.develop.browser import find_chromium, require_chromium
from twinlab.errors import UserError


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "chromium"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_named_browser_wins(program):
    assert find_chromium({"TWINLAB_CHROMIUM": str(program), "PATH": "/nowhere"}) == program


def test_a_name_that_is_no_program_is_told(tmp_path):
    with pytest.raises(UserError, match="is no program"):
        find_chromium({"TWINLAB_CHROMIUM": str(tmp_path / "none")})


def test_the_path_is_searched(program):
    assert find_chromium({"PATH": str(program.parent)}) == program


def test_without_any_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("twinlab.develop.browser._MACOS", ())
    monkeypatch.delenv("TWINLAB_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as caught:
        require_chromium()
    for word in ("Debian", "Fedora", "macOS", "TWINLAB_CHROMIUM"):
        assert word in caught.value.render()
