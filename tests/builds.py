"""Call dbt as the README does, in a process and a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "dbt_project"

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


def dbt(folder: Path, *arguments: str, reference: Path | None = None, **variables: str | int) -> Path:
    """Call dbt on `warehouse.duckdb` in a folder, where dbt's own files go too; fails with the output of dbt.

    Parameters
    ----------
    folder : Path
    *arguments : str
        The command, ``build``, and its options.
    reference : Path, optional
        Folder of the JSON files instead of the shipped one.
    **variables : str or int
        dbt's vars.

    Returns
    -------
    Path
        The warehouse.
    """
    warehouse = folder / "warehouse.duckdb"
    environment = {"TWINLAB_DUCKDB": str(warehouse), "DO_NOT_TRACK": "1"}
    if reference:
        environment["TWINLAB_REFERENCE"] = str(reference)
    command = [sys.executable, "-m", "dbt.cli.main", *arguments, "--vars", json.dumps(variables)]
    command += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:]
    return warehouse
