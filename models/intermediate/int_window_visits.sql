with visits as (

    select * from {{ ref('int_visits') }}

),

-- Joined by day: comparing each visit with the bounds of all windows takes five times as long.
days as (

    select * from {{ ref('int_window_days') }}

),

final as (

    select
        days.as_of_on,
        days.is_last_window,
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
    inner join days
        on cast(visits.occurred_at as date) = days.day_on
    where visits.client_id is not null

)

select * from final
