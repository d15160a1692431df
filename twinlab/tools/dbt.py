"""Run dbt as a subprocess: progress from its log, and a short report of failures."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinlab.errors import UserError
from twinlab.layout import Layout
from twinlab.parameters import Parameters
from twinlab.progress import Progress
from twinlab.tools.dbt_messages import Failure, plain, render
from twinlab.tools.process import stream

NO_TELEMETRY = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
# dbt makes many lasting objects: Python's default of 700 searches them for garbage thousands of times a build.
_DBT = "import gc; gc.set_threshold(10_000); from dbt.cli.main import cli; cli()"
_LINES_OF_FAILURES = 16
_SLOW_S = 2.0


@dataclass
class Listener:
    """State of a dbt run, read from its log.

    Parameters
    ----------
    progress : Progress

    Attributes
    ----------
    failures : list of Failure
        Failed nodes, or the message of a project that could not be parsed.
    unread : list of str
        Lines that are not log events.
    """

    progress: Progress
    failures: list[Failure] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    summary: str = ""

    def read(self, line: str) -> None:
        """Process one line of ``--log-format json``.

        Parameters
        ----------
        line : str
            A log event, or output of a model.
        """
        try:
            event = json.loads(line)
            name, message, data = event["info"]["name"], plain(event["info"]["msg"]), event["data"]
        except (ValueError, KeyError, TypeError):
            self.unread.append(line)
            return
        match name:
            case "LogStartLine":
                self.progress.doing(f"{data['index']} of {data['total']}: {_node(data)}")
            case "LogModelResult" | "LogSeedResult" | "LogTestResult":
                self._finished(data)
            case "FoundStats":
                self.progress.say(message)
            case "StatsLine":
                self.summary = message.removeprefix("Done. ")
            case "RunResultFailure":
                self.failures.append(Failure(message.removeprefix("Failure in ")))
            case "RunResultError" if self.failures:
                self.failures[-1].message = message
            case "MainEncounteredError":
                self.failures.append(Failure("", message.removeprefix("Encountered an error:\n")))

    def _finished(self, data: Mapping[str, Any]) -> None:
        total = data.get("total") or data.get("num_models")
        has_failed = str(data["status"]).lower().startswith(("error", "fail"))
        seconds = float(data["execution_time"])
        # Most of the hundreds of nodes finish at once; only failures and slow nodes are worth a line.
        if has_failed or seconds >= _SLOW_S:
            result = "FAILED" if has_failed else f"{seconds:.1f} s"
            self.progress.say(f"{data['index']:>4} of {total}  {_node(data)}  {result}")


def run_dbt(
    layout: Layout,
    command: Sequence[str],
    parameters: Parameters,
    *,
    warehouse: Path,
    progress: Progress,
    target: Path | None = None,
) -> str:
    """Run a dbt command on a warehouse file.

    Parameters
    ----------
    layout : Layout
    command : sequence of str
        ``["build"]`` and its selection.
    parameters : Parameters
        Passed as dbt's vars.
    warehouse : Path
        The DuckDB file to build.
    progress : Progress
    target : Path, optional
        Folder for dbt's artefacts and log instead of ``target/`` and ``logs/`` of the dbt project.

    Returns
    -------
    str
        dbt's counts: ``PASS=… ERROR=…``.

    Raises
    ------
    UserError
        When dbt fails: names the models, the reasons and the log.
    """
    log = target or layout.dbt_project / "logs"
    paths = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)} if target else {"DBT_LOG_PATH": str(log)}
    listener = Listener(progress)
    arguments = [
        *(sys.executable, "-c", _DBT),
        *("--log-format", "json", *command),
        *("--project-dir", str(layout.dbt_project), "--profiles-dir", str(layout.dbt_project)),
        *("--vars", json.dumps(parameters.as_vars())),
    ]
    status = stream(
        arguments,
        cwd=layout.root,
        environ={
            **NO_TELEMETRY,
            **paths,
            "TWINLAB_DUCKDB": str(warehouse),
            "TWINLAB_REFERENCE": str(layout.reference),
        },
        on_line=listener.read,
    )
    if status != 0:
        failures = listener.failures or [Failure("", "\n".join(listener.unread[-_LINES_OF_FAILURES:]))]
        raise UserError(
            f"dbt {command[0]} failed. {listener.summary}".rstrip(),
            *render(failures, _LINES_OF_FAILURES),
            f"Full log: {layout.shown(log / 'dbt.log')}",
        )
    return listener.summary


def _node(data: Mapping[str, Any]) -> str:
    return (data.get("node_info") or {}).get("node_name") or data.get("name") or ""
