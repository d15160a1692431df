"""Units of time."""

MONTH_DAYS = 30.4375
"""Days of an average month (365.25 / 12), the unit of rates per month. `month_days` of dbt is the same."""
