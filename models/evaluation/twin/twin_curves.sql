{#- Curve, its label, unit, series, its label, measure of twin_estimates, whether a curve is published. -#}
{%- set estimated = [
    ['weekday', 'Дни недели', 'индекс к среднему дню', 'private_ai92', 'Двойник: частные клиенты, АИ-92', 'weekday', true],
    ['hour', 'Часы суток', 'доля визитов', 'private', 'Двойник: частные клиенты', 'hour', true],
    ['hour', 'Часы суток', 'доля визитов', 'corporate', 'Двойник: компании', 'hour_corporate', false],
    ['month', 'Месяцы', 'индекс к среднему дню года', 'settled', 'Двойник: литры в день', 'month', true],
] -%}
{%- set bills = [
    ['anonymous', 'Без карты клиента', 'walk_in_bill'],
    ['private', 'Частные клиенты с картой', 'bill_private'],
    ['corporate', 'Компании', 'bill_corporate'],
] -%}
{%- set weekday_names = "['Пн', 'Вт', 'Ср', 'Чт', 'Пт', 'Сб', 'Вс']" -%}
{%- set month_names = "['янв', 'фев', 'мар', 'апр', 'май', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек']" -%}

with estimates as (

    select * from {{ ref('twin_estimates') }}

),

checks as (

    select * from {{ ref('stg_reference__calibration') }}

),

stretches as (

    select
        points.curve_code,
        points.first_point,
        points.last_point,
        -- The share of a stretch of hours is spread evenly over its hours.
        points.published_value / (points.last_point - points.first_point + 1) as published_value,
        checks.source
    from {{ ref('stg_reference__calibration_points') }} as points
    left join checks
        on points.curve_code = checks.curve_code

),

hour_sums as (

    select * from {{ ref('twin_hour_sums') }}

),

fuel_prices as (

    select * from {{ ref('stg_twin__fuel_prices') }}

),

grades as (

    select * from {{ ref('stg_reference__grades') }}

),

gaps as (

    select * from {{ ref('twin_fill_gaps') }}

),

tank_levels as (

    select * from {{ ref('twin_tank_levels') }}

),

estimated_curves as (

    {%- for curve, curve_label, unit, series, series_label, measure, is_published in estimated %}
    select
        '{{ curve }}' as curve_code,
        '{{ curve_label }}' as curve_label_ru,
        '{{ series }}' as series_code,
        '{{ series_label }}' as series_label_ru,
        estimates.point_number,
        {%- if curve == 'hour' %}
        estimates.point_number || ' ч' as point_label_ru,
        {%- else %}
        {{ weekday_names if curve == 'weekday' else month_names }}[estimates.point_number] as point_label_ru,
        {%- endif %}
        '{{ unit }}' as unit_ru,
        stretches.source,
        estimates.value,
        estimates.sampling_error,
        stretches.published_value
    from estimates
    left join stretches
        on {{ is_published | lower }}
        and stretches.curve_code = '{{ curve }}'
        and estimates.point_number between stretches.first_point and stretches.last_point
    where estimates.measure_code = '{{ measure }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

bill_curves as (

    {%- for series, series_label, measure in bills %}
    select
        'bill' as curve_code,
        'Средний чек' as curve_label_ru,
        '{{ series }}' as series_code,
        '{{ series_label }}' as series_label_ru,
        1 as point_number,
        'январь–июнь' as point_label_ru,
        '₽' as unit_ru,
        checks.source,
        estimates.value,
        estimates.sampling_error,
        checks.published_value
    from estimates
    left join checks
        on estimates.measure_code = checks.check_code
    where estimates.measure_code = '{{ measure }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

weeks as (

    select
        fuel_grade,
        cast(date_trunc('week', price_on) as date) as week_start_on,
        {{ exact_avg('price_rub_per_l') }} as price_rub_per_l
    from fuel_prices
    group by all

),

-- Weekly prices with the published mean of their year; a week belongs to the year of its Thursday.
price_curves as (

    select
        'price' as curve_code,
        'Цены по неделям' as curve_label_ru,
        weeks.fuel_grade as series_code,
        coalesce(grades.label_ru, weeks.fuel_grade) as series_label_ru,
        row_number() over (partition by weeks.fuel_grade order by weeks.week_start_on) as point_number,
        strftime(weeks.week_start_on, '%d.%m.%Y') as point_label_ru,
        '₽/л' as unit_ru,
        checks.source,
        weeks.price_rub_per_l as value,
        checks.published_value,
        cast(weeks.week_start_on as timestamp) as point_at
    from weeks
    left join grades
        on weeks.fuel_grade = grades.grade_code
    left join checks
        on checks.check_code = 'price_' || weeks.fuel_grade
        and year(weeks.week_start_on + 3) = checks.published_year

),

gap_curves as (

    select
        'gap' as curve_code,
        'Дни между заправками одной машины' as curve_label_ru,
        client_type || '_' || kind as series_code,
        if(client_type = 'private', 'Частные: ', 'Компании: ')
        || case kind when 'all' then 'все заправки' when 'here' then 'заправки у нас' else 'случайный поток' end
            as series_label_ru,
        gap_number as point_number,
        if(gap_number = max(gap_number) over (), gap_number || '+', cast(gap_number as varchar)) as point_label_ru,
        'доля промежутков' as unit_ru,
        gaps_share as value
    from gaps

),

hours_of_week as (

    select unnest(generate_series(0, 7 * 24 - 1)) as point_number

),

segments as (

    select
        segment_code,
        sum(visits_count) as visits_count
    from hour_sums
    where segment_code <> 'anonymous'
    group by segment_code

),

visits_of_hour as (

    select
        segment_code,
        24 * (weekday_number - 1) + hour_number as point_number,
        sum(visits_count) as visits_count
    from hour_sums
    group by all

),

hour_of_week_curves as (

    select
        'weekday_hour' as curve_code,
        'Визиты по часам недели' as curve_label_ru,
        segments.segment_code as series_code,
        if(segments.segment_code = 'private', 'Частные клиенты', 'Компании') as series_label_ru,
        hours_of_week.point_number,
        {{ weekday_names }}[hours_of_week.point_number // 24 + 1] || ' ' || hours_of_week.point_number % 24 || ' ч'
            as point_label_ru,
        'доля визитов' as unit_ru,
        coalesce(visits_of_hour.visits_count, 0) / segments.visits_count as value
    from hours_of_week
    cross join segments
    left join visits_of_hour
        on segments.segment_code = visits_of_hour.segment_code
        and hours_of_week.point_number = visits_of_hour.point_number

),

tank_curves as (

    select
        'tank_level' as curve_code,
        'Топливо в баке' as curve_label_ru,
        example_code as series_code,
        if(example_code = 'private', 'Машина частного клиента, бак ', 'Машина автопарка, бак ')
        || cast(round(tank_volume_l) as integer) || ' л' as series_label_ru,
        point_number,
        strftime(point_at, '%d.%m %H:%M') as point_label_ru,
        'л' as unit_ru,
        level_l as value,
        is_here,
        point_at
    from tank_levels

),

curves as (

    select * from estimated_curves
    union all by name
    select * from bill_curves
    union all by name
    select * from price_curves
    union all by name
    select * from gap_curves
    union all by name
    select * from hour_of_week_curves
    union all by name
    select * from tank_curves

),

final as (

    select
        curve_code,
        curve_label_ru,
        series_code,
        series_label_ru,
        cast(point_number as bigint) as point_number,
        point_label_ru,
        unit_ru,
        source,
        value,
        value - 1.96 * sampling_error as value_low,
        value + 1.96 * sampling_error as value_high,
        published_value,
        is_here,
        point_at
    from curves

)

select * from final
