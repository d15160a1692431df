from ml.trials import pilots


def model(dbt, session):
    """Assign each client a portrait on the day before each pilot start, using nothing later."""
    metrics = dbt.ref("pilot_metrics")
    criteria = dbt.ref("stg_reference__criteria")
    participants = dbt.ref("stg_own__experiments")
    starts = participants.project("cast(started_on - interval 1 day as date) as as_of_on")
    days = metrics.project("as_of_on").intersect(starts).distinct().order("as_of_on").fetchall()
    dated = ((day, metrics.filter(f"as_of_on = date '{day}'").to_arrow_table()) for (day,) in days)
    return pilots.portraits_at_start(
        dated,
        criteria.to_arrow_table(),
        seed=int(dbt.config.meta_get("seed")),
        min_confidence=float(dbt.config.meta_get("min_confidence")),
    )
