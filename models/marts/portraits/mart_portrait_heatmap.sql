{#- Columns cannot be selected by data: all numeric metrics are listed and dim_metrics selects those shown. -#}
{%- set metrics = [
    'visits_per_month', 'volume_l_per_month', 'volume_l_per_visit', 'spend_rub_per_month', 'spend_rub_per_visit',
    'shop_rub_per_month', 'shop_rub_per_visit', 'margin_rub_per_month', 'shop_share', 'shop_visits_share',
    'gap_days_mean', 'gap_days_cv', 'recency_days', 'tenure_days',
    'ai92_share', 'ai95_share', 'ai95_eco_share', 'ai98_share', 'ai100_share', 'premium_grade_share', 'diesel_share',
    'lpg_share', 'eco_grade_share', 'morning_share', 'day_share', 'evening_share', 'night_share', 'weekend_share',
    'home_station_share', 'stations_count', 'cash_share', 'card_share', 'app_share', 'fuel_card_share',
    'vehicles_count', 'tank_volume_l', 'tank_volume_mean_l', 'has_loyalty_card', 'has_fuel_card', 'has_contract',
    'is_corporate'
] -%}

with profiles as (

    select
        client_id,
        portrait_code,
        {%- for metric in metrics %}
        cast({{ metric }} as double) as {{ metric }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('client_profiles') }}

),

shown as (

    select metric_code from {{ ref('dim_metrics') }}
    where is_heatmap

),

long as (

    select
        portrait_code,
        metric_code,
        metric_value
    from profiles
    unpivot include nulls (metric_value for metric_code in ({{ metrics | join(', ') }}))

),

overall as (

    select
        metric_code,
        {{ exact_avg('metric_value') }} as mean_value,
        {{ exact_stddev('metric_value') }} as sd_value
    from long
    group by metric_code

),

by_portrait as (

    select
        portrait_code,
        metric_code,
        {{ exact_avg('metric_value') }} as value
    from long
    group by portrait_code, metric_code

),

final as (

    select
        by_portrait.portrait_code,
        by_portrait.metric_code,
        by_portrait.value,
        (by_portrait.value - overall.mean_value) / nullif(overall.sd_value, 0) as z_score
    from by_portrait
    inner join shown
        on by_portrait.metric_code = shown.metric_code
    inner join overall
        on by_portrait.metric_code = overall.metric_code

)

select * from final
