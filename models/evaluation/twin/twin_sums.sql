{#- Measures that are ratios of sums over months: code, numerator, denominator, condition. -#}
{%- set month_measures = [
    ['price_ai92', 'price_rub_per_l_sum', 'visits_count', "fuel_grade = 'ai92' and is_reference_year"],
    ['price_ai95', 'price_rub_per_l_sum', 'visits_count', "fuel_grade = 'ai95' and is_reference_year"],
    ['price_diesel', 'price_rub_per_l_sum', 'visits_count', "fuel_grade = 'diesel' and is_reference_year"],
    ['walk_in_bill', 'total_amount_rub', 'visits_count',
     "segment_code = 'anonymous' and is_paid_at_once and is_reference_half"],
    ['bill_private', 'total_amount_rub', 'visits_count', "segment_code = 'private' and is_reference_half"],
    ['bill_corporate', 'total_amount_rub', 'visits_count', "segment_code = 'corporate' and is_reference_half"],
    ['diesel_volume_share', "if(fuel_grade = 'diesel', volume_l, 0)", 'volume_l', 'true'],
    ['lpg_volume_share', "if(fuel_grade = 'lpg', volume_l, 0)", 'volume_l', 'true'],
    ['ai92_to_ai92_and_ai95_share', "if(fuel_grade = 'ai92', volume_l, 0)", 'volume_l',
     "segment_code = 'private' and fuel_grade in ('ai92', 'ai95', 'ai95_eco')"],
    ['shop_income_share', 'shop_amount_rub * shop_margin_share', 'margin_rub', 'true'],
] -%}
{%- set hour_measures = [['hour', 'private'], ['hour_corporate', 'corporate']] -%}
{%- set basket_measures = ['beverage', 'snack', 'meal'] -%}

with run as (

    select * from {{ ref('int_run') }}

),

reference as (

    select max(reference_year) as reference_year
    from {{ ref('stg_reference__calibration') }}

),

economics as (

    select * from {{ ref('stg_reference__economics') }}

),

month_sums as (

    select
        sums.*,
        economics.shop_margin_share,
        -- Prices rise within a year: part of it is not comparable with the mean of the whole year.
        year(sums.month_start_on) = reference.reference_year
        and run.period_start <= make_date(reference.reference_year, 1, 1)
        and run.period_end >= make_date(reference.reference_year, 12, 31) as is_reference_year,
        year(sums.month_start_on) = reference.reference_year
        and month(sums.month_start_on) <= 6
        and run.period_start <= make_date(reference.reference_year, 1, 1)
        and run.period_end >= make_date(reference.reference_year, 6, 30) as is_reference_half,
        -- The first twelve months, if the history covers them all.
        sums.month_start_on < run.period_start + interval 1 year
        and run.period_end >= run.period_start + interval 1 year - interval 1 day as is_first_year
    from {{ ref('twin_month_sums') }} as sums
    cross join run
    cross join reference
    cross join economics

),

hour_sums as (

    select * from {{ ref('twin_hour_sums') }}

),

basket_sums as (

    select * from {{ ref('twin_basket_sums') }}

),

company_sums as (

    select * from {{ ref('twin_company_sums') }}

),

fuel_prices as (

    select * from {{ ref('stg_twin__fuel_prices') }}

),

calendar as (

    select isodow(cast(unnest(generate_series(period_start, period_end, interval 1 day)) as date)) as weekday_number
    from run

),

weekdays as (

    select
        weekday_number,
        count(*) as days_count,
        sum(count(*)) over () as all_days_count
    from calendar
    group by weekday_number

),

weekday_groups as (

    select
        weekdays.weekday_number,
        weekdays.days_count,
        weekdays.all_days_count,
        hour_sums.group_number,
        sum(if(hour_sums.weekday_number = weekdays.weekday_number, hour_sums.visits_count, 0)) as visits_count,
        sum(hour_sums.visits_count) as all_visits_count
    from weekdays
    cross join hour_sums
    where hour_sums.segment_code = 'private' and hour_sums.fuel_grade = 'ai92'
    group by all

),

hours as (

    select unnest(generate_series(0, 23)) as hour_number

),

hour_groups as (

    select
        hours.hour_number,
        hour_sums.segment_code,
        hour_sums.group_number,
        sum(if(hour_sums.hour_number = hours.hour_number, hour_sums.visits_count, 0)) as visits_count,
        sum(hour_sums.visits_count) as all_visits_count
    from hours
    cross join hour_sums
    where hour_sums.segment_code <> 'anonymous'
    group by all

),

year_months as (

    select
        unnest(generate_series(1, 12)) as month_number,
        period_start
    from run

),

month_groups as (

    select
        year_months.month_number,
        month_sums.group_number,
        sum(if(month(month_sums.month_start_on) = year_months.month_number, month_sums.volume_l, 0)) as volume_l,
        sum(month_sums.volume_l) as all_volume_l,
        max(if(
            month(month_sums.month_start_on) = year_months.month_number,
            day(last_day(month_sums.month_start_on)),
            null
        )) as days_count
    from year_months
    cross join month_sums
    where month_sums.is_settled and month_sums.is_first_year
    group by all

),

prices as (

    select
        {{ exact_avg("if(fuel_grade = 'ai98', price_rub_per_l, null)") }} as ai98,
        {{ exact_avg("if(fuel_grade = 'ai95', price_rub_per_l, null)") }} as ai95,
        {{ exact_avg("if(fuel_grade = 'ai95' and region_code = 'RU-KIR', price_rub_per_l, null)") }} as kirov_ai95,
        {{ exact_avg(
            "if(fuel_grade = 'ai95' and region_code in ('RU-TA', 'RU-SAM', 'RU-NIZ', 'RU-SAR'), price_rub_per_l, null)"
        ) }} as volga_ai95
    from fuel_prices

),

final as (

    {%- for code, numerator, denominator, condition in month_measures %}
    select
        '{{ code }}' as measure_code,
        0 as point_number,
        group_number,
        {{ exact_sum(numerator) }} as numerator,
        {{ exact_sum(denominator) }} as denominator
    from month_sums
    where {{ condition }}
    group by group_number
    union all
    {%- endfor %}
    {%- for code, segment in hour_measures %}
    select
        '{{ code }}' as measure_code,
        hour_number as point_number,
        group_number,
        visits_count as numerator,
        all_visits_count as denominator
    from hour_groups
    where segment_code = '{{ segment }}'
    union all
    {%- endfor %}
    select
        'corporate_daytime_share' as measure_code,
        0 as point_number,
        group_number,
        sum(if(hour_number between 6 and 17, visits_count, 0)) as numerator,
        sum(visits_count) as denominator
    from hour_sums
    where segment_code = 'corporate'
    group by group_number
    union all
    select
        'weekday' as measure_code,
        weekday_number as point_number,
        group_number,
        visits_count / days_count as numerator,
        all_visits_count / all_days_count as denominator
    from weekday_groups
    union all
    select
        'month' as measure_code,
        month_number as point_number,
        group_number,
        cast(volume_l as double) / coalesce(days_count, 1) as numerator,
        cast(all_volume_l as double) / sum(days_count) over (partition by group_number) as denominator
    from month_groups
    union all
    {%- for name in basket_measures %}
    select
        '{{ name }}_visit_share' as measure_code,
        0 as point_number,
        group_number,
        {{ name }}_visits_count as numerator,
        visits_count as denominator
    from basket_sums
    union all
    {%- endfor %}
    select
        'corporate_concentration' as measure_code,
        0 as point_number,
        group_number,
        largest_visits_count as numerator,
        visits_count as denominator
    from company_sums
    union all
    -- Prices do not depend on the clients: one group, no sampling error.
    select
        'price_ratio_ai98_to_ai95' as measure_code,
        0 as point_number,
        0 as group_number,
        ai98 as numerator,
        ai95 as denominator
    from prices
    union all
    select
        'price_kirov_to_volga_ai95' as measure_code,
        0 as point_number,
        0 as group_number,
        kirov_ai95 as numerator,
        volga_ai95 as denominator
    from prices

)

select * from final
