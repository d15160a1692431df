{{ config(materialized='table') }}

with lines as (

    select * from {{ ref('stg_own__transactions_judged') }}
    where reason_code is null

),

visits as (

    select
        visit_key,
        min(source_row_number) as first_row_number,
        min(fuel_grade) as first_grade,
        max(fuel_grade) as last_grade,
        sum(volume_l) as volume_l,
        sum(fuel_amount_rub) as fuel_amount_rub,
        sum(shop_amount_rub) as shop_amount_rub,
        count(*) as lines_count
    from lines
    group by visit_key

),

-- Of several grades in one visit the one with most litres, the first by name on a tie.
grades as (

    select
        lines.visit_key,
        lines.fuel_grade,
        row_number() over (
            partition by lines.visit_key order by sum(lines.volume_l) desc, lines.fuel_grade
        ) as place
    from lines
    inner join visits
        on lines.visit_key = visits.visit_key
    where lines.volume_l > 0 and visits.first_grade <> visits.last_grade
    group by lines.visit_key, lines.fuel_grade

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
        lines.transaction_id,
        lines.client_id,
        lines.vehicle_id,
        lines.station_id,
        case when visits.volume_l > 0 then coalesce(main_grades.fuel_grade, visits.first_grade) end as fuel_grade,
        lines.payment_method,
        cast(visits.volume_l as decimal(10, 2)) as volume_l,
        cast(
            round(cast(visits.fuel_amount_rub as double) / nullif(cast(visits.volume_l as double), 0), 2)
            as decimal(10, 2)
        ) as price_rub_per_l,
        cast(visits.fuel_amount_rub as decimal(14, 2)) as fuel_amount_rub,
        cast(visits.shop_amount_rub as decimal(14, 2)) as shop_amount_rub,
        visits.lines_count,
        lines.occurred_at
    from visits
    inner join lines
        on visits.first_row_number = lines.source_row_number
    left join main_grades
        on visits.visit_key = main_grades.visit_key

)

select * from final
