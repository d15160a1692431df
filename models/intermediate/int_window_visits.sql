with visits as (

    select * from {{ ref('int_visits') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        visits.transaction_id,
        visits.client_id,
        visits.station_id,
        visits.fuel_grade,
        visits.payment_method,
        visits.volume_l,
        visits.shop_amount_rub,
        visits.total_amount_rub,
        visits.margin_rub,
        visits.occurred_at
    from visits
    cross join run
    where
        visits.client_id is not null
        and visits.occurred_at >= run.window_start
        and visits.occurred_at < run.period_end + interval 1 day

)

select * from final
