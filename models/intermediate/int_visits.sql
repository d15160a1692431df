{{ config(materialized='table') }}

with visits as (

    select
        transaction_id,
        client_id,
        vehicle_id,
        station_id,
        fuel_grade,
        payment_method,
        volume_l,
        price_rub_per_l,
        fuel_amount_rub,
        shop_amount_rub,
        occurred_at
    from {{ ref('stg_twin__visits') }}
    union all
    select
        transaction_id,
        client_id,
        vehicle_id,
        station_id,
        fuel_grade,
        payment_method,
        volume_l,
        price_rub_per_l,
        fuel_amount_rub,
        shop_amount_rub,
        occurred_at
    from {{ ref('stg_own__transactions') }}

),

stations as (

    select * from {{ ref('int_stations') }}

),

fuel_prices as (

    select * from {{ ref('stg_twin__fuel_prices') }}

),

economics as (

    select * from {{ ref('stg_reference__economics') }}

),

final as (

    select
        visits.transaction_id,
        visits.client_id,
        visits.vehicle_id,
        visits.station_id,
        stations.region_code,
        visits.fuel_grade,
        visits.payment_method,
        visits.volume_l,
        visits.price_rub_per_l,
        visits.fuel_amount_rub,
        visits.shop_amount_rub,
        cast(visits.fuel_amount_rub + visits.shop_amount_rub as decimal(14, 2)) as total_amount_rub,
        -- Null where the margin of the grade is unknown, as in own data.
        cast(
            visits.volume_l * fuel_prices.margin_rub_per_l + visits.shop_amount_rub * economics.shop_margin_share
            as decimal(14, 2)
        ) as margin_rub,
        visits.occurred_at
    from visits
    inner join stations
        on visits.station_id = stations.station_id
    left join fuel_prices
        on stations.region_code = fuel_prices.region_code
        and visits.fuel_grade = fuel_prices.fuel_grade
        and cast(visits.occurred_at as date) = fuel_prices.price_on
    cross join economics

)

select * from final
