with forecasts as (

    select * from {{ ref('client_forecasts') }}

),

portraits as (

    select * from {{ ref('fct_client_portraits') }}

),

corrections as (

    select * from {{ ref('portrait_forecasts') }}

),

run as (

    select * from {{ ref('int_run') }}

),

-- The same correction as in the portrait totals, so that clients add up to them.
corrected as (

    select
        forecasts.client_id,
        portraits.portrait_code,
        forecasts.month_number,
        forecasts.month_start_on,
        forecasts.alive_prob,
        forecasts.churn_prob,
        forecasts.expected_visits * case when portraits.is_active then corrections.visits_ratio else 1 end
            as expected_visits
    from forecasts
    inner join run
        on forecasts.origin_on = run.period_end
    inner join portraits
        on forecasts.client_id = portraits.client_id
    left join corrections
        on
            portraits.portrait_code = corrections.portrait_code
            and forecasts.month_number = corrections.month_number

),

final as (

    select
        client_id,
        portrait_code,
        any_value(alive_prob) as alive_prob,
        any_value(churn_prob) as churn_prob,
        cast(any_value(month_start_on) filter (where month_number = 1) as date) as first_month_on,
        any_value(expected_visits) filter (where month_number = 1) as expected_visits_month_1,
        any_value(expected_visits) filter (where month_number = 2) as expected_visits_month_2,
        any_value(expected_visits) filter (where month_number = 3) as expected_visits_month_3
    from corrected
    group by client_id, portrait_code

)

select * from final
