"""Stands in for dbt's ``run_started_at`` when sqlfluff renders a model: any time will do."""

from datetime import datetime

strftime = datetime(2025, 1, 1).strftime
