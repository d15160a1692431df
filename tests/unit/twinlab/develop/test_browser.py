"""Chromium is found, or the message says how to install it."""

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


def test_a_name_that_is_not_an_executable_is_rejected(tmp_path):
    with pytest.raises(UserError, match="is not an executable"):
        find_chromium({"TWINLAB_CHROMIUM": str(tmp_path / "none")})


def test_the_path_is_searched(program):
    assert find_chromium({"PATH": str(program.parent)}) == program


def test_without_any_browser_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("twinlab.develop.browser._MACOS", ())
    monkeypatch.delenv("TWINLAB_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as caught:
        require_chromium()
    for word in ("Debian", "Fedora", "macOS", "TWINLAB_CHROMIUM"):
        assert word in caught.value.render()
