"""Units of time."""

MONTH_DAYS = 30.4375
"""Days of an average month (365.25 / 12): rates per month are of this many days. `month_days` of dbt is the same."""
