-- The baseline forecast of a portrait is the sum over its clients.
with clients as (

    select
        portrait_code,
        unnest([1, 2, 3]) as month_number,
        unnest([expected_visits_month_1, expected_visits_month_2, expected_visits_month_3]) as expected_visits
    from {{ ref('fct_client_forecasts') }}

),

sums as (

    select
        portrait_code,
        month_number,
        sum(expected_visits) as expected_visits,
        count(*) as clients_count
    from clients
    group by portrait_code, month_number

)

select
    forecast.portrait_code,
    forecast.month_number,
    forecast.baseline_visits_count,
    sums.expected_visits
from {{ ref('mart_forecast') }} as forecast
inner join sums
    on
        forecast.portrait_code = sums.portrait_code
        and forecast.month_number = sums.month_number
-- Exact sums round each term to a millionth.
where abs(forecast.baseline_visits_count - sums.expected_visits) > 1e-5 * (1 + sums.clients_count)
