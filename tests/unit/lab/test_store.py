"""Figures that are kept, and what they depend on."""

import shutil
from contextlib import contextmanager

import pytest

from lab.store import Results, input_files, inputs_digest
from tests.unit.lab.rows import setting
from twinlab.layout import Layout

CODE = ("dbt_project", "documents", "generator", "ingest", "lab", "ml", "models", "twinlab", "vocabulary")


def test_results_are_kept_for_the_same_setting_and_inputs(tmp_path):
    path = tmp_path / "grades.csv"
    results = Results(path, "abc")
    results.add(setting(), [{"check_code": "one", "value": 0.1, "is_passed": True, "target_low": None}])
    results.add(setting(seed=2), [{"check_code": "one", "value": 2, "is_passed": False, "target_low": 1.5}])
    again = Results(path, "abc")
    assert again.rows == results.rows
    (row,) = again.of(setting())
    assert (row["value"], row["is_passed"], row["target_low"]) == ("0.1", "true", "")
    for other in (setting(seed=3), setting(clients=301), setting(separation=2.0)):
        assert again.of(other) == []
    assert Results(path, "abd").rows == []
    assert [file.name for file in tmp_path.iterdir()] == ["grades.csv"]


@pytest.fixture(scope="module")
def copy(root, tmp_path_factory):
    """Return the layout of a copy of the code and the reference."""
    folder = tmp_path_factory.mktemp("inputs")
    for name in (*CODE, "data/reference"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    shutil.copy(root / "requirements.txt", folder)
    return Layout(folder, folder / "twinlab.duckdb", folder / "data" / "reference")


@contextmanager
def edited(path, old=None, new="\n# edited\n"):
    """Edit a file for the time of a block: put a text in the place of another one, or at the end; or make the file."""
    before = path.read_text(encoding="utf-8") if path.is_file() else None
    assert old is None or before.count(old) == 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((before or "") + new if old is None else before.replace(old, new), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


def test_fewer_replicates_of_trials_are_other_inputs(copy):
    digest = inputs_digest(copy)
    with edited(copy.root / "lab/trials/repeat.py", "REPLICATES = 1000", "REPLICATES = 10"):
        assert inputs_digest(copy) != digest
    assert inputs_digest(copy) == digest


def test_every_module_that_the_grading_imports_is_an_input(copy):
    digest = inputs_digest(copy)
    modules = [name for name, path in input_files(copy).items() if path.suffix == ".py"]
    of_lab = [name for name in modules if name.startswith(("lab/", "twinlab/"))]
    assert {"lab/portraits/grading.py", "lab/trials/grades.py", "twinlab/parameters.py"} <= set(of_lab)
    # Of other packages the first and the last one: hundreds of digests take their time.
    others = {name.split("/")[0]: name for name in [*modules, *reversed(modules)]}
    assert {"generator", "ingest", "ml", "models", "vocabulary"} <= set(others)
    for name in {*of_lab, *others.values()}:
        with edited(copy.root / name):
            assert inputs_digest(copy) != digest, name


@pytest.mark.parametrize(
    "name", ["models/new.sql", "dbt_project/macros/calcs.sql", "data/reference/rules.json", "requirements.txt"]
)
def test_models_reference_and_packages_are_inputs(copy, name):
    digest = inputs_digest(copy)
    with edited(copy.root / name):
        assert inputs_digest(copy) != digest


@pytest.mark.parametrize(
    "name",
    [
        "lab/bench/run.py",
        "lab/summary/page.py",
        "lab/report.py",
        "lab/new.py",
        "twinlab/commands/cli.py",
        "twinlab/tools/dbt.py",
        "reports/pages/index.md",
        "ml/__pycache__/file.pyc",
        "dbt_project/target/manifest.json",
        "dbt_project/.user.yml",
    ],
)
def test_what_only_shows_figures_is_no_input(copy, name):
    digest = inputs_digest(copy)
    with edited(copy.root / name):
        assert inputs_digest(copy) == digest


def test_a_new_import_is_followed(copy):
    """A list of modules would not know of it."""
    with edited(copy.root / "lab/trials/repeat.py", new="\nimport lab.bench.targets\n"):
        digest = inputs_digest(copy)
        with edited(copy.root / "lab/bench/targets.py"):
            assert inputs_digest(copy) != digest
