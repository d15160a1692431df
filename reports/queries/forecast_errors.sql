-- Errors of earlier forecasts of all clients' visits: positive where there were more visits than expected.
select
    origin_on,
    month_number,
    month_start_on,
    clients_count,
    expected_visits_count,
    actual_visits_count,
    actual_visits_count / nullif(expected_visits_count, 0) - 1 as error_ratio
from warehouse.mart_forecast_trials
where expected_visits_count > 0
