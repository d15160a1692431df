{{ config(materialized='table') }}

with lines as (

    select * from {{ ref('stg_own__transactions_checked') }}
    where reason_code is null

),

visits as (

    select
        visit_key,
        min_by(transaction_id, source_row_number) as transaction_id,
        min_by(client_id, source_row_number) as client_id,
        min_by(vehicle_id, source_row_number) as vehicle_id,
        min_by(station_id, source_row_number) as station_id,
        min_by(payment_method, source_row_number) as payment_method,
        sum(volume_l) as volume_l,
        sum(fuel_amount_rub) as fuel_amount_rub,
        sum(shop_amount_rub) as shop_amount_rub,
        count(*) as lines_count,
        min(occurred_at) as occurred_at
    from lines
    group by visit_key

),

grades as (

    select
        visit_key,
        fuel_grade,
        -- Of several grades in one visit the one with most litres; of equal ones the first by name.
        row_number() over (partition by visit_key order by sum(volume_l) desc, fuel_grade) as place
    from lines
    where volume_l > 0 and fuel_grade is not null
    group by visit_key, fuel_grade

),

main_grades as (

    select
        visit_key,
        fuel_grade
    from grades
    where place = 1

),

final as (

    select
        visits.transaction_id,
        visits.client_id,
        visits.vehicle_id,
        visits.station_id,
        main_grades.fuel_grade,
        visits.payment_method,
        cast(visits.volume_l as decimal(10, 2)) as volume_l,
        cast(
            round(cast(visits.fuel_amount_rub as double) / nullif(cast(visits.volume_l as double), 0), 2)
            as decimal(10, 2)
        ) as price_rub_per_l,
        cast(visits.fuel_amount_rub as decimal(14, 2)) as fuel_amount_rub,
        cast(visits.shop_amount_rub as decimal(14, 2)) as shop_amount_rub,
        visits.lines_count,
        visits.occurred_at
    from visits
    left join main_grades
        on visits.visit_key = main_grades.visit_key

)

select * from final
