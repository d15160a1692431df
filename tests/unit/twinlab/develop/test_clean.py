"""What is removed, and what stays."""

import subprocess

from twinlab.develop.clean import clean
from twinlab.develop.rehearsal import copy_checkout

INSTALLED = (".venv/bin/python", "reports/node_modules/.installed")
BUILT = (
    "data/twinlab.duckdb",
    "data/synthetic.csv",
    "data/exports/briefs/eco.md",
    "data/bench/times.csv",
    "data/evaluation/grades.csv",
    "data/.build/rehearsal/Makefile",
    "reports/build/index.html",
    "reports/.evidence/template/a.js",
    "dbt_project/target/manifest.json",
    "dbt_project/logs/dbt.log",
    ".mypy_cache/a",
    "twinlab/commands/__pycache__/cli.pyc",
)


def test_what_commands_build_goes_and_the_rest_stays(root, tmp_path):
    copy_checkout(root, tmp_path)
    for name in (*INSTALLED, *BUILT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    clean(tmp_path)
    assert [name for name in BUILT if (tmp_path / name).exists()] == []
    assert all((tmp_path / name).exists() for name in INSTALLED)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    kept = [name for name in tracked.split("\0") if name and (root / name).is_file()]
    assert [name for name in kept if not (tmp_path / name).is_file()] == []
    # Again, when there is nothing to remove.
    clean(tmp_path)
