from ml.forecast.clients import TRIALS, forecast_clients


def model(dbt, session):
    """Forecast each client after the history, and after the last month ends as trials."""
    visits = dbt.ref("int_visits")
    run = dbt.ref("int_run")
    as_of = dbt.ref("int_as_of")
    since, until = run.project("period_start, period_end").fetchone()
    earlier = as_of.filter("not is_last_window").project("as_of_on").order("as_of_on desc")
    days = [day for (day,) in earlier.limit(TRIALS).fetchall()]
    known = visits.filter("client_id is not null").project("client_id, occurred_at").to_arrow_table()
    return forecast_clients(known, since, until, days)
