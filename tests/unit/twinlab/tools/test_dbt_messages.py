"""Failures of dbt and of the operating system as short messages."""

import errno
import json

import pytest

from twinlab.errors import UserError, cut, from_os_error
from twinlab.progress import Progress
from twinlab.tools.dbt import Listener
from twinlab.tools.dbt_messages import Failure, reason, render

PYTHON_MODEL = """  Runtime Error in model raw_own__clients (../models/raw/own/raw_own__clients.py)
  Python model failed:
  Traceback (most recent call last):
    File "site-packages/dbt/adapters/duckdb/environments/__init__.py", line 286, in run_python_job
      df = module.model(dbt, con)
           ^^^^^^^^^^^^^^^^^^^^^^
    File "model.py", line 5, in model
      raise ValueError("column 'x' is missing;\\n  add it")
  ValueError: column 'x' is missing;
    add it
"""
SQL_MODEL = """  Runtime Error in model fct_x (../models/marts/fct_x.sql)
  Conversion Error: Could not convert string 'x' to INT32

  LINE 3: select cast('x' as int)
"""


def test_traceback_of_a_python_model_is_left_out():
    assert reason(PYTHON_MODEL) == ["ValueError: column 'x' is missing;", "  add it"]


def test_heading_of_an_sql_model_is_left_out():
    assert reason(SQL_MODEL) == [
        "Conversion Error: Could not convert string 'x' to INT32",
        "LINE 3: select cast('x' as int)",
    ]


def test_a_failure_without_words_has_words():
    assert reason("\x1b[31m\x1b[0m") == ["(no message)"]


def test_failures_fit_a_screen():
    failures = [
        Failure(f"model m{number}", "\n".join(f"{number}: {line}" for line in range(50))) for number in range(50)
    ]
    lines = render(failures, 16)
    assert len(lines) == 16
    assert lines[0] == "model m0"
    assert "more" in lines[-1]


def test_one_cause_of_many_failures_is_reported_once():
    failures = [Failure(f"model m{number}", "ValueError: shares add up to 2") for number in range(14)]
    assert render(failures, 16) == ["model m0 and 13 more", "  ValueError: shares add up to 2"]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ('IO Error: Could not write file "x": No space left on device', "The disk is full"),
        ("Out of Memory Error: failed to allocate data", "TWINLAB_MEMORY_LIMIT"),
    ],
)
def test_known_causes_come_with_advice(said, advice):
    assert advice in render([Failure("model m", said)], 16)[-1]


def test_listener_collects_failures_and_ignores_noise(capsys):
    with Progress("dbt") as progress:
        listener = Listener(progress)
        for name, message, data in [
            ("LogTestResult", "…", {"index": 3, "num_models": 9, "status": "fail", "execution_time": 0.1, "name": "t"}),
            ("RunResultFailure", "\x1b[31mFailure in test t (t.sql)\x1b[0m", {}),
            ("RunResultError", "  Got 1 result, configured to fail if != 0", {}),
            ("StatsLine", "Done. PASS=8 ERROR=1", {}),
        ]:
            listener.read(json.dumps({"info": {"name": name, "msg": message}, "data": data}))
        listener.read("a model has printed this")
        listener.read("[1, 2]")
    assert [(failure.node, failure.message.strip()) for failure in listener.failures] == [
        ("test t (t.sql)", "Got 1 result, configured to fail if != 0")
    ]
    assert listener.summary == "PASS=8 ERROR=1"
    assert listener.unread == ["a model has printed this", "[1, 2]"]
    assert "3 of 9  t  FAILED" in capsys.readouterr().out


def test_full_disk_and_missing_rights_are_reported_by_name():
    full = from_os_error(OSError(errno.ENOSPC, "No space left on device", "/data/twinlab.duckdb"))
    assert isinstance(full, UserError)
    assert "/data/twinlab.duckdb: the disk is full" in full.render()
    assert "permission is denied" in from_os_error(PermissionError(errno.EACCES, "Permission denied", "x")).render()


def test_other_os_errors_stay_what_they_are():
    assert from_os_error(OSError(errno.EPIPE, "Broken pipe")) is None


def test_message_is_at_most_a_screen():
    error = UserError("wrong", *(f"line {number}" * 200 for number in range(100)))
    lines = error.render().splitlines()
    assert len(lines) == 24
    assert max(map(len, lines)) <= 400
    assert cut(["a", "b"], 2) == ["a", "b"]
