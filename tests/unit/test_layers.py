"""Rooms: who may import whom, what a package says of itself, and how much stands in it."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("vocabulary", "documents", "generator", "ingest", "ml", "lab", "twinlab")
OURS = {*PACKAGES, "dbt", "duckdb"}
MAY_IMPORT = {
    "vocabulary": set(),
    "documents": set(),
    "generator": {"documents", "vocabulary"},
    "ml": {"vocabulary"},
    "ingest": {"documents", "vocabulary", "duckdb"},
    "twinlab": {"documents", "vocabulary", "generator", "ingest", "dbt", "duckdb"},
    "lab": {"vocabulary", "generator", "ingest", "ml", "twinlab", "duckdb"},
}
"""The command line alone may import `lab` besides `models/evaluation`."""

MAX_WRAPPER_LINES = 30
MAX_MODULES = 20


def imported(path):
    """Modules that a file imports, by their full names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def top(module):
    return module.split(".")[0]


def rooms():
    """Folders of the packages that hold Python."""
    return sorted({path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")})


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_keeps_to_its_side(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    allowed = MAY_IMPORT[package] | {package}
    crossed = {
        (str(path.relative_to(ROOT)), module)
        for path in files
        for module in imported(path)
        if top(module) in OURS - allowed and not (path.parent == ROOT / "twinlab/commands" and top(module) == "lab")
    }
    assert crossed == set()


def test_of_the_models_only_evaluation_imports_the_lab():
    users = {path for path in (ROOT / "models").rglob("*.py") if "lab" in map(top, imported(path))}
    assert users and {path.relative_to(ROOT / "models").parts[0] for path in users} == {"evaluation"}


@pytest.mark.parametrize("package", ["generator", "ml"])
def test_sub_packages_import_each_other_without_circles(package):
    """A room can be understood after those that it imports; the modules at the top of a package are one room each."""

    def room(name):
        parts = name.split(".")
        path = ROOT.joinpath(*parts[:2])
        return ".".join(parts[:2]) if path.is_dir() or path.with_suffix(".py").is_file() else None

    graph = {}
    for path in (ROOT / package).rglob("*.py"):
        here = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        used = {room(module) for module in imported(path) if top(module) == package}
        graph.setdefault(here, set()).update(used - {here, None})
    assert len(list(TopologicalSorter(graph).static_order())) == len(set(graph).union(*graph.values()))


def test_the_rooms_of_ml_import_only_those_listed_above_them():
    listed = re.findall(r"(?m)^``(\w+)``", (ROOT / "ml" / "__init__.py").read_text(encoding="utf-8"))
    folders = {path.name for path in (ROOT / "ml").iterdir() if (path / "__init__.py").is_file()}
    assert set(listed) == folders
    wrong = {
        (str(path.relative_to(ROOT)), module)
        for position, room in enumerate(listed)
        for path in (ROOT / "ml" / room).rglob("*.py")
        for module in imported(path)
        if top(module) == "ml" and module.split(".")[1] not in listed[: position + 1]
    }
    assert wrong == set()


@pytest.mark.parametrize("folder", rooms(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_is_small_and_says_what_may_stand_in_it(folder):
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MAX_MODULES
    init = folder / "__init__.py"
    if folder.name != "sqlfluff_names":
        said = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
        assert len(re.findall(r"[.:](?:\s|$)", said)) >= 2, said


@pytest.mark.parametrize("folder", ["models", "tests"])
def test_other_folders_of_python_are_small_too(folder):
    counts = {}
    for path in (ROOT / folder).rglob("*.py"):
        counts[path.parent] = counts.get(path.parent, 0) + 1
    assert {str(path): count for path, count in counts.items() if count > MAX_MODULES} == {}


@pytest.mark.parametrize("package", [name for name in PACKAGES if name != "vocabulary"])
def test_the_tests_of_a_package_stand_in_folders_of_its_names(package):
    folders = [path for path in (ROOT / "tests" / "unit" / package).rglob("*") if path.is_dir()]
    strays = [path for path in folders if not (ROOT / path.relative_to(ROOT / "tests" / "unit")).is_dir()]
    assert [path for path in strays if path.name != "__pycache__"] == []


def test_python_models_are_thin_wrappers():
    models = sorted((ROOT / "models").rglob("*.py"))
    assert models
    long = {path.name: len(path.read_text().splitlines()) for path in models}
    assert {name: lines for name, lines in long.items() if lines > MAX_WRAPPER_LINES} == {}


def test_generator_does_not_read_the_criteria_of_portraits():
    """The rules may inform the truth, the criteria may not: else what was put in would be found."""
    for path in (ROOT / "generator").rglob("*.py"):
        code = path.read_text(encoding="utf-8").replace("``portraits.json``", "")
        assert "portraits.json" not in code, path
