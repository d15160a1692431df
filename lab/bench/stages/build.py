"""One ``dbt build`` in a process of its own, for `lab.bench.run`: ``--clients N --months N warehouse target``."""

import argparse
from pathlib import Path

from twinlab.layout import Layout
from twinlab.parameters import Parameters
from twinlab.progress import Progress
from twinlab.tools.dbt import run_dbt

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients")
    parser.add_argument("--months")
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    with Progress("dbt") as progress:
        run_dbt(
            Layout.here(),
            ["build"],
            Parameters.parse(options.clients, options.months),
            warehouse=options.warehouse,
            progress=progress,
            target=options.target,
        )
