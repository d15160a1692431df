{#- Each check: code, Russian label, kind, measured value, bounds that pass, where the target is from. -#}

with visits as (

    select * from {{ ref('int_visits') }}

),

vehicles as (

    select * from {{ ref('int_vehicles') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

fuel_prices as (

    select * from {{ ref('stg_twin__fuel_prices') }}

),

run as (

    select * from {{ ref('int_run') }}

),

detailed as (

    select
        visits.volume_l > vehicles.tank_volume_l as is_above_tank,
        -- A price of own data is derived from money and litres: half a kopeck a litre is its rounding.
        abs(visits.fuel_amount_rub - visits.volume_l * visits.price_rub_per_l)
        > 0.01 + 0.005 * case when run.is_synthetic then 0 else visits.volume_l end as is_amount_wrong,
        cast(visits.occurred_at as date) < clients.registered_on as is_before_registration,
        visits.price_rub_per_l <> fuel_prices.price_rub_per_l as is_price_outside_series,
        -- A visit to the shop alone has no litres.
        visits.total_amount_rub <= 0 or (visits.fuel_grade is not null and visits.volume_l <= 0) as is_not_positive,
        visits.fuel_grade,
        visits.price_rub_per_l,
        visits.volume_l,
        visits.total_amount_rub,
        clients.client_type,
        isodow(visits.occurred_at) as weekday_number,
        hour(visits.occurred_at) as hour_number
    from visits
    cross join run
    left join vehicles
        on visits.vehicle_id = vehicles.vehicle_id
    left join clients
        on visits.client_id = clients.client_id
    left join fuel_prices
        on visits.region_code = fuel_prices.region_code
        and visits.fuel_grade = fuel_prices.fuel_grade
        and cast(visits.occurred_at as date) = fuel_prices.price_on

),

physical as (

    select
        count(*) filter (where is_above_tank) as volume_above_tank,
        count(*) filter (where is_amount_wrong) as amount_not_volume_times_price,
        count(*) filter (where is_before_registration) as visit_before_registration,
        count(*) filter (where is_price_outside_series) as price_outside_series,
        count(*) filter (where is_not_positive) as volume_or_amount_not_positive
    from detailed

),

-- The published figures are of the reference year; a run of other months is held against them all the same.
calibration as (

    select
        avg(price_rub_per_l) filter (where fuel_grade = 'ai92') as price_ai92,
        avg(price_rub_per_l) filter (where fuel_grade = 'ai95') as price_ai95,
        avg(price_rub_per_l) filter (where fuel_grade = 'diesel') as price_diesel,
        avg(total_amount_rub) filter (where client_type = 'private') as private_bill,
        {{ ratio(
            "count(*) filter (where client_type = 'corporate' and hour_number between 6 and 17)",
            "count(*) filter (where client_type = 'corporate')"
        ) }} as corporate_daytime_share,
        {{ ratio(
            "7 * count(*) filter (where weekday_number = 5 and fuel_grade = 'ai92')", "count(*) filter (where fuel_grade = 'ai92')"
        ) }} as friday_index,
        {{ ratio(
            "7 * count(*) filter (where weekday_number = 7 and fuel_grade = 'ai92')", "count(*) filter (where fuel_grade = 'ai92')"
        ) }} as sunday_index
    from detailed

),

checks as (

    {%- set physical_checks = [
        ['volume_above_tank', 'Заправок больше объёма бака'],
        ['amount_not_volume_times_price', 'Чеков, где сумма не равна литры × цена'],
        ['visit_before_registration', 'Визитов до регистрации клиента'],
        ['price_outside_series', 'Чеков с ценой не из ряда цен региона'],
        ['volume_or_amount_not_positive', 'Чеков с неположительными литрами или суммой'],
    ] %}
    {%- for code, label in physical_checks %}
    select
        '{{ code }}' as check_code,
        '{{ label }}' as label_ru,
        'physical' as kind,
        cast({{ code }} as double) as value,
        0.0 as target_low,
        0.0 as target_high,
        'устройство данных' as source
    from physical
    union all
    {%- endfor %}
    {%- set calibration_checks = [
        ['price_ai92', 'Средняя цена АИ-92, ₽/л', 57.4, 60.9, 'news.mail.ru/society/67616398, 2025: 59,16 ± 3 %'],
        ['price_ai95', 'Средняя цена АИ-95, ₽/л', 61.6, 65.4, 'news.mail.ru/society/67616398, 2025: 63,53 ± 3 %'],
        ['price_diesel', 'Средняя цена ДТ, ₽/л', 69.3, 73.6, 'news.mail.ru/society/67616398, 2025: 71,48 ± 3 %'],
        ['private_bill', 'Средний чек частных клиентов, ₽', 1105, 1495, 'piterets.ru, первое полугодие 2025: 1 300 ± 15 %'],
        ['corporate_daytime_share', 'Доля визитов компаний с 6 до 18 часов', 0.74, 0.94, 'топливные карты, Чехия 2012: 0,84 ± 0,10'],
        ['friday_index', 'Пятница к среднему дню, визиты за АИ-92', 1.02, 1.14, 'продажи АИ-92, Москва 2019: 1,082 ± 0,06'],
        ['sunday_index', 'Воскресенье к среднему дню, визиты за АИ-92', 0.85, 0.97, 'продажи АИ-92, Москва 2019: 0,912 ± 0,06'],
    ] %}
    {%- for code, label, low, high, source in calibration_checks %}
    select
        '{{ code }}' as check_code,
        '{{ label }}' as label_ru,
        'calibration' as kind,
        cast({{ code }} as double) as value,
        cast({{ low }} as double) as target_low,
        cast({{ high }} as double) as target_high,
        '{{ source }}' as source
    from calibration
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        checks.check_code,
        checks.label_ru,
        checks.kind,
        checks.value,
        cast(checks.target_low as double) as target_low,
        cast(checks.target_high as double) as target_high,
        checks.source,
        checks.value between checks.target_low and checks.target_high as is_passed
    from checks
    cross join run
    -- Own data is what it is: only what must hold of any data is asked of it.
    where run.is_synthetic or checks.kind = 'physical'

)

select * from final
