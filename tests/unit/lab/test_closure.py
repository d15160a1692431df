"""Imports found in the code are those that happen."""

import json
import subprocess
import sys

import pytest

from lab.closure import import_closure


def project(folder, **modules):
    """Write modules, their dots as double underscores; the packages on the way too."""
    for name, code in modules.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        for package in path.relative_to(folder).parents:
            if package.parts:
                (folder / package / "__init__.py").touch()
        path.write_text(code)
    return folder


def closure(root, *files):
    return {str(path.relative_to(root)) for path in import_closure(root, [root / file for file in files])}


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("import b.c", "c"),
        ("import numpy, b.c as x", "c"),
        ("from b.c import x", "c"),
        ("from b import c", "c"),
        ("from b.c import *", "c"),
        ("def f():\n    from b import c, d", "cd"),
        ("from b import x", ""),
        ("from numpy import random", None),
    ],
)
def test_every_kind_of_import_is_followed(tmp_path, code, used):
    root = project(tmp_path, a=code, b__c="x = 1", b__d="", b__e="")
    packages = set() if used is None else {"b/__init__.py"}
    assert closure(root, "a.py") == {"a.py"} | packages | {f"b/{name}.py" for name in used or ""}


def test_relative_imports_are_those_of_the_package(tmp_path):
    root = project(
        tmp_path, a__b__c="from . import d\nfrom ..e import x\nfrom .. import f", a__b__d="", a__e="", a__f=""
    )
    packages = {"a/__init__.py", "a/b/__init__.py"}
    assert closure(root, "a/b/c.py") == packages | {"a/b/c.py", "a/b/d.py", "a/e.py", "a/f.py"}


def test_circles_end(tmp_path):
    root = project(tmp_path, a="import b", b="import c", c="import a\nimport d", e="")
    assert closure(root, "a.py") == {"a.py", "b.py", "c.py"}


def test_it_holds_what_is_loaded(root):
    """Python's own list of modules, after the grading is imported."""
    code = (
        "import json, sys, lab.grades; print(json.dumps([getattr(m, '__file__', None) for m in sys.modules.values()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    files = {file for file in json.loads(done.stdout) if file and file.startswith(str(root)) and ".venv" not in file}
    assert len(files) > 30
    assert files <= {str(path) for path in import_closure(root, [root / "lab" / "grades.py"])}
