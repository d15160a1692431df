{%- set metrics = [
    'visits_per_month', 'volume_l_per_month', 'volume_l_per_visit', 'spend_rub_per_month', 'spend_rub_per_visit', 'shop_rub_per_month', 'shop_rub_per_visit', 'shop_share', 'shop_visits_share', 'gap_days_mean', 'gap_days_cv', 'recency_days', 'tenure_days', 'ai92_share', 'ai95_share', 'ai95_eco_share', 'ai98_share', 'ai100_share', 'diesel_share', 'lpg_share', 'premium_grade_share', 'eco_grade_share', 'morning_share', 'day_share', 'evening_share', 'night_share', 'weekend_share', 'home_station_share', 'stations_count', 'cash_share', 'card_share', 'app_share', 'fuel_card_share', 'vehicles_count', 'tank_volume_l', 'tank_volume_mean_l'
] -%}
{%- set flags = ['has_loyalty_card', 'has_fuel_card', 'has_contract', 'is_corporate'] -%}

with portraits as (

    select portrait_code from {{ ref('dim_portraits') }}

),

profiles as (

    select * from {{ ref('client_profiles') }}

),

confidence as (

    select
        portrait_code,
        {{ exact_avg('confidence_prob') }} as confidence_prob
    from {{ ref('client_portraits') }}
    group by portrait_code

),

totals as (

    select
        count(*) as clients_count,
        {{ exact_sum('spend_rub_per_month') }} as spend_rub_per_month
    from profiles

),

means as (

    select
        portrait_code,
        count(*) as clients_count,
        count(*) filter (where visits_count > 0) as active_clients_count,
        {{ exact_sum('spend_rub_per_month') }} as revenue_rub_per_month,
        {{ exact_sum('margin_rub_per_month') }} as margin_rub_per_month,
        {%- for metric in metrics %}
        {{ exact_avg(metric) }} as {{ metric }},
        {%- endfor %}
        {%- for flag in flags %}
        {{ exact_avg('cast(' ~ flag ~ ' as integer)') }} as {{ flag }}_share{{ ',' if not loop.last }}
        {%- endfor %}
    from profiles
    group by portrait_code

),

final as (

    select
        portraits.portrait_code,
        coalesce(means.clients_count, 0) as clients_count,
        coalesce({{ ratio('means.clients_count', 'totals.clients_count') }}, 0) as clients_share,
        coalesce(means.active_clients_count, 0) as active_clients_count,
        confidence.confidence_prob,
        coalesce(means.revenue_rub_per_month, 0) as revenue_rub_per_month,
        coalesce({{ ratio('means.revenue_rub_per_month', 'totals.spend_rub_per_month') }}, 0) as revenue_share,
        {{ ratio('means.revenue_rub_per_month', 'means.clients_count') }} as revenue_rub_per_client_per_month,
        means.margin_rub_per_month,
        {%- for metric in metrics %}
        means.{{ metric }},
        {%- endfor %}
        {%- for flag in flags %}
        means.{{ flag }}_share{{ ',' if not loop.last }}
        {%- endfor %}
    from portraits
    cross join totals
    left join means
        on portraits.portrait_code = means.portrait_code
    left join confidence
        on portraits.portrait_code = confidence.portrait_code

)

select * from final
