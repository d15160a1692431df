"""Stub of dbt's ``run_started_at`` for models that sqlfluff renders; the time does not matter."""

from datetime import datetime

strftime = datetime(2025, 1, 1).strftime
