"""The locked requirements, and where `make lock` looks packages up."""

import re

import pytest

from twinlab.develop.requirements import _index


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_every_pin_with_hashes_and_no_address(root, name):
    wanted = re.findall(r"^[\w.-]+==\S+", (root / f"{name}.in").read_text(), re.M)
    text = (root / f"{name}.txt").read_text()
    locked = re.findall(r"^([\w.-]+)(?:\[.+?\])?(==\S+)(?: ;.+?)? \\\n    --hash=sha256:", text, re.M)
    assert wanted
    assert set(wanted) <= {pin + version for pin, version in locked}
    assert len(locked) == len(re.findall(r"^[\w.-]+.*==", text, re.M))
    assert "//" not in text


def test_both_locks_agree_on_a_package(root):
    pins = [
        dict(re.findall(r"^([\w.-]+)(?:\[.+?\])?==(\S+)", (root / name).read_text(), re.M))
        for name in ("requirements.txt", "requirements-dev.txt")
    ]
    common = pins[0].keys() & pins[1].keys()
    assert common
    assert {name: pins[0][name] for name in common} == {name: pins[1][name] for name in common}


def test_the_environment_is_asked_before_the_files_of_pip(monkeypatch, tmp_path):
    for name in ("PIP_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    file.write_text("[global]\nindex-url = of-all\n[install]\nindex-url = of-install\n")
    assert _index() == {"UV_DEFAULT_INDEX": "of-install"}
    monkeypatch.setenv("PIP_INDEX_URL", "of-environment")
    assert _index() == {"UV_DEFAULT_INDEX": "of-environment"}
