with run as (

    select * from {{ ref('int_run') }}

),

published as (

    select * from {{ ref('stg_twin__fuel_prices') }}

),

visits as (

    select * from {{ ref('int_visits') }}

),

-- Own data gives prices only through the amounts paid, and no margins.
paid as (

    select
        visits.region_code,
        visits.fuel_grade,
        cast(visits.occurred_at as date) as price_on,
        cast(
            sum(visits.fuel_amount_rub) filter (where visits.volume_l > 0) / sum(visits.volume_l) as decimal(10, 2)
        ) as price_rub_per_l
    from visits
    cross join run
    where not run.is_synthetic and visits.fuel_grade is not null
    group by all
    having sum(visits.volume_l) > 0

),

final as (

    select
        region_code,
        fuel_grade,
        price_on,
        price_rub_per_l,
        margin_rub_per_l
    from published
    union all
    select
        region_code,
        fuel_grade,
        price_on,
        price_rub_per_l,
        cast(null as decimal(10, 2)) as margin_rub_per_l
    from paid

)

select * from final
