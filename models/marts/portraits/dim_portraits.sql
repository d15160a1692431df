{#- The spend allowed by a portrait's criteria follows from its litres and the prices of its grades. -#}

with portraits as (

    select
        portrait_code,
        label_ru,
        description_ru,
        business_value_ru,
        recommendations_ru
    from {{ ref('stg_reference__portraits') }}
    union all
    select
        'undefined' as portrait_code,
        'Не определён' as label_ru,
        'Данных о клиенте слишком мало, или он не похож ни на один портрет.' as description_ru,
        'Неизвестна, пока поведение клиента не ясно.' as business_value_ru,
        'Накопить историю визитов; не относить к группе насильно.' as recommendations_ru

),

criteria as (

    select * from {{ ref('stg_reference__criteria') }}

),

fuel_prices as (

    select
        fuel_grade,
        cast(avg(price_rub_per_l) as double) as price_rub_per_l
    from {{ ref('int_visits') }}
    where fuel_grade is not null
    group by fuel_grade

),

volumes as (

    select
        portrait_code,
        max(low) as volume_l_low,
        min(high) as volume_l_high
    from criteria
    where metric_code = 'volume_l_per_visit'
    group by portrait_code

),

grades as (

    select
        portrait_code,
        unnest("values") as fuel_grade
    from criteria
    where metric_code = 'main_fuel_grade'

),

prices as (

    select
        portraits.portrait_code,
        min(fuel_prices.price_rub_per_l) as price_rub_per_l_low,
        max(fuel_prices.price_rub_per_l) as price_rub_per_l_high
    from portraits
    cross join fuel_prices
    where
        not exists (select 1 from grades where grades.portrait_code = portraits.portrait_code)
        or exists (
            select 1 from grades
            where grades.portrait_code = portraits.portrait_code and grades.fuel_grade = fuel_prices.fuel_grade
        )
    group by portraits.portrait_code

),

final as (

    select
        portraits.portrait_code,
        portraits.label_ru,
        portraits.description_ru,
        portraits.business_value_ru,
        portraits.recommendations_ru,
        volumes.volume_l_low * prices.price_rub_per_l_low as spend_rub_per_visit_low,
        volumes.volume_l_high * prices.price_rub_per_l_high as spend_rub_per_visit_high
    from portraits
    left join volumes
        on portraits.portrait_code = volumes.portrait_code
    left join prices
        on portraits.portrait_code = prices.portrait_code

)

select * from final
